"""What Prometheus is asked, and how the answers become nodes.

Each answer is consumed before the next query, so that 20,000 nodes need little memory; PromQL drops the labels that
nobody reads.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Protocol

from timepolicy.fleet.node import STALE_S, Limits, NodeClock, NodeKey, Verdict, judge
from timepolicy.fleet.prometheus import Sample
from timepolicy.fleet.scope import Scope, finite

MOST_NAMED = 500
"""Up to so many nodes are named in the queries under --bad; a longer expression costs more than it saves."""

KNOWN = "15m"
"""A job is one of nodes if a target of it has had node_time_seconds within this time."""


class Asks(Protocol):
    """What can evaluate PromQL."""

    def query(self, expression: str) -> list[Sample]:
        """Return an instant vector."""


@dataclass(slots=True)
class Cluster:
    """The clocks of a cluster against Prometheus, in seconds; `median` is None where no node answers."""

    name: str
    nodes: int
    median: float | None
    spread: float

    def problem(self, limits: Limits) -> tuple[Verdict, str] | None:
        """What is wrong with the cluster as a whole; subtracting the median hides it from each node."""
        if self.median is not None and abs(self.median) > limits.warning:
            verdict = Verdict.CRITICAL if abs(self.median) > limits.critical else Verdict.WARNING
            return verdict, f"the median is {self.median:+.1f} s off Prometheus' own clock: one of the two is wrong"
        if self.spread > limits.warning:
            return Verdict.WARNING, f"the clocks are {self.spread:.1f} s apart"
        return None


@dataclass(slots=True)
class Fleet:
    """All that was measured, the worst node first. `time` is Prometheus' own, Unix; `total` counts hidden nodes too."""

    time: float
    total: int
    clusters: list[Cluster]
    nodes: list[NodeClock]
    limits: Limits
    warnings: list[str] = field(default_factory=list)

    def count(self, verdict: Verdict) -> int:
        """How many nodes have this verdict; nodes that --bad left out are right."""
        shown = sum(node.verdict is verdict for node in self.nodes)
        return shown + (self.total - len(self.nodes) if verdict is Verdict.OK else 0)

    @property
    def problems(self) -> Iterator[tuple[Verdict, str]]:
        """What is wrong with each cluster as a whole."""
        for cluster in self.clusters:
            if found := cluster.problem(self.limits):
                name = f"cluster {cluster.name}: " if cluster.name else ""
                yield found[0], f"{name}{found[1]}"


def measure(server: Asks, scope: Scope, limits: Limits, *, only_bad: bool = False) -> Fleet:
    """Ask for every node, or with `only_bad` for those with a problem; raise PrometheusError."""
    offsets = scope.offset
    silent = f"{scope.series('up')} == 0 and on (job) last_over_time({scope.series('node_time_seconds')}[{KNOWN}])"
    silent = scope.by_node(silent)
    fleet = Fleet(0, 0, [], [], limits)
    wanted = None
    if only_bad:
        wanted = {_key(row.labels, scope) for row in server.query(_bad(scope, limits, offsets, silent))}
        _clusters_in_promql(server, scope, offsets, silent, fleet)
        scope = _narrowed(scope, wanted)
        offsets = scope.offset
    nodes: dict[NodeKey, NodeClock] = {}
    for is_silent, expression in ((False, offsets), (True, silent)):
        for row in server.query(expression):
            key = _key(row.labels, scope)
            if key in nodes or (wanted is not None and key not in wanted):
                continue
            value = row.value if math.isfinite(row.value) else None
            nodes[key] = NodeClock(key, is_silent=is_silent, offset=None if is_silent else value)
            fleet.time = max(fleet.time, row.time)
    _add_details(server, scope, nodes)
    if not only_bad:
        fleet.total, fleet.clusters = len(nodes), _clusters_of(nodes)
    medians = {cluster.name: cluster.median for cluster in fleet.clusters}
    for node in nodes.values():
        middle = medians.get(node.key.cluster)
        if node.offset is not None and middle is not None:
            node.offset -= middle
        judge(node, limits)
    fleet.nodes = sorted(nodes.values(), key=lambda n: (-n.verdict, -n.distance, n.key.cluster, n.name, n.key.instance))
    return fleet


def _key(labels: dict[str, str], scope: Scope) -> NodeKey:
    return NodeKey(labels.get(scope.cluster, ""), labels.get("job", ""), labels.get("instance", ""))


def _bad(scope: Scope, limits: Limits, offsets: str, silent: str) -> str:
    """The nodes with a problem; the same rules as in `judge`, but for the error of a scrape, which `judge` knows."""
    usable = finite(offsets)
    middle = f"quantile by ({scope.cluster}) (0.5, {usable})"
    parts = [
        silent,
        f"({offsets} unless {usable})",
        f"(abs({usable} - on ({scope.cluster}) group_left () {middle}) > {limits.warning:g})",
        scope.by_node(f"{scope.series('node_timex_sync_status')} == 0"),
        scope.by_node(f"{scope.series('timepolicy_pass')} == 0"),
        f"(abs({scope.report_age}) > {STALE_S})",
    ]
    if limits.digests:
        right = "|".join(sorted(limits.digests))
        running = scope.series("timepolicy_info", f'digest=~"{right}"')
        parts.append(f"({offsets} unless on ({scope.keys}) {running})")
    return " or ".join(parts)


