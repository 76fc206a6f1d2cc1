"""The panels of the dashboard as data: what each asks, and how it shows the answer."""

from dataclasses import dataclass

from timepolicy.fleet.node import STALE_S
from timepolicy.monitoring.alert import number
from timepolicy.monitoring.records import DISTANCE, ERROR, MEDIAN, NODES, SPREAD, STRATUM
from timepolicy.monitoring.settings import Settings

FULL, HALF, SIXTH = 24, 12, 4
"""Widths; Grafana has 24 columns."""

SECONDS, YES_OR_NO, LABELS = "seconds", "yes or no", "labels"
"""What a column of a table shows: a number, 1 or 0, or not its value but the labels that come with it."""

OFFSET_LIMIT, NONE_IS_RIGHT, NEUTRAL = "offset", "none is right", "neutral"
"""What colors a value: the policy's limits, anything above 0, or nothing."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query. `legend` names a series by its labels, in a table a column; `shows` is what this column has."""

    expression: str
    legend: str
    shows: str = LABELS


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """A panel of the type `kind`: stat, timeseries or table. A stat and a table show now, the others a time range."""

    title: str
    description: str
    kind: str
    width: int
    unit: str = "none"
    colors: str = NEUTRAL
    queries: tuple[Query, ...]


def panels(settings: Settings) -> tuple[Panel, ...]:
    """Return the panels in their order; without the agent's metrics, those that need none."""
    agent = (*agent_counts(settings), *agent_panels(settings)) if settings.textfile_dirs else ()
    return (*counts(settings), *offsets(settings), nodes(settings), *agent, stratum(settings))


def in_cluster(settings: Settings, metric: str, *matchers: str) -> str:
    """Return the selector of a metric of the chosen clusters."""
    return settings.scope.series(metric, f'{settings.scope.cluster}=~"$cluster"', *matchers)


def recorded(settings: Settings, name: str) -> str:
    """Return the selector of a recorded metric of the chosen clusters."""
    return f'{name}{{{settings.scope.cluster}=~"$cluster"}}'


def _count(title: str, description: str, expression: str, colors: str = NONE_IS_RIGHT) -> Panel:
    query = Query(f"count({expression}) or vector(0)", title)
    return Panel(title=title, description=description, kind="stat", width=SIXTH, colors=colors, queries=(query,))


def counts(settings: Settings) -> tuple[Panel, ...]:
    """Return how many nodes there are, and how many have which problem."""
    distance, error = recorded(settings, DISTANCE), recorded(settings, ERROR)
    ahead = f"{distance} - on ({settings.scope.keys}) {error}"
    rows = [_count("Nodes", "Nodes that answer Prometheus.", distance, NEUTRAL)]
    for title, limit in (("Off by more than the warning", settings.warning), ("Critical", settings.critical)):
        text = f"At least {number(limit)} s from the median of their cluster."
        rows.append(_count(title, text, f"{ahead} > {number(limit)} or {distance} < -{number(limit)}"))
    job = f"on ({settings.scope.cluster}, job) last_over_time({recorded(settings, NODES)}[1d])"
    silent = f"{in_cluster(settings, 'up')} == 0 and {job}"
    rows.append(_count("Silent", "Nodes that do not answer Prometheus: their clocks are unknown.", silent))
    flag = f"{in_cluster(settings, 'node_timex_sync_status')} == 0"
    rows.append(_count("Not synchronised", "The kernel's flag STA_UNSYNC is set.", flag))
    spread = Query(f"max({recorded(settings, SPREAD)})", "Spread")
    return (
        *rows,
        Panel(
            title="Spread",
            description="How far the first and the last clock of a cluster are apart, at least.",
            kind="stat",
            width=SIXTH,
            unit="s",
            colors=OFFSET_LIMIT,
            queries=(spread,),
        ),
    )


def offsets(settings: Settings) -> tuple[Panel, ...]:
    """Return the offsets over time."""
    cluster = f"{{{{{settings.scope.cluster}}}}}"
    return (
        Panel(
            title="Distance from the median",
            description="Each node's clock minus the median of its cluster. A node that answers slowly looks ahead.",
            kind="timeseries",
            width=HALF,
            unit="s",
            colors=OFFSET_LIMIT,
            queries=(Query(recorded(settings, DISTANCE), "{{instance}}"),),
        ),
        Panel(
            title="Median of each cluster",
            description="The median minus the clock of Prometheus: if it is off, all nodes are, or Prometheus.",
            kind="timeseries",
            width=HALF,
            unit="s",
            colors=OFFSET_LIMIT,
            queries=(Query(recorded(settings, MEDIAN), cluster),),
        ),
    )


