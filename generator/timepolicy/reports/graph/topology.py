"""What the drawing shows, as data: groups of nodes and sources, and which group gives time to which."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from timepolicy.compiler import NodeKind
from timepolicy.policy.model import Backend, TimeSource
from timepolicy.policy.role import Role

MOST_RELEASES, RELEASES_IN_A_ROW = 9, 3
"""How many releases a group names; more are counted."""

MOST_SOURCES, MOST_UNITS = 8, 2

FIREWALLS = {Backend.AUTO: "opened where one is active", Backend.NONE: "left alone"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A box: its title, the sources or nodes in it, and notes. Column 0 is outside, 1 has servers, 2 clients."""

    title: str
    members: tuple[str, ...]
    notes: tuple[str, ...]
    column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """Time goes from one group to another, by their numbers; a spare edge is used when the others fail."""

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


def topology_of(kinds: Sequence[NodeKind]) -> Topology:
    """Return the topology of all kinds of nodes; those that are alike are one group."""
    drawing = _Drawing()
    for alike in _alike(kinds):
        policy = alike[0].policy
        if policy.role is Role.SERVER:
            servers = drawing.place(_servers(alike))
            if policy.upstreams:
                drawing.join(drawing.place(_sources("upstreams", policy.upstreams)), servers, policy.upstreams)
            continue
        clients = drawing.place(_clients(alike))
        if not policy.servers.addresses:
            drawing.join(drawing.place(_sources("upstreams", policy.upstreams)), clients, policy.upstreams)
            continue
        drawing.join(drawing.servers(policy.servers.addresses), clients, policy.servers.addresses)
        if fallback := policy.clients.fallback:
            drawing.join(drawing.place(_sources("fallback", fallback)), clients, fallback, is_spare=True)
    edges = tuple(dict.fromkeys(drawing.edges))
    return Topology(name=kinds[0].policy.name, groups=tuple(drawing.groups), edges=edges)


def _alike(kinds: Sequence[NodeKind]) -> Iterator[list[NodeKind]]:
    """Kinds of the same role, daemon, sources, and clients or gate; servers first, since clients point at them."""
    groups: dict[tuple[object, ...], list[NodeKind]] = {}
    for kind in sorted(kinds, key=lambda kind: kind.policy.role is Role.CLIENT):
        policy = kind.policy
        hosts = (_labels(policy.upstreams), _labels(policy.servers.addresses), _labels(policy.clients.fallback))
        own = policy.servers.allow if policy.role is Role.SERVER else policy.gate.units
        groups.setdefault((policy.role, kind.plan.possible_daemons, hosts, own), []).append(kind)
    yield from groups.values()


class _Drawing:
    """The groups and edges so far."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.edges: list[Edge] = []

    def place(self, group: Group) -> int:
        """Return the number of the group; sources that are drawn already are not drawn again."""
        for number, drawn in enumerate(self.groups):
            if drawn == group or (not group.column and not drawn.column and drawn.members == group.members):
                return number
        self.groups.append(group)
        return len(self.groups) - 1

    def servers(self, addresses: tuple[TimeSource, ...]) -> int:
        """Return the number of the group with these servers; draw servers of another policy."""
        members = _labels(addresses)
        for number, group in enumerate(self.groups):
            if group.column == 1 and group.members == members:
                return number
        return self.place(Group(title="servers", members=members, notes=("not made by this policy",), column=1))

    def join(self, source: int, target: int, sources: Iterable[TimeSource], *, is_spare: bool = False) -> None:
        """Draw an edge, with the packets that a firewall between the two must let through."""
        udp = ", ".join(map(str, sorted({source.options.port for source in sources})))
        tcp = ", ".join(map(str, sorted({source.options.nts_port for source in sources if source.options.nts})))
        label = f"UDP {udp}" + (f", TCP {tcp}" if tcp else "") + (", fallback" if is_spare else "")
        self.edges.append(Edge(source=source, target=target, label=label, is_spare=is_spare))


def _sources(title: str, sources: tuple[TimeSource, ...]) -> Group:
    return Group(title=title, members=_labels(sources), notes=(), column=0)


def _servers(kinds: list[NodeKind]) -> Group:
    policy = kinds[0].policy
    notes = [f"chrony on {row}" for row in _releases(kinds)]
    notes += [f"hardware clock {clock.device}" for clock in policy.clocks]
    notes += [f"answer {network}" for network in policy.servers.allow] + ["and nobody else"]
    notes += [f"firewall: {FIREWALLS.get(policy.firewall.backend, policy.firewall.backend)}"]
    if policy.servers.orphan_stratum:
        notes.append(f"alone: one time, stratum {policy.servers.orphan_stratum}")
    return Group(title="servers", members=_labels(policy.servers.addresses), notes=tuple(notes), column=1)


def _clients(kinds: list[NodeKind]) -> Group:
    policy, units = kinds[0].policy, kinds[0].policy.gate.units
    notes = [kinds[0].plan.possible_daemons, *(f"hardware clock {clock.device}" for clock in policy.clocks)]
    notes += [f"{unit} waits" for unit in units[:MOST_UNITS]]
    if len(units) > MOST_UNITS:
        notes.append(f"and {len(units) - MOST_UNITS} more")
    return Group(title="clients", members=_releases(kinds), notes=tuple(notes), column=2)


def _labels(sources: tuple[TimeSource, ...]) -> tuple[str, ...]:
    names = tuple(f"pool {source.host}" if source.is_pool else str(source.host) for source in sources)
    more = len(names) - MOST_SOURCES
    return (*names[:MOST_SOURCES], f"and {more} more") if more > 0 else names


def _releases(kinds: list[NodeKind]) -> tuple[str, ...]:
    keys = [kind.plan.release for kind in kinds]
    if len(keys) > MOST_RELEASES:
        return (f"{len(keys)} releases",)
    rows = range(0, len(keys), RELEASES_IN_A_ROW)
    return tuple(", ".join(keys[start : start + RELEASES_IN_A_ROW]) for start in rows)
