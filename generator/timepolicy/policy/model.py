"""A policy as typed values for one kind of node: overrides are merged, and defaults are filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from timepolicy.distros.release import DaemonName
from timepolicy.policy.keys import Keys
from timepolicy.policy.options import SourceOptions
from timepolicy.policy.role import Role
from timepolicy.source import START, Place
from timepolicy.tokens import AbsolutePath, DirectiveLine, Duration, Host, Network, Token, UnitName


class Proof(StrEnum):
    """What proves a clock besides the sources: the kernel's flag, or only that the right daemon runs."""

    KERNEL = "kernel"
    SOURCES = "sources"


class When(StrEnum):
    """When a wrong clock is stepped: until the gate opens, there and after a pause of the machine, always, or never."""

    BOOT = "boot"
    PAUSE = "pause"
    ALWAYS = "always"
    NEVER = "never"


class Backend(StrEnum):
    """Which firewall of a node is opened: one by name, whichever is active (auto), or none."""

    AUTO = "auto"
    FIREWALLD = "firewalld"
    NFTABLES = "nftables"
    IPTABLES = "iptables"
    UFW = "ufw"
    NONE = "none"


WHOLE_POLICY = Place(path="", span=START)
"""The place of a finding about no key of the policy in particular."""


EXTRA_KEYS = {DaemonName.CHRONY: "chrony", DaemonName.TIMESYNCD: "timesyncd"}
"""The daemons for which `extra` has lines, and their keys in it."""

Extra = Mapping[DaemonName, tuple[DirectiveLine, ...]]
"""Lines that a daemon's configuration has besides those that the policy decides; only daemons with lines are there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeSource:
    """A server or a pool. `in_cluster` is whether it is one of the cluster's own servers.

    `preset` is the name of the preset that it comes from, None where the policy names the host.
    """

    host: Host
    is_pool: bool
    in_cluster: bool
    options: SourceOptions
    origin: Place
    preset: str | None = None

    @property
    def is_authenticated(self) -> bool:
        """Whether NTS or a key proves where its packets come from."""
        return self.options.nts or self.options.key is not None

    @property
    def votes(self) -> int:
        """How many addresses of this source count in a vote."""
        return self.options.votes(is_pool=self.is_pool)


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """A hardware clock, which chronyd reads. `options` are names of a server's options that the policy sets for it."""

    device: AbsolutePath
    options: frozenset[str]
    origin: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class NtsService:
    """With what servers authenticate themselves to NTS clients: two PEM files on each server."""

    certificate: AbsolutePath
    key: AbsolutePath


@dataclass(frozen=True, kw_only=True, slots=True)
class Servers:
    """The nodes that serve time, to the networks in `allow`.

    `orphan_stratum` is None where they need an upstream, `nts` where they do not serve NTS.
    """

    addresses: tuple[TimeSource, ...]
    allow: tuple[Network, ...]
    orphan_stratum: int | None
    nts: NtsService | None
    extra: Extra


@dataclass(frozen=True, kw_only=True, slots=True)
class Authentication:
    """What sources are authenticated with: files on the node. `keys` are written to keys_file if they are not None.

    `is_required` is whether only authenticated packets may move the clock. `checks_dates_at_once` is whether
    certificates must be valid by the clock as it is before its first correction.
    """

    keys_file: AbsolutePath | None
    trusted_certificates: AbsolutePath | None
    checks_dates_at_once: bool
    is_required: bool
    keys: Keys | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Clients:
    """How the nodes that do not serve time keep it.

    `daemon` is None for auto; `min_sources` is how many must agree; `listens` is whether chronyd may open a port.
    """

    daemon: DaemonName | None
    fallback: tuple[TimeSource, ...]
    fallback_clocks: tuple[Clock, ...]
    use_dhcp_sources: bool
    extra: Extra
    listens: bool
    min_sources: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """When a wrong clock is stepped: from which offset on, and in which situations."""

    threshold: Duration
    when: When


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """Which services wait until the clock is within `max_offset`; after `timeout` they start if `start_on_timeout`.

    Without any source they start if the hardware clock bounds the error below `holdover`; None is never.
    """

    units: tuple[UnitName, ...]
    max_offset: Duration
    timeout: Duration
    start_on_timeout: bool
    proof: Proof
    holdover: Duration | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Firewall:
    """Which firewall is opened. `egress` is whether it is also opened for outbound packets to the sources."""

    backend: Backend
    egress: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Monitoring:
    """Where nodes publish metrics, None for nowhere, and at which distance from the cluster's median to alert.

    `has_doctor` is whether nodes get `timepolicy-node doctor`.
    """

    textfile_dir: AbsolutePath | None
    has_doctor: bool
    warn_offset: Duration
    critical_offset: Duration


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A policy for one role. `origins` has the place of everything that the text sets, by dotted path."""

    role: Role
    name: Token
    timezone: Token
    upstreams: tuple[TimeSource, ...]
    upstream_clocks: tuple[Clock, ...]
    servers: Servers
    clients: Clients
    step: Step
    gate: Gate
    authentication: Authentication
    firewall: Firewall
    monitoring: Monitoring
    origins: Mapping[str, Place]

    def is_set(self, path: str) -> bool:
        """Whether the text sets `path`, so that its value is not a default."""
        return path in self.origins

    def origin(self, path: str) -> Place:
        """Return the place of `path`, or of the nearest key above it that the text sets; WHOLE_POLICY without any."""
        while path and path not in self.origins:
            path = path.rpartition(".")[0]
        return self.origins[path] if path else WHOLE_POLICY

    @property
    def sources(self) -> tuple[TimeSource, ...]:
        """The sources that a node of this role asks.

        A client asks the cluster's servers and the fallback or, without such servers, the upstreams. A server's own
        address is included: only the node knows which one it is.
        """
        if self.role is Role.SERVER:
            return self.upstreams + self.servers.addresses
        return self.servers.addresses + self.clients.fallback if self.servers.addresses else self.upstreams

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """The hardware clocks that a node of this role reads."""
        asks_upstreams = self.role is Role.SERVER or not self.servers.addresses
        return self.upstream_clocks if asks_upstreams else self.clients.fallback_clocks

    @property
    def min_sources(self) -> int:
        """How many sources must agree. A server follows one: without upstreams, there is one orphan to follow."""
        return 1 if self.role is Role.SERVER else self.clients.min_sources

    @property
    def keys_used(self) -> frozenset[int]:
        """The identifiers of the keys that a node of this role authenticates with."""
        return frozenset(source.options.key for source in self.sources if source.options.key is not None)

    @property
    def extra(self) -> Extra:
        """The lines that a node of this role has in its daemon's configuration besides ours."""
        return self.servers.extra if self.role is Role.SERVER else self.clients.extra

    def extra_path(self, daemon: DaemonName) -> str:
        """Return the path of the daemon's lines for a node of this role."""
        return f"{'servers' if self.role is Role.SERVER else 'clients'}.extra.{EXTRA_KEYS[daemon]}"

    @property
    def use_dhcp_sources(self) -> bool:
        """Whether servers from DHCP are used too; never on the cluster's servers."""
        return self.role is Role.CLIENT and self.clients.use_dhcp_sources

    @property
    def listens(self) -> bool:
        """Whether the node's daemon may open a port. A server must."""
        return self.role is Role.SERVER or self.clients.listens
