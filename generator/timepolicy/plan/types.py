"""The plan of a node: all that a format reads. There are three kinds, by what the target can run.

AgentPlan    files, units and the node agent, which proves the clock
UnitPlan     files and units; the gate opens when the daemon reports the right time
SettingsPlan settings of the system, and no files
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from timepolicy.distros.release import DaemonName, Provisioning
from timepolicy.plan.contract import Contract
from timepolicy.plan.files import File
from timepolicy.plan.firewall import Opening
from timepolicy.policy.model import EXTRA_KEYS, Extra
from timepolicy.policy.role import Role
from timepolicy.tokens import AbsolutePath, Duration, UnitName


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan(ABC):
    """What every plan says of its node: the policy's name, the target's key, and what provisions the node.

    `extra` are lines of the policy that its daemons' configurations have besides those that the policy decides.
    """

    policy: str
    release: str
    role: Role
    daemon: str
    provisioning: Provisioning
    extra: Extra = field(default_factory=dict)

    @property
    def possible_daemons(self) -> str:
        """Its daemon in words: more than one where the node uses the one that it has."""
        return self.daemon

    @abstractmethod
    def to_data(self) -> dict[str, Any]:
        """Return the plan as JSON-like data, in a stable order; every kind of plan has the first eight keys."""

    def _head(self, packages: tuple[str, ...], start_unit: UnitName | None, contract: dict[str, Any]) -> dict[str, Any]:
        extra = {EXTRA_KEYS[daemon]: list(lines) for daemon, lines in self.extra.items()}
        return {
            "policy": self.policy,
            "release": self.release,
            "role": self.role,
            "daemon": self.daemon,
            "packages": list(packages),
            "start_unit": start_unit,
            "contract": contract,
            **({"extra": extra} if extra else {}),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentPlan(_Plan):
    """The plan of a node that runs the node agent, which acts on `contract` and proves it.

    `start_unit` starts everything. `python_package` has the agent's Python, None where the release comes with it.
    `install` is the shell command that installs `packages`, None without packages. `system` is os-release's ID and
    VERSION_ID with a hyphen between, as a shell pattern. `openings` are the packets that the node's firewall lets
    through. `image_files` are further files for images only: user-data has no room for what a node does not need at
    boot.
    """

    daemon: DaemonName
    files: tuple[File, ...]
    image_files: tuple[File, ...]
    packages: tuple[str, ...]
    python_package: str | None
    install: str | None
    system: str
    start_unit: UnitName
    contract: Contract
    openings: tuple[Opening, ...]

    @property
    def possible_daemons(self) -> str:
        """The daemons that can do what the policy asks, the preferred one first."""
        return " or ".join(daemon.name for daemon in self.contract.daemons) or self.daemon

    def to_data(self) -> dict[str, Any]:
        """Return the plan as JSON-like data."""
        return {
            **self._head(self.packages, self.start_unit, self.contract.to_data()),
            **({"openings": [opening.to_data() for opening in self.openings]} if self.openings else {}),
            "files": [file.to_data() for file in self.files],
            "image_files": [file.path for file in self.image_files],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitPlan(_Plan):
    """The plan of a node with systemd and without the agent.

    `links` are symbolic links, each a path and its target; `enable` and `mask` are units.
    """

    daemon: DaemonName
    files: tuple[File, ...]
    links: tuple[tuple[AbsolutePath, str], ...]
    enable: tuple[UnitName, ...]
    mask: tuple[UnitName, ...]

    @property
    def packages(self) -> tuple[str, ...]:
        """No packages: an immutable image has its daemon."""
        return ()

    def to_data(self) -> dict[str, Any]:
        """Return the plan as JSON-like data."""
        return {
            **self._head((), None, {}),
            "files": [file.to_data() for file in self.files],
            "links": dict(self.links),
            "enable": list(self.enable),
            "mask": list(self.mask),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingsPlan(_Plan):
    """The plan of a system that takes settings only.

    `hosts` are the servers to ask. `boot_timeout` is how long the boot waits for the time; None is without a limit.
    """

    hosts: tuple[str, ...]
    boot_timeout: Duration | None

    @property
    def packages(self) -> tuple[str, ...]:
        """No packages: the system has its own client."""
        return ()

    @property
    def files(self) -> tuple[File, ...]:
        """No files: the system writes them itself."""
        return ()

    def to_data(self) -> dict[str, Any]:
        """Return the plan as JSON-like data."""
        timeout = self.boot_timeout.seconds if self.boot_timeout is not None else None
        settings = {"hosts": list(self.hosts), "boot_timeout": timeout}
        return {**self._head((), None, {}), "files": [], "settings": settings}


NodePlan = AgentPlan | UnitPlan | SettingsPlan
