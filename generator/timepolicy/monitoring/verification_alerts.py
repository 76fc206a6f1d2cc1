"""Alerts on what the node agent measures and verifies."""

from timepolicy.fleet.node import STALE_S
from timepolicy.monitoring.alert import Alert, Series, clock, constant
from timepolicy.monitoring.records import ANSWERS, ASKED
from timepolicy.monitoring.settings import Settings

ELSEWHERE = ("kernel-flag", "timezone")
"""Checks with alerts of their own."""


def offset_above_limit(settings: Settings) -> Alert:
    """What the node measures over NTP, against the limit that the policy sets for its gate."""
    scope, limit = settings.scope, max(settings.max_offset)
    offset = scope.by_node(f"abs({scope.series('timepolicy_offset_seconds')})")
    return Alert(
        name="TimepolicyOffsetAboveLimit",
        severity="warning",
        expression=settings.beyond(f"{offset} >", settings.max_offset),
        lasts=5,
        summary="The clock of {instance} is further from its sources than the policy allows.",
        description="The node measures {value:.3f} s.",
        fires=(*settings.identity(settings.max_offset, limit), constant("timepolicy_offset_seconds", -limit - 1)),
        value=limit + 1,
        quiet=(*settings.identity(settings.max_offset, limit), constant("timepolicy_offset_seconds", limit)),
    )


def too_few_sources(settings: Settings) -> Alert:
    """Fewer answers than the policy wants to agree. A node whose only source is a hardware clock asks nobody."""
    scope, limit = settings.scope, int(max(settings.min_sources))
    identity = settings.identity(settings.min_sources, limit)
    states = (constant('timepolicy_sources{state="no answer"}', 1), constant('timepolicy_sources{state="answers"}', 9))
    answers = [constant(f'timepolicy_source_offset_seconds{{source="s",address="{n}"}}', 0) for n in range(limit)]
    return Alert(
        name="TimepolicyTooFewSources",
        severity="warning",
        expression=f"({settings.beyond(f'{ANSWERS} <', settings.min_sources)})\nand on ({scope.keys}) {ASKED} > 0",
        lasts=10,
        summary="{instance} has too few sources of time.",
        description="{value:.0f} answer, fewer than the policy's min_sources.",
        fires=(*identity, *states, *answers[1:]),
        value=limit - 1,
        quiet=(*identity, *states, *answers),
    )


def check_failed(settings: Settings) -> Alert:
    """Any check of the agent's report."""
    scope = settings.scope
    failed = scope.series("timepolicy_check_pass", f'check!~"{"|".join(ELSEWHERE)}"')
    return Alert(
        name="TimepolicyCheckFailed",
        severity="warning",
        expression=scope.by_node(f"{failed} == 0", "check"),
        lasts=5,
        summary="The check {check} fails on {instance}.",
        description="`timepolicy-node status` on the node says what was seen, what was expected and what to do.",
        fires=(constant('timepolicy_check_pass{check="rtc"}', 0), constant('timepolicy_check_pass{check="files"}', 1)),
        value=0,
        labels={"check": "rtc"},
        quiet=(constant('timepolicy_check_pass{check="rtc"}', 1),),
    )


def report_stale(settings: Settings) -> Alert:
    """A report that nobody renews: the agent does not run, or the textfile is another's."""
    return Alert(
        name="TimepolicyReportStale",
        severity="warning",
        expression=f"abs({settings.scope.report_age}) > {STALE_S}",
        lasts=2,
        summary="The report of {instance} is old.",
        description="The last verification was {value:.0f} s ago; the agent does one every 50 s.",
        fires=(clock(), Series("timepolicy_verification_time_seconds", f"-{STALE_S + 1}+60x90")),
        value=STALE_S + 1,
        quiet=(clock(), Series("timepolicy_verification_time_seconds", f"-{STALE_S}+60x90")),
    )


def several_daemons(settings: Settings) -> Alert:
    """Two daemons that set one clock."""
    scope = settings.scope
    return Alert(
        name="TimepolicySeveralDaemons",
        severity="warning",
        expression=scope.by_node(f"{scope.series('timepolicy_daemons_running')} > 1"),
        lasts=5,
        summary="More than one time daemon runs on {instance}.",
        description="{value:.0f} daemons set the clock against each other.",
        fires=(constant("timepolicy_daemons_running", 2),),
        value=2,
        quiet=(constant("timepolicy_daemons_running", 1),),
    )


def timezone_differs(settings: Settings) -> Alert:
    """A node's timezone, which node_exporter cannot tell: it keeps that of its start, in a container UTC."""
    scope = settings.scope
    zone = scope.series("timepolicy_check_pass", 'check="timezone"')
    return Alert(
        name="TimepolicyTimezoneDiffers",
        severity="warning",
        expression=scope.by_node(f"{zone} == 0"),
        lasts=10,
        summary="{instance} has another timezone than its policy.",
        description="Its logs have other local times than those of the other nodes.",
        fires=(constant('timepolicy_check_pass{check="timezone"}', 0),),
        value=0,
        quiet=(constant('timepolicy_check_pass{check="timezone"}', 1),),
    )


def verification_alerts(settings: Settings) -> tuple[Alert, ...]:
    """Return the alerts of this module; none where no node publishes metrics."""
    if not settings.textfile_dirs:
        return ()
    rows = (offset_above_limit, too_few_sources, check_failed, report_stale, several_daemons, timezone_differs)
    return tuple(row(settings) for row in rows)