def nodes(settings: Settings) -> Panel:
    """Return the table of all nodes, the worst first."""
    scope = settings.scope
    queries = [
        Query(f"abs({recorded(settings, DISTANCE)})", "Distance", SECONDS),
        Query(recorded(settings, DISTANCE), "Offset from the median", SECONDS),
        Query(recorded(settings, ERROR), "Error at most", SECONDS),
        Query(scope.by_node(in_cluster(settings, "node_timex_sync_status")), "Synchronised", YES_OR_NO),
        Query(scope.by_node(in_cluster(settings, "node_uname_info"), "nodename"), "Node"),
    ]
    if settings.textfile_dirs:
        info = scope.by_node(in_cluster(settings, "timepolicy_info"), "daemon", "policy", "digest", "release", "role")
        queries += [
            Query(scope.by_node(in_cluster(settings, "timepolicy_pass")), "Verified", YES_OR_NO),
            Query(scope.by_node(in_cluster(settings, "timepolicy_offset_seconds")), "Offset from its sources", SECONDS),
            Query(info, "Policy"),
        ]
    return Panel(
        title="Nodes, the worst first",
        description="A clock is right between its offset minus the error, and its offset.",
        kind="table",
        width=FULL,
        queries=tuple(queries),
    )


def agent_counts(settings: Settings) -> tuple[Panel, ...]:
    """Return how many nodes have a problem that the node agent reports."""
    keys = f"on ({settings.scope.keys})"
    age = f"{in_cluster(settings, 'node_time_seconds')} - {keys}"
    stale = f"abs({age} {in_cluster(settings, 'timepolicy_verification_time_seconds')}) > {STALE_S}"
    by = 'by=~"timeout|holdover"'
    return (
        _count("Verification failed", "A check fails.", f"{in_cluster(settings, 'timepolicy_pass')} == 0"),
        _count("Stale reports", f"The last verification is more than {STALE_S} s old.", stale),
        _count("Gate closed", "Gated units wait.", f"{in_cluster(settings, 'timepolicy_gate_open')} == 0"),
        _count(
            "Opened without a proof",
            "The gate was opened by its timeout or by holdover.",
            f"{in_cluster(settings, 'timepolicy_gate_open', by)} == 1",
        ),
        _count(
            "Several daemons",
            "More than one time daemon runs.",
            f"{in_cluster(settings, 'timepolicy_daemons_running')} > 1",
        ),
        _count(
            "Versions of the policy",
            "How many digests there are; each release and role has one of its own.",
            f"count by (digest) ({in_cluster(settings, 'timepolicy_info')})",
            NEUTRAL,
        ),
    )


def agent_panels(settings: Settings) -> tuple[Panel, ...]:
    """Return what the node agent reports, over time."""

    def over_time(title: str, description: str, expression: str, legend: str, unit: str = "none") -> Panel:
        query = (Query(expression, legend),)
        return Panel(title=title, description=description, kind="timeseries", width=HALF, unit=unit, queries=query)

    failed = f"sum by (check) (1 - {in_cluster(settings, 'timepolicy_check_pass')})"
    sources = f"sum by (state) ({in_cluster(settings, 'timepolicy_sources')})"
    digests = f"count by (policy, release, role, digest) ({in_cluster(settings, 'timepolicy_info')})"
    kind = "{{policy}} {{release}} {{role}} {{digest}}"
    own = in_cluster(settings, "timepolicy_offset_seconds")
    return (
        over_time("Failed checks", "Nodes on which a check fails.", failed, "{{check}}"),
        over_time("Sources", "Addresses that the nodes ask, by what came of it.", sources, "{{state}}"),
        over_time("Offset from the sources", "What each node measures over NTP.", own, "{{instance}}", "s"),
        over_time("Nodes by policy", "A roll-out shows as one line that replaces another.", digests, kind),
    )


def stratum(settings: Settings) -> Panel:
    """Return the only panel that needs chrony_exporter."""
    return Panel(
        title="Stratum",
        description="Of the nodes with chrony_exporter.",
        kind="timeseries",
        width=FULL,
        queries=(Query(recorded(settings, STRATUM), "{{instance}}"),),
    )
