"""What Prometheus records: the offsets that the alerts and the dashboard use."""

from timepolicy.fleet.scope import Scope, finite

OFFSET = "instance:timepolicy_clock_offset_seconds"
ERROR = "instance:timepolicy_clock_offset_error_seconds"
MEDIAN = "cluster:timepolicy_clock_offset_seconds:median"
DISTANCE = "instance:timepolicy_clock_offset_from_median_seconds"
SPREAD = "cluster:timepolicy_clock_offset_seconds:spread"
NODES = "job:timepolicy_nodes:count"
ASKED = "instance:timepolicy_sources:sum"
ANSWERS = "instance:timepolicy_source_answers:count"
HEARD = "source:timepolicy_nodes:count"
STRATUM = "instance:timepolicy_chrony_stratum:max"


def records(scope: Scope, *, has_agent: bool) -> dict[str, str]:
    """Return the expressions by the names of what they record, in the order in which they need each other.

    The true offset is at most ERROR below OFFSET, because a slow answer makes a clock look ahead. Only chrony_exporter,
    which has targets of its own, knows the stratum; 0 is a chronyd without time.
    """
    cluster, keys = scope.cluster, scope.keys
    last, first = f"max by ({cluster}) ({OFFSET} - on ({keys}) {ERROR})", f"min by ({cluster}) ({OFFSET})"
    offsets = {
        OFFSET: finite(scope.offset),
        ERROR: f"{scope.delay}\nor 0 * {OFFSET}",
        MEDIAN: f"quantile by ({cluster}) (0.5, {OFFSET})",
        DISTANCE: f"{OFFSET} - on ({cluster}) group_left () {MEDIAN}",
        SPREAD: f"clamp_min(\n  {last}\n  - {first},\n  0\n)",
        STRATUM: f"max by ({keys}) (chrony_tracking_stratum > 0)",
        NODES: f"count by ({cluster}, job) ({scope.series('node_time_seconds')})",
    }
    answers = scope.series("timepolicy_source_offset_seconds")
    sources = {
        ASKED: f"sum by ({keys}) ({scope.series('timepolicy_sources')})",
        ANSWERS: f"count by ({keys}) ({answers})\nor 0 * {ASKED}",
        HEARD: f"count by ({cluster}, source) ({answers})",
    }
    return offsets | sources if has_agent else offsets
