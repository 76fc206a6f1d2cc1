"""A plan as the tree that it makes of an image: the files, their list, and the link that starts all at first boot."""

import hashlib
from dataclasses import dataclass

from timepolicy.plan.files import UNIT_FOLDER
from timepolicy.plan.types import AgentPlan

LIST = "/etc/timepolicy/files"
"""Our files as `sha256sum` lists them, and `made` for a link: what the node agent checks and can remove."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A file, or where `target` is not None a symbolic link; `path` is absolute."""

    path: str
    content: bytes = b""
    mode: int = 0o644
    target: str | None = None


def tree(plan: AgentPlan) -> list[Entry]:
    """Return what an image gets, in the order of the paths: the same that the script lays with --root."""
    files = [
        Entry(path=file.path, content=file.content.encode(), mode=file.mode)
        for file in (*plan.files, *plan.image_files)
    ]
    wanted = Entry(
        path=f"{UNIT_FOLDER}/multi-user.target.wants/{plan.start_unit}", target=f"../{plan.start_unit}", mode=0o777
    )
    listed = [f"{hashlib.sha256(file.content).hexdigest()}  {file.path}\n" for file in files]
    listing = "".join([*listed, f"made  {wanted.path}\n"])
    return sorted([*files, wanted, Entry(path=LIST, content=listing.encode())], key=lambda entry: entry.path)
