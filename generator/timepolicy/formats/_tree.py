"""A plan as a tree for an image: the files, their list, and the link that starts the plan at the first boot."""

import hashlib
from dataclasses import dataclass

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
