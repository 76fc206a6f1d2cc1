"""The plan of a node: all that an emitter sees."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from timepolicy.distros.release import Provisioning
from timepolicy.tokens import AbsolutePath, Duration, Token, UnitName

UNIT_FOLDER = AbsolutePath("/etc/systemd/system")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file on the node. `packed` is its content but for the first line, in gzip: what nobody reads in a document."""

    path: AbsolutePath
    content: str
    mode: int = 0o644
    packed: bytes | None = None

    @property
    def is_secret(self) -> bool:
        """Whether nobody but root may read it."""
        return not self.mode & 0o077


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """Packets that may pass: `IN` from `network`, or `OUT` to it; None is anywhere. One address has no prefix."""

    way: Token
    protocol: Token
    port: int
    network: Token | None

    @property
    def family(self) -> Token:
        """The family of addresses as nft calls it: ip, ip6, or any."""
        return Token("any" if self.network is None else "ip6" if ":" in self.network else "ip")

    def to_data(self) -> dict[str, Any]:
        """Return the opening as JSON-like data."""
        return {"way": self.way, "protocol": self.protocol, "port": self.port, "network": self.network or "anywhere"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Time as a system without units takes it: whom to ask, and how long its boot waits; None is for ever."""

    hosts: tuple[str, ...]
    boot_timeout: Duration | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NodePlan:
    """Everything that a node of one release and role needs. `contract` is what the node agent acts on and proves.

    `start_unit` starts all; it is None, and the contract empty, where the node has no agent. There the plan has no more
    than `files`, `links` (a symbolic link's path and target) and units to `enable` and to `mask`, or `settings` of the
    system's own kind. `install` is the shell command that brings `packages`. `system` is os-release's ID and VERSION_ID
    with a hyphen between, as a shell pattern. `openings` are what the node's firewall lets through. `image_files` are
    files besides, for what images are made of: nodes that boot need none of them, and user-data has no room to waste.
    """

    policy: str
    release: str
    role: str
    daemon: str
    files: tuple[File, ...]
    image_files: tuple[File, ...] = ()
    packages: tuple[str, ...]
    provisioning: Provisioning = Provisioning.CLOUD_INIT
    system: str = ""
    install: str | None = None
    start_unit: UnitName | None
    contract: dict[str, Any]
    links: tuple[tuple[AbsolutePath, str], ...] = ()
    enable: tuple[UnitName, ...] = ()
    mask: tuple[UnitName, ...] = ()
    settings: Settings | None = None
    openings: tuple[Opening, ...] = ()

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
            **({"openings": [opening.to_data() for opening in self.openings]} if self.openings else {}),
            "files": [_file_data(file) for file in self.files],
            **({"image_files": [file.path for file in self.image_files]} if self.image_files else {}),
            **self._without_agent(),
        }

    def _without_agent(self) -> dict[str, Any]:
        """What only a plan without the agent has."""
        if self.settings is not None:
            timeout = self.settings.boot_timeout
            return {"settings": {"hosts": list(self.settings.hosts), "boot_timeout": timeout and timeout.seconds}}
        stated = {"links": dict(self.links), "enable": list(self.enable), "mask": list(self.mask)}
        return stated if self.start_unit is None else {}


def _file_data(file: File) -> dict[str, Any]:
    content = (
        {"sha256": hashlib.sha256(file.content.encode()).hexdigest()} if file.packed else {"content": file.content}
    )
    return {"path": file.path, "mode": f"{file.mode:04o}", **content}


def digest(files: tuple[File, ...], contract: dict[str, Any]) -> str:
    """Name the state that files and contract describe: the same for the same state, in 16 hexadecimal digits."""
    state = [[file.path, file.mode, file.content] for file in files] + [[contract]]
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:16]
