"""The files of a node."""

import hashlib
from dataclasses import dataclass
from typing import Any

from timepolicy.agent import interface
from timepolicy.tokens import AbsolutePath

UNIT_FOLDER = AbsolutePath(interface.UNIT_FOLDER)


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file on the node. `packed` is its content without the first line, in gzip, for what nobody reads in a document.

    `mode` are the permission bits; the owner is root.
    """

    path: AbsolutePath
    content: str
    mode: int = 0o644
    packed: bytes | None = None

    @property
    def is_secret(self) -> bool:
        """Whether only root may read it."""
        return not self.mode & 0o077

    def to_data(self) -> dict[str, Any]:
        """Return the file as JSON-like data; of packed content, the digest only."""
        digest = {"sha256": hashlib.sha256(self.content.encode()).hexdigest()}
        content = digest if self.packed else {"content": self.content}
        return {"path": self.path, "mode": f"{self.mode:04o}", **content}
