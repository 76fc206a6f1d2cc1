"""Alerts on what node_exporter and Prometheus know of a clock, on any node with any time daemon."""

from timepolicy.monitoring.alert import Alert, Series, clock, constant, number
from timepolicy.monitoring.records import DISTANCE, ERROR, MEDIAN, NODES, SPREAD
from timepolicy.monitoring.settings import Settings

OTHERS = (clock(0, "b"), clock(0, "c"))
SLOW = constant("scrape_duration_seconds", 0.5)


def off_the_median(settings: Settings, severity: str, limit: float) -> Alert:
    """A node's distance from its cluster. Its error is in its favour: the true clock is not ahead of what is read."""
    ahead = f"{DISTANCE} - on ({settings.scope.keys}) {ERROR}"
    return Alert(
        name="TimepolicyClockOffMedian",
        severity=severity,
        expression=f"{ahead} > {number(limit)}\nor {DISTANCE} < -{number(limit)}",
        lasts=2,
        summary="The clock of {instance} is far from the others.",
        description="It is at least {value:.1f} s from the median of its cluster.",
        fires=(clock(-limit - 1), *OTHERS),
        value=-limit - 1,
        quiet=(clock(limit + 0.5), SLOW, *OTHERS),
        below=limit if severity == "critical" else None,
    )


def median_off(severity: str, limit: float) -> Alert:
    """All nodes, or Prometheus itself: the distance from the median hides both."""
    return Alert(
        name="TimepolicyMedianOff",
        severity=severity,
        expression=f"abs({MEDIAN}) > {number(limit)}",
        lasts=5,
        summary="The clocks of cluster {cluster} differ from that of Prometheus.",
        description="The median is {value:.1f} s off: the nodes are wrong, or Prometheus is.",
        fires=(clock(-limit - 1), clock(-limit - 1, "b")),
        value=limit + 1,
        quiet=(clock(-limit), clock(-limit, "b")),
        below=limit if severity == "critical" else None,
        is_about_cluster=True,
    )


def spread(settings: Settings) -> Alert:
    """Two halves of a cluster have their median in the middle, so that each looks half as wrong as it is."""
    limit = settings.warning
    return Alert(
        name="TimepolicyClockSpread",
        severity="warning",
        expression=f"{SPREAD} > {number(limit)}",
        lasts=5,
        summary="The clocks of cluster {cluster} are far apart.",
        description="The first and the last are at least {value:.1f} s apart.",
        fires=(clock(), clock(limit + 1, "b")),
        value=limit + 1,
        quiet=(clock(limit + 0.5), SLOW, clock(0, "b")),
        is_about_cluster=True,
    )


def silent(settings: Settings) -> Alert:
    """A node without a clock to compare. Its job is known as one of nodes for a day, also if all of it is silent."""
    scope = settings.scope
    up = scope.series("up")
    return Alert(
        name="TimepolicyNodeSilent",
        severity="warning",
        expression=f"{scope.by_node(f'{up} == 0')}\nand on ({scope.cluster}, job) last_over_time({NODES}[1d])",
        lasts=5,
        summary="{instance} does not answer Prometheus.",
        description="Its clock is unknown.",
        fires=(constant("up", 0), Series("node_time_seconds", "0+60x9 _x80", "b")),
        value=0,
        quiet=(constant("up", 1), clock(0, "b")),
    )


def not_synchronised(settings: Settings) -> Alert:
    """The kernel's flag STA_UNSYNC, which every time daemon clears."""
    scope = settings.scope
    return Alert(
        name="TimepolicyNotSynchronised",
        severity="warning",
        expression=scope.by_node(f"{scope.series('node_timex_sync_status')} == 0"),
        lasts=5,
        summary="The clock of {instance} is not synchronised.",
        description="The kernel's flag STA_UNSYNC is set: no time daemon keeps the clock.",
        fires=(constant("node_timex_sync_status", 0),),
        value=0,
        quiet=(constant("node_timex_sync_status", 1),),
    )


def leap_second(settings: Settings) -> Alert:
    """STA_INS (16) or STA_DEL (32) of the kernel's status, adjtimex(2). PromQL has no operators on bits."""
    scope = settings.scope
    status = scope.by_node(scope.series("node_timex_status"))
    return Alert(
        name="TimepolicyLeapSecondAnnounced",
        severity="info",
        expression=f"count by ({scope.cluster}) (floor({status} / 16) % 4 > 0)",
        lasts=10,
        summary="A leap second is announced in cluster {cluster}.",
        description="{value:.0f} nodes expect it at the end of the day (UTC).",
        fires=(constant("node_timex_status", 8192 + 16), constant("node_timex_status", 32, "b")),
        value=2,
        quiet=(constant("node_timex_status", 8192 + 64 + 15),),
        is_about_cluster=True,
    )


def clock_alerts(settings: Settings) -> tuple[Alert, ...]:
    """Return the alerts of this module, the most important first."""
    return (
        off_the_median(settings, "warning", settings.warning),
        off_the_median(settings, "critical", settings.critical),
        median_off("warning", settings.warning),
        median_off("critical", settings.critical),
        spread(settings),
        silent(settings),
        not_synchronised(settings),
        leap_second(settings),
    )
