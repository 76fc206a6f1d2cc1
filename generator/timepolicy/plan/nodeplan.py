"""The plan of a node: all that an emitter sees."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from timepolicy.policy.model import Origin
from timepolicy.text.tokens import AbsolutePath, UnitName

UNIT_FOLDER = AbsolutePath("/etc/systemd/system")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file on the node. `packed` is its content but for the first line, in gzip: what nobody reads in a document."""

    path: AbsolutePath
    content: str
    mode: int = 0o644
    origins: tuple[Origin, ...]
    packed: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NodePlan:
    """Everything that a node of one release and role needs. `contract` is what the node agent acts on and proves."""

    policy: str
    release: str
    role: str
    daemon: str
    files: tuple[File, ...]
    packages: tuple[str, ...]
    start_unit: UnitName
    contract: dict[str, Any]

    def to_data(self) -> dict[str, Any]:
        """Return the plan as JSON-like data, in a stable order."""
        return {
            "policy": self.policy,
            "release": self.release,
            "role": self.role,
            "daemon": self.daemon,
            "packages": list(self.packages),
            "start_unit": self.start_unit,
            "contract": self.contract,
            "files": [_file_data(file) for file in self.files],
        }


def _file_data(file: File) -> dict[str, Any]:
    content = (
        {"sha256": hashlib.sha256(file.content.encode()).hexdigest()} if file.packed else {"content": file.content}
    )
    origins = [{"path": origin.path, "line": origin.span.line} for origin in file.origins]
    return {"path": file.path, "mode": f"{file.mode:04o}", "origins": origins, **content}


def digest(files: tuple[File, ...], contract: dict[str, Any]) -> str:
    """Name the state that files and contract describe: the same for the same state, in 16 hexadecimal digits."""
    state = [[file.path, file.mode, file.content] for file in files] + [[contract]]
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:16]
