"""The files of a node, and the names by which they refer to each other."""

import hashlib
from dataclasses import dataclass
from typing import Any

from timepolicy.agent import interface
from timepolicy.tokens import AbsolutePath, UnitName

UNIT_FOLDER = AbsolutePath(interface.UNIT_FOLDER)
CONTRACT = AbsolutePath(interface.CONTRACT)
AGENT_COMMAND = AbsolutePath("/usr/local/sbin/timepolicy-node")
DOCTOR_COMMAND = AbsolutePath("/usr/local/sbin/timepolicy-doctor")
SEAL_COMMAND = AbsolutePath(interface.SEAL_COMMAND)
APPLY_UNIT = UnitName(interface.APPLY_UNIT)
GATE_UNIT = UnitName(interface.GATE_UNIT)


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file on the node, owned by root; `mode` has its permission bits.

    `packed` is the content without the first line, in gzip, for programs that would only lengthen a document.
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
