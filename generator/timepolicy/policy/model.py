"""The policy as typed values, for one kind of node: overrides are merged, defaults are in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from timepolicy.policy.keys import Keys
from timepolicy.policy.options import SourceOptions
from timepolicy.policy.role import Role
from timepolicy.source import START, Place
from timepolicy.tokens import AbsolutePath, Duration, Host, Network, Token, UnitName


class When(StrEnum):
    """When a wrong clock is stepped."""

    BOOT = "boot"
    PAUSE = "pause"
    ALWAYS = "always"
    NEVER = "never"


class Backend(StrEnum):
    """Which firewall of a node is opened: one by name, whichever is active there, or none."""

    AUTO = "auto"
    FIREWALLD = "firewalld"
    NFTABLES = "nftables"
    IPTABLES = "iptables"
    UFW = "ufw"
    NONE = "none"


Origin = Place


TEXT = Origin(path="", span=START)
"""The place of a finding about the whole policy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeSource:
    """A server or a pool. `preset` is the name of the preset that it comes from, None for the policy's own."""

    host: Host
    is_pool: bool
    in_cluster: bool
    options: SourceOptions
    origin: Origin
    preset: str | None = None

    @property
    def is_authenticated(self) -> bool:
        """Whether its packets prove where they come from."""
        return self.options.nts or self.options.key is not None

    @property
    def votes(self) -> int:
        """How many addresses of this source count."""
        if self.options.noselect:
            return 0
        return self.options.max_sources if self.is_pool else 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """A hardware clock, which chronyd reads. `options` names what the policy sets beside it, all of it unsupported."""

    device: AbsolutePath
    options: frozenset[str]
    origin: Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class NtsService:
    """What servers prove themselves with to clients that ask with NTS: files in PEM, on each server."""

    certificate: AbsolutePath
    key: AbsolutePath


@dataclass(frozen=True, kw_only=True, slots=True)
class Servers:
    """The nodes that serve time. `allow` is whom they answer; `orphan_stratum` is None where they need an upstream.

    `nts` is None where they serve no NTS.
    """

    addresses: tuple[TimeSource, ...]
    allow: tuple[Network, ...]
    orphan_stratum: int | None
    nts: NtsService | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Authentication:
    """What sources are authenticated with: files on the node. `keys` is what to lay into keys_file, if it is given.

    `is_required`: nothing unauthenticated moves the clock. `checks_dates_at_once`: certificates have to be valid by a
    clock that nobody has set yet.
    """

    keys_file: AbsolutePath | None
    trusted_certificates: AbsolutePath | None
    checks_dates_at_once: bool
    is_required: bool
    keys: Keys | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Clients:
    """How nodes that only take time keep it. `daemon` is None for auto."""

    daemon: str | None
    fallback: tuple[TimeSource, ...]
    fallback_clocks: tuple[Clock, ...]
    use_dhcp_sources: bool
    min_sources: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """When a wrong clock is set at once."""

    threshold: Duration
    when: When


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """What may not start on a wrong clock."""

    units: tuple[UnitName, ...]
    max_offset: Duration
    timeout: Duration
    start_on_timeout: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Firewall:
    """What is opened; `egress`: outbound packets too, to the sources."""

    backend: Backend
    egress: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """The whole policy, for one role; `origins` has the place of everything that the text states, by dotted path."""

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
    textfile_dir: AbsolutePath | None
    origins: Mapping[str, Origin]

    def states(self, path: str) -> bool:
        """Whether the text says something at `path`, so that it is no default."""
        return path in self.origins

    def origin(self, path: str) -> Origin:
        """Return the place of `path`, or of the nearest thing above it that the text states."""
        while path and path not in self.origins:
            path = path.rpartition(".")[0]
        return self.origins.get(path, TEXT)

    @property
    def client_sources(self) -> tuple[TimeSource, ...]:
        """What a client asks: the cluster's servers and then the fallback, or else the upstreams."""
        return self.servers.addresses + self.clients.fallback if self.servers.addresses else self.upstreams

    @property
    def sources(self) -> tuple[TimeSource, ...]:
        """What a node of this role asks. A server's own address is among them: only the node knows which one it is."""
        return self.upstreams + self.servers.addresses if self.role is Role.SERVER else self.client_sources

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """The hardware clocks that a node of this role reads."""
        asks_upstreams = self.role is Role.SERVER or not self.servers.addresses
        return self.upstream_clocks if asks_upstreams else self.clients.fallback_clocks

    @property
    def min_sources(self) -> int:
        """How many sources must agree. A server follows even one: without upstreams there is one orphan to follow."""
        return 1 if self.role is Role.SERVER else self.clients.min_sources

    @property
    def keys_used(self) -> frozenset[int]:
        """The identifiers of the keys that a node of this role authenticates with."""
        return frozenset(source.options.key for source in self.sources if source.options.key is not None)

    @property
    def use_dhcp_sources(self) -> bool:
        """Whether DHCP's servers count; never for those that the cluster takes its time from."""
        return self.role is Role.CLIENT and self.clients.use_dhcp_sources
