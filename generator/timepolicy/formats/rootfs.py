"""A tar archive to unpack over an image: owners, modes and times are the same wherever it is made.

It contains the files, their list, and the link that starts the plan at the first boot. It contains no folders, so that
it changes no mode of an image's own.
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format
from timepolicy.plan.files import UNIT_FOLDER
from timepolicy.plan.types import AgentPlan

LIST = "/etc/timepolicy/files"
"""The installed files as `sha256sum` lists them, with `made` for a link: what the node agent checks and removes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A file, or a symbolic link if `target` is not None; `path` is absolute."""

    path: str
    content: bytes = b""
    mode: int = 0o644
    target: str | None = None


def tree(plan: AgentPlan) -> list[Entry]:
    """Return the entries in the order of their paths: the same tree that the script writes with --root."""
    files = [
        Entry(path=file.path, content=file.content.encode(), mode=file.mode)
        for file in (*plan.files, *plan.image_files)
    ]
    wants = f"{UNIT_FOLDER}/multi-user.target.wants/{plan.start_unit}"
    link = Entry(path=wants, target=f"../{plan.start_unit}", mode=0o777)
    lines = [f"{hashlib.sha256(file.content).hexdigest()}  {file.path}\n" for file in files]
    listing = "".join([*lines, f"made  {link.path}\n"])
    return sorted([*files, link, Entry(path=LIST, content=listing.encode())], key=lambda entry: entry.path)


def _write(plans: Sequence[AgentPlan]) -> bytes:
    """Return the archive (POSIX.1-1988 ustar): all files belong to root, and their time is 1970-01-01."""
    import tarfile  # only now: no other format needs it

    (plan,) = plans
    archive = io.BytesIO()
    with tarfile.TarFile(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for entry in tree(plan):
            header = tarfile.TarInfo(entry.path[1:])
            header.mode, header.size, header.mtime = entry.mode, len(entry.content), 0
            header.uname = header.gname = "root"
            if entry.target is not None:
                header.type, header.linkname = tarfile.SYMTYPE, entry.target
            tar.addfile(header, io.BytesIO(entry.content))
    return archive.getvalue()


FORMAT = Format(name="rootfs", extension="tar", plan=AgentPlan, provisioning=Provisioning.CLOUD_INIT, write=_write)
