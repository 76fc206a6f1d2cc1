"""Alerts on the gate of a node, and on what servers and nodes of a cluster have in common."""

from timepolicy.monitoring.alert import Alert, Series, constant
from timepolicy.monitoring.records import ANSWERS, ASKED, HEARD, STRATUM
from timepolicy.monitoring.settings import Settings


def gate_closed(settings: Settings) -> Alert:
    """A gate that waits. It shows only where node_exporter is not itself behind the gate, as in a pod."""
    scope = settings.scope
    return Alert(
        name="TimepolicyGateClosed",
        severity="warning",
        expression=scope.by_node(f"{scope.series('timepolicy_gate_open')} == 0"),
        lasts=5,
        summary="The gate of {instance} stays closed.",
        description="Its clock is not proven, and the gated units wait.",
        fires=(constant('timepolicy_gate_open{by=""}', 0),),
        value=0,
        quiet=(constant('timepolicy_gate_open{by="proof"}', 1),),
    )


def gate_opened_unproven(settings: Settings, by: str, severity: str, description: str) -> Alert:
    """A gate that opened without a proof. It stays so until the next boot, as does what the units did by that clock."""
    scope = settings.scope
    return Alert(
        name=f"TimepolicyGateOpenedBy{by.capitalize()}",
        severity=severity,
        expression=scope.by_node(scope.series("timepolicy_gate_open", f'by="{by}"') + " == 1"),
        lasts=0,
        summary=f"The gate of {{instance}} was opened by {by}.",
        description=description,
        fires=(constant(f'timepolicy_gate_open{{by="{by}"}}', 1),),
        value=1,
        quiet=(constant('timepolicy_gate_open{by="orphan"}', 1),),
    )


def digests_differ(settings: Settings) -> Alert:
    """Nodes of one kind with different policies; a roll-out has an hour."""
    scope = settings.scope
    kind = f"{scope.cluster}, policy, release, role"
    info = 'timepolicy_info{{policy="p",release="debian-12",role="client",digest="{}",daemon="chrony"}}'
    return Alert(
        name="TimepolicyPoliciesDiffer",
        severity="warning",
        expression=f"count by ({kind}) (count by ({kind}, digest) ({scope.series('timepolicy_info')})) > 1",
        lasts=60,
        summary="Nodes of cluster {cluster} run different versions of policy {policy}.",
        description="{value:.0f} versions among the nodes with {release} in the role {role}.",
        fires=(constant(info.format("1"), 1), constant(info.format("2"), 1, "b")),
        value=2,
        labels={"policy": "p", "release": "debian-12", "role": "client"},
        quiet=(constant(info.format("1"), 1), constant(info.format("1"), 1, "b")),
        is_about_cluster=True,
    )


def source_unanswered(settings: Settings) -> Alert:
    """A source that some node heard within six hours and none hears now, while nodes miss answers.

    The last condition keeps a source that a new policy no longer has from alerting.
    """
    scope = settings.scope
    missing = f"sum by ({scope.cluster}) ({ASKED} - on ({scope.keys}) {ANSWERS}) > 0"
    heard = Series('timepolicy_source_offset_seconds{source="s1",address="1"}', "0x10 _x80")
    states = ('timepolicy_sources{state="answers"}', 'timepolicy_sources{state="no answer"}')
    return Alert(
        name="TimepolicySourceUnanswered",
        severity="warning",
        expression=f"last_over_time({HEARD}[6h])\nunless {HEARD}\nand on ({scope.cluster}) {missing}",
        lasts=10,
        summary="No node of cluster {cluster} hears {source} any more.",
        description="{value:.0f} nodes heard it last.",
        fires=(heard, constant(states[0], 0), constant(states[1], 1)),
        value=1,
        labels={"source": "s1"},
        quiet=(heard, Series(states[0], "1x10 0x80"), constant(states[1], 0)),
        is_about_cluster=True,
    )


def stratum_jumped() -> Alert:
    """A chronyd that lost its upstreams."""
    return Alert(
        name="TimepolicyStratumJumped",
        severity="warning",
        expression=f"{STRATUM} - min_over_time({STRATUM}[1h]) >= 2",
        lasts=5,
        summary="The stratum of {instance} has jumped.",
        description="It is {value:.0f} more than an hour ago: chronyd follows a source that is further away.",
        fires=(Series("chrony_tracking_stratum", "2x10 4x80"),),
        value=2,
        quiet=(Series("chrony_tracking_stratum", "0x10 3x10 4x70"),),
    )


def cluster_alerts(settings: Settings) -> tuple[Alert, ...]:
    """Return the alerts of this module; without the agent's metrics, only those that do not need them."""
    if not settings.textfile_dirs:
        return (stratum_jumped(),)
    return (
        gate_closed(settings),
        gate_opened_unproven(
            settings, "timeout", "warning", "Its units started with an unproven clock; certificates may be wrong."
        ),
        gate_opened_unproven(
            settings, "holdover", "info", "Its units started by the hardware clock, within the policy's bound."
        ),
        digests_differ(settings),
        source_unanswered(settings),
        stratum_jumped(),
    )
