"""The files of timepolicy on this node."""

import hashlib
import os
from collections.abc import Iterable
from typing import Any

from timepolicy.agent.system import log, read, run, write

COPIES = "/etc/timepolicy/kept/"  # copies of configuration files, named by their digests
SAVED = ".before-timepolicy"  # the suffix of a file that the distribution or an administrator had in the place of ours


class FileList:
    """/etc/timepolicy/files, which the script that installs a policy and the agent both write.

    A line for each file: as sha256sum(1) prints it, or `made  PATH` for what the agent created and no policy contains.
    Beside it are `files.old`, with the files of earlier policies, and `files.applied`, with the digests of all policies
    that this node has had, the last one last.
    """

    def __init__(self, path: str = "/etc/timepolicy/files") -> None:
        self.path, self.old, self.applied = path, path + ".old", path + ".applied"

    def digests(self, path: str | None = None) -> dict[str, str]:
        """{path: digest} of this list, or of the one at `path`."""
        rows = [line.split(None, 1) for line in read(path or self.path).splitlines()]
        return {row[1]: row[0] for row in rows if len(row) == 2 and row[1].startswith("/")}

    def create(self, path: str, *content: Any) -> None:
        """Write a file that no policy contains, as write() does, and list it; what stood there before is saved."""
        if path not in self.digests():
            if os.path.isfile(path) and not os.path.islink(path) and not self.has_saved(path):
                run("ln", path, path + SAVED)
            write(self.path, read(self.path) + "made  %s\n" % path)
        write(path, *content)

    def has_saved(self, path: str) -> bool:
        """Whether there was a file before ours, to which restore() goes back."""
        return os.path.lexists(path + SAVED)

    def restore(self, paths: Iterable[str]) -> None:
        """Remove files, and put back what was there before them."""
        for path in paths:
            try:
                if self.has_saved(path):
                    os.rename(path + SAVED, path)
                elif os.path.lexists(path):
                    os.unlink(path)
            except OSError as error:
                log("cannot restore %s: %s" % (path, error.strerror))

    def remove_old(self) -> bool:
        """Remove what only earlier policies contain; True if there was something."""
        old = set(self.digests(self.old)) - set(self.digests())
        if old:
            os.unlink(self.old)  # first: to restore a file a second time would delete it
            self.restore(old)
        return bool(old)

    def changed(self) -> list[str]:
        """The files that somebody has changed or removed. What the agent created may change."""
        paths = []
        for path, digest in self.digests().items():
            try:
                with open(path, "rb") as file:
                    same = hashlib.sha256(file.read()).hexdigest() == digest or digest == "made"
            except OSError:
                # the mask of a unit is a link to /dev/null, other links may lead nowhere
                same = digest == "made" and os.path.islink(path)
            paths += [] if same else [path]
        return paths

    def keep(self) -> None:
        """Copy the configuration files that are as they were installed."""
        changed = self.changed()
        for path, digest in self.digests().items():
            if path.endswith(".conf") and digest != "made" and path not in changed:
                self.create(COPIES + digest, read(path))

    def put_back(self) -> list[str]:
        """Write the configuration files that somebody has changed as they were installed; return their paths."""
        digests = self.digests()
        paths = [path for path in self.changed() if os.path.exists(COPIES + digests[path])]
        for path in paths:
            log("%s was changed by somebody else: putting it back" % path)
            write(path, read(COPIES + digests[path]))
        return paths
