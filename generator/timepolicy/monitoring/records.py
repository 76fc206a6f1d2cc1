"""What Prometheus records: the offsets that the alerts and the dashboard use."""

from timepolicy.fleet.scope import Scope, finite

OFFSET = "instance:timepolicy_clock_offset_seconds"
ERROR = "instance:timepolicy_clock_offset_error_seconds"
MEDIAN = "cluster:timepolicy_clock_offset_seconds:median"
DISTANCE = "instance:timepolicy_clock_offset_from_median_seconds"
SPREAD = "cluster:timepolicy_clock_offset_seconds:spread"
NODES = "job:timepolicy_nodes:count"
ANSWERS = "instance:timepolicy_source_answers:count"
HEARD = "source:timepolicy_nodes:count"


def records(scope: Scope, *, has_agent: bool) -> dict[str, str]:
    """Return the expressions by the names of what they record, in the order in which they need each other.

    The true offset is at most ERROR below OFFSET, because a slow answer makes a clock look ahead.
    """
    cluster, keys = scope.cluster, scope.keys
    offsets = {
        OFFSET: finite(scope.offset),
        ERROR: f"{scope.delay}\nor 0 * {OFFSET}",
        MEDIAN: f"quantile by ({cluster}) (0.5, {OFFSET})",
        DISTANCE: f"{OFFSET} - on ({cluster}) group_left () {MEDIAN}",
        SPREAD: f"max by ({cluster}) ({OFFSET} - on ({keys}) {ERROR})\n- min by ({cluster}) ({OFFSET})",
        NODES: f"count by ({cluster}, job) ({scope.series('node_time_seconds')})",
    }
    answers = scope.series("timepolicy_source_offset_seconds")
    asked = f"sum by ({keys}) ({scope.series('timepolicy_sources')})"
    sources = {
        ANSWERS: f"count by ({keys}) ({answers})\nor 0 * {asked}",
        HEARD: f"count by ({cluster}, source) ({answers})",
    }
    return offsets | sources if has_agent else offsets