def _narrowed(scope: Scope, wanted: set[NodeKey]) -> Scope:
    instances = sorted({key.instance for key in wanted})
    if len(instances) > MOST_NAMED:
        return scope
    pattern = "|".join(map(re.escape, instances)).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return Scope(", ".join(filter(None, (scope.selector, f'instance=~"{pattern}"'))), scope.cluster)


def _clusters_in_promql(server: Asks, scope: Scope, offsets: str, silent: str, fleet: Fleet) -> None:
    """The clusters without the offset of each node, and how many nodes there are."""
    usable = finite(offsets)
    for row in server.query(f"count by ({scope.cluster}) ({offsets} or {silent})"):
        fleet.clusters.append(Cluster(row.labels.get(scope.cluster, ""), int(row.value), None, 0))
        fleet.total += int(row.value)
        fleet.time = max(fleet.time, row.time)
    by_name = {cluster.name: cluster for cluster in fleet.clusters}
    for row in server.query(f"quantile by ({scope.cluster}) (0.5, {usable})"):
        by_name[row.labels.get(scope.cluster, "")].median = row.value
    spread = f"max by ({scope.cluster}) ({usable}) - min by ({scope.cluster}) ({usable})"
    for row in server.query(spread):
        by_name[row.labels.get(scope.cluster, "")].spread = row.value


def _clusters_of(nodes: dict[NodeKey, NodeClock]) -> list[Cluster]:
    members: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    for node in nodes.values():
        counts[node.key.cluster] = counts.get(node.key.cluster, 0) + 1
        if node.offset is not None:
            members.setdefault(node.key.cluster, []).append(node.offset)
    clusters = []
    for name in sorted(counts):
        offsets = members.get(name, [])
        middle = median(offsets) if offsets else None
        clusters.append(Cluster(name, counts[name], middle, max(offsets) - min(offsets) if offsets else 0))
    return clusters


def _add_details(server: Asks, scope: Scope, nodes: dict[NodeKey, NodeClock]) -> None:
    """Ask for what is known of each node besides its offset. Every metric may be missing."""
    series, by_node, label = scope.series, scope.by_node, scope.cluster
    by_labels: dict[tuple[str, ...], NodeClock] = {tuple(key): node for key, node in nodes.items()}
    for expression, add in (
        (scope.delay, _number("delay")),
        (by_node(series("node_uname_info"), "nodename"), _label("name", "nodename")),
        (by_node(series("node_timex_sync_status")), _flag("is_synchronised")),
        (by_node(series("timepolicy_pass")), _flag("passes")),
        (by_node(f"{series('timepolicy_check_pass')} == 0", "check"), _add_failed_check),
        (by_node(series("timepolicy_info"), "daemon", "policy", "digest", "release", "role"), _add_identity),
        (scope.report_age, _number("report_age")),
        (by_node(series("timepolicy_offset_seconds")), _number("own_offset")),
        (by_node(series("timepolicy_offset_error_seconds")), _number("own_error")),
        (by_node(f"{series('timepolicy_sources')} > 0", "state"), _add_sources),
    ):
        for row in server.query(expression):
            get = row.labels.get
            node = by_labels.get((get(label, ""), get("job", ""), get("instance", "")))  # `_key` takes twice the time
            if node is not None and math.isfinite(row.value):
                add(node, row)
    hosts = {(node.key.cluster, _host(node.key.instance)): node for node in nodes.values()}
    chrony = ", ".join((scope.cluster, "instance", "tracking_name", "tracking_address"))
    for expression, add in (
        (f"max by ({scope.cluster}, instance) (chrony_tracking_stratum)", _add_stratum),
        (f"max by ({chrony}) (chrony_tracking_info)", _add_followed_source),
    ):
        for row in server.query(expression):
            node = hosts.get((row.labels.get(scope.cluster, ""), _host(row.labels.get("instance", ""))))
            if node is not None and math.isfinite(row.value):
                add(node, row)


def _host(instance: str) -> str:
    """chrony_exporter has another port than node_exporter on the same host."""
    return instance.rpartition(":")[0] or instance


def _number(name: str) -> Callable[[NodeClock, Sample], None]:
    return lambda node, row: setattr(node, name, row.value)


def _flag(name: str) -> Callable[[NodeClock, Sample], None]:
    return lambda node, row: setattr(node, name, row.value != 0)


def _label(name: str, label: str) -> Callable[[NodeClock, Sample], None]:
    return lambda node, row: setattr(node, name, row.labels.get(label, ""))


def _add_failed_check(node: NodeClock, row: Sample) -> None:
    node.failed_checks.append(row.labels.get("check", ""))


def _add_identity(node: NodeClock, row: Sample) -> None:
    for name in ("daemon", "policy", "digest", "release", "role"):
        setattr(node, name, row.labels.get(name, ""))


def _add_sources(node: NodeClock, row: Sample) -> None:
    node.sources[row.labels.get("state", "")] = int(row.value)


def _add_stratum(node: NodeClock, row: Sample) -> None:
    node.stratum = int(row.value)


def _add_followed_source(node: NodeClock, row: Sample) -> None:
    labels: dict[str, Any] = row.labels
    node.source = labels.get("tracking_name") or labels.get("tracking_address") or ""
