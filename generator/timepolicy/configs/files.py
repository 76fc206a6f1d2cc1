"""Finding a daemon's files: what kind one is, what it brings in, and its text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from timepolicy.source import Source


class Kind(StrEnum):
    """What a file is, by the daemon that reads it."""

    CHRONY = "chrony"
    CHRONY_SOURCES = "chrony's sources"
    TIMESYNCD = "systemd-timesyncd"
    NTPD = "ntpd"


LARGEST_TEXT = 1 << 20
"""Characters of a file; no more are read of one that the command line names."""

NAMES: dict[str, Kind] = {
    "*.sources": Kind.CHRONY_SOURCES,
    "*/timesyncd.conf": Kind.TIMESYNCD,
    "*/timesyncd.conf.d/*": Kind.TIMESYNCD,
    "*/ntp.conf": Kind.NTPD,
    "*chrony*": Kind.CHRONY,
}
"""Patterns over paths that begin with /; the first that matches says the kind."""

WORDS: dict[str, Kind] = {
    r"\[Time\]": Kind.TIMESYNCD,
    r"(restrict|tinker|disable|enable|statsdir|statistics|includefile|fudge)\b": Kind.NTPD,
    r"(server|pool|peer|driftfile|allow|makestep|rtcsync|confdir|local)\b": Kind.CHRONY,
}
"""Patterns that begin a line in a file of that kind; the first that is found says the kind."""


def kind_of(source: Source) -> Kind | None:
    """Return the kind of a file, by its name or else by its text."""
    path = "/" + source.name.replace("\\", "/").lower()
    named = next((kind for pattern, kind in NAMES.items() if fnmatchcase(path, pattern)), None)
    if named is not None:
        return named
    flags = re.MULTILINE | re.IGNORECASE
    found = (kind for word, kind in WORDS.items() if re.search(rf"^[ \t]*{word}", source.text, flags))
    return next(found, None)


def text_of(name: str, data: bytes) -> Source:
    """Return a file's text. Daemons read bytes: a comment in another encoding is no fault of theirs."""
    return Source(name=name, text=data.decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Tree:
    """A node's files as they stand below `root`; without a root, none can be looked at."""

    root: Path | None

    def matching(self, pattern: str) -> list[Path]:
        """Return the files that an absolute shell pattern matches, in the order of their names."""
        assert self.root is not None, "a tree without a root is not searched"
        relative = PurePosixPath(pattern).relative_to("/")
        return sorted(path for path in self._matching(self.root, relative.parts) if path.is_file())

    def has_directory(self, path: str) -> bool:
        """Return whether there is a directory of that absolute path."""
        assert self.root is not None, "a tree without a root is not searched"
        return (self.root / path.lstrip("/")).is_dir()

    def read(self, path: Path) -> Source:
        """Return the text of a file; raise OSError."""
        return text_of(str(path), path.read_bytes())

    def _matching(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
        if not parts:
            yield folder
        elif parts[0] != ".." and folder.is_dir():
            for path in folder.iterdir():
                is_hidden = path.name.startswith(".") and not parts[0].startswith(".")
                if fnmatchcase(path.name, parts[0]) and not is_hidden:
                    yield from self._matching(path, parts[1:])
