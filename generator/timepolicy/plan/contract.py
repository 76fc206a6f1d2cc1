"""The contract, which the node agent acts on and proves: /etc/timepolicy/node.json.

schemas/contract.schema.json describes it. It leaves out what has its default, since user-data has little room.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from timepolicy.distros.release import DaemonName
from timepolicy.plan.files import File
from timepolicy.plan.firewall import openings
from timepolicy.policy.model import Gate, Policy, Proof, Step, TimeSource
from timepolicy.policy.role import Role
from timepolicy.tokens import AbsolutePath, Host, Network, Token, UnitName


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentSource:
    """A source that the agent asks. `port` is None for port 123; `count` is how many of its addresses have a vote."""

    host: Host
    port: int | None
    count: int
    in_cluster: bool

    @classmethod
    def of(cls, source: TimeSource) -> Self:
        """Return what the agent needs to know of a policy's source."""
        port = source.options.port if "port" in source.options.explicit else None
        return cls(host=source.host, port=port, count=source.votes, in_cluster=source.in_cluster)

    def to_data(self) -> dict[str, Any]:
        """Return the JSON object of the source."""
        return {
            "host": self.host,
            **({"port": self.port} if self.port is not None else {}),
            **({"own": True} if self.in_cluster else {}),
            **({"count": self.count} if self.count != 1 else {}),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentDaemon:
    """A time daemon that can do what the policy asks.

    `drift_file` is None where a restart cannot poison the clock's frequency. `install` is the shell command that
    installs it.
    """

    name: DaemonName
    unit: UnitName
    drift_file: AbsolutePath | None
    install: str
    use_dhcp_sources: bool

    def to_data(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "name": self.name,
            "unit": self.unit,
            "drift_file": self.drift_file or "",
            "install": self.install,
            **({"dhcp_sources": True} if self.use_dhcp_sources else {}),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Serving:
    """How a server serves time.

    The daemon's configuration includes `file`: the agent writes the other servers to it, each with `options` behind its
    host. `orphan_stratum` is None where no server may keep the time alone; `orphan_options` is what its daemon needs
    besides, and empty where the agent has to see that the upstreams are lost.
    """

    allow: tuple[Network, ...]
    file: AbsolutePath
    options: str
    orphan_stratum: int | None
    orphan_options: str
    has_nts: bool
    opens_firewall: bool

    @classmethod
    def of(cls, policy: Policy, file: AbsolutePath, options: str, orphan_options: str) -> Self:
        """Return how a server of this policy serves time."""
        return cls(
            allow=policy.servers.allow,
            file=file,
            options=options,
            orphan_stratum=policy.servers.orphan_stratum,
            orphan_options=orphan_options if policy.servers.orphan_stratum else "",
            has_nts=policy.servers.nts is not None,
            opens_firewall=bool(openings(policy)),
        )

    def to_data(self) -> dict[str, Any]:
        """Return the JSON object `serving`."""
        return {
            "allow": list(self.allow),
            "file": self.file,
            "options": self.options,
            **({"orphan_stratum": self.orphan_stratum} if self.orphan_stratum else {}),
            **({"orphan_options": self.orphan_options} if self.orphan_options else {}),
            **({"nts": True} if self.has_nts else {}),
            **({"firewall": True} if self.opens_firewall else {}),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    """The contract of one node. `digest` names the planned state: the same for the same state.

    `daemons` has the preferred one first, and none where the policy configures none.
    """

    policy: Token
    release: str
    role: Role
    timezone: Token
    tzdata_package: str
    sources: tuple[AgentSource, ...]
    has_clocks: bool
    min_sources: int
    daemons: tuple[AgentDaemon, ...]
    step: Step
    gate: Gate
    serving: Serving | None
    textfile_dir: AbsolutePath | None
    digest: str = ""

    def with_digest(self, files: Sequence[File]) -> Self:
        """Return the contract with the digest of the state that it and the node's other `files` describe."""
        contract = self.to_data()
        del contract["digest"]
        state = [[file.path, file.mode, file.content] for file in files] + [[contract]]
        return replace(self, digest=hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:16])

    def to_data(self) -> dict[str, Any]:
        """Return the JSON object, in the order of its file; times and offsets in seconds."""
        return {
            "policy": self.policy,
            "release": self.release,
            "role": self.role,
            "timezone": self.timezone,
            "tzdata": self.tzdata_package,
            "sources": [source.to_data() for source in self.sources],
            **({"clocks": True} if self.has_clocks else {}),
            "min_sources": self.min_sources,
            "daemons": [daemon.to_data() for daemon in self.daemons],
            "step": {"threshold": self.step.threshold.seconds, "when": self.step.when},
            "gate": {
                "units": list(self.gate.units),
                "max_offset": self.gate.max_offset.seconds,
                "timeout": self.gate.timeout.seconds,
                **({"start": True} if self.gate.start_on_timeout else {}),
                **({"proof": self.gate.proof} if self.gate.proof is not Proof.KERNEL else {}),
                **({"holdover": self.gate.holdover.seconds} if self.gate.holdover else {}),
            },
            **({"serving": self.serving.to_data()} if self.serving else {}),
            **({"textfile_dir": self.textfile_dir} if self.textfile_dir else {}),
            "digest": self.digest,
        }
