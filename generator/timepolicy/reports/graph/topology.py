"""What the picture shows: groups of nodes and sources, and between them who gives time to whom. Pure data."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from timepolicy.policy.model import Backend, Policy, TimeSource
from timepolicy.policy.role import Role

MOST_RELEASES, RELEASES_IN_A_ROW = 9, 3
"""How many releases a group names; beyond that it counts them."""

MOST_SOURCES, MOST_UNITS = 8, 2

FIREWALLS = {Backend.AUTO: "opened where one is active", Backend.NONE: "left alone"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A box: its title, the sources or nodes in it, and what else is to be said. Columns count from the outside in."""

    title: str
    members: tuple[str, ...]
    notes: tuple[str, ...]
    column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """Time goes from one group to another, by their places in the topology; where it is spare, when others fail."""

    source: int
    target: int
    label: str
    is_spare: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Topology:
    """All groups, and the edges between them."""

    name: str
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One kind of node: a release in a role, with what the policy says for it and the daemon that it gets."""

    release: str
    policy: Policy
    daemon: str


def topology_of(name: str, nodes: Iterable[Node]) -> Topology:
    """Return the topology of all kinds of nodes; those that get the same are one group."""
    drawing = _Drawing()
    for kind in _alike(nodes):
        drawing.add(kind)
    return Topology(name=name, groups=tuple(drawing.groups), edges=tuple(dict.fromkeys(drawing.edges)))


def _alike(nodes: Iterable[Node]) -> Iterator[list[Node]]:
    """Nodes of the same role, daemon, sources, and clients or gate; servers first, since clients point at them."""
    kinds: dict[tuple[object, ...], list[Node]] = {}
    for node in sorted(nodes, key=lambda node: node.policy.role is Role.CLIENT):
        policy = node.policy
        hosts = (_labels(policy.upstreams), _labels(policy.servers.addresses), _labels(policy.clients.fallback))
        own = policy.servers.allow if policy.role is Role.SERVER else policy.gate.units
        key = (policy.role, node.daemon, hosts, own)
        kinds.setdefault(key, []).append(node)
    yield from kinds.values()


class _Drawing:
    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.edges: list[Edge] = []

    def add(self, kind: list[Node]) -> None:
        """Draw nodes that are alike, and whatever they ask."""
        if kind[0].policy.role is Role.SERVER:
            self._add_servers(kind)
        else:
            self._add_clients(kind)

    def _add_servers(self, kind: list[Node]) -> None:
        policy = kind[0].policy
        servers = self._place(_servers(policy, kind))
        if policy.upstreams:
            self._join(self._place(_upstreams(policy.upstreams)), servers, policy.upstreams)

    def _add_clients(self, kind: list[Node]) -> None:
        policy = kind[0].policy
        clients = self._place(_clients(policy, kind))
        if not policy.servers.addresses:
            self._join(self._place(_upstreams(policy.upstreams)), clients, policy.upstreams)
            return
        self._join(self._servers_of(policy), clients, policy.servers.addresses)
        if policy.clients.fallback:
            fallback = self._place(_upstreams(policy.clients.fallback, "fallback"))
            self._join(fallback, clients, policy.clients.fallback, is_spare=True)

    def _servers_of(self, policy: Policy) -> int:
        """The servers that are drawn already, or those that somebody else keeps."""
        members = _labels(policy.servers.addresses)
        for place, group in enumerate(self.groups):
            if group.column == 1 and group.members == members:
                return place
        return self._place(Group(title="servers", members=members, notes=("not made by this policy",), column=1))

    def _place(self, group: Group) -> int:
        """Return the group's place; sources that are drawn already are not drawn again."""
        for place, drawn in enumerate(self.groups):
            if drawn == group or (not group.column and not drawn.column and drawn.members == group.members):
                return place
        self.groups.append(group)
        return len(self.groups) - 1

    def _join(self, source: int, target: int, sources: Iterable[TimeSource], *, is_spare: bool = False) -> None:
        label = _packets(sources) + (", fallback" if is_spare else "")
        self.edges.append(Edge(source=source, target=target, label=label, is_spare=is_spare))


def _upstreams(sources: tuple[TimeSource, ...], title: str = "upstreams") -> Group:
    return Group(title=title, members=_labels(sources), notes=(), column=0)


def _servers(policy: Policy, kind: list[Node]) -> Group:
    servers = policy.servers
    notes = [f"chrony on {row}" for row in _releases(kind)] + _clocks(policy)
    notes += [f"answer {network}" for network in servers.allow] + ["and nobody else"]
    notes += [f"firewall: {FIREWALLS.get(policy.firewall.backend, policy.firewall.backend)}"]
    if servers.orphan_stratum:
        notes.append(f"alone: one time, stratum {servers.orphan_stratum}")
    return Group(title="servers", members=_labels(servers.addresses), notes=tuple(notes), column=1)


def _clients(policy: Policy, kind: list[Node]) -> Group:
    return Group(
        title="clients", members=_releases(kind), notes=(kind[0].daemon, *_clocks(policy), *_gate(policy)), column=2
    )


def _clocks(policy: Policy) -> list[str]:
    return [f"hardware clock {clock.device}" for clock in policy.clocks]


def _gate(policy: Policy) -> list[str]:
    units = policy.gate.units
    more = len(units) - MOST_UNITS
    return [f"{unit} waits" for unit in units[:MOST_UNITS]] + ([f"and {more} more"] if more > 0 else [])


def _labels(sources: tuple[TimeSource, ...]) -> tuple[str, ...]:
    named = tuple(f"pool {source.host}" if source.is_pool else str(source.host) for source in sources)
    more = len(named) - MOST_SOURCES
    return (*named[:MOST_SOURCES], f"and {more} more") if more > 0 else named


def _releases(kind: list[Node]) -> tuple[str, ...]:
    keys = [node.release for node in kind]
    if len(keys) > MOST_RELEASES:
        return (f"{len(keys)} releases",)
    rows = range(0, len(keys), RELEASES_IN_A_ROW)
    return tuple(", ".join(keys[start : start + RELEASES_IN_A_ROW]) for start in rows)


def _packets(sources: Iterable[TimeSource]) -> str:
    """What a firewall between them has to let through."""
    udp = ", ".join(map(str, sorted({source.options.port for source in sources})))
    tcp = ", ".join(map(str, sorted({source.options.nts_port for source in sources if source.options.nts})))
    return f"UDP {udp}" + (f", TCP {tcp}" if tcp else "")
