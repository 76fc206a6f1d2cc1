"""The plan of a node with systemd where the agent cannot run: the gate opens when the daemon reports the right time."""

from collections.abc import Iterator, Sequence
from itertools import chain

from timepolicy.distros.release import DaemonName, Provisioning, Release
from timepolicy.findings.result import Findings, Result
from timepolicy.plan.agentless import AGENT_DOES_THIS, SYSTEM_CANNOT, agent_duties, agentless_findings
from timepolicy.plan.daemons import Daemon
from timepolicy.plan.extra import used_extra
from timepolicy.plan.files import GATE_UNIT, UNIT_FOLDER, File
from timepolicy.plan.snippets import render_snippet
from timepolicy.plan.types import UnitPlan
from timepolicy.policy.model import Policy, When
from timepolicy.tokens import AbsolutePath, Token, UnitName, Verbatim

DAEMON_UNITS = tuple(map(UnitName, ("chronyd.service", "ntpd.service", "systemd-timesyncd.service")))
"""Time daemons in the images of such systems, which differ by cloud; all but the chosen one are masked."""

UTC = ("UTC", "Etc/UTC")
"""The timezone of an image in which nothing is set."""

WAITS = {
    DaemonName.CHRONY: "the gate opens when chronyd estimates that the clock is right",
    DaemonName.TIMESYNCD: "the gate opens when systemd-timesyncd has set the clock, perhaps from a server of DHCP",
}


def plan_units(policy: Policy, release: Release, daemons: Sequence[Daemon]) -> Result[UnitPlan]:
    """Return the plan; no plan, and an error for each reason, where the policy asks for what only the agent can do.

    Of the `daemons` that can do what is asked, the node gets the first; its image has it.
    """
    if not daemons:
        path = policy.origin("clients.daemon")
        return Result(
            None,
            Findings(
                [SYSTEM_CANNOT.at(path, release=release.key, what=f"do without a time daemon: {AGENT_DOES_THIS}")]
            ),
        )
    daemon = daemons[0]
    unsupported = chain(agent_duties(policy), _unsupported(policy, release, daemon))
    findings = Findings(agentless_findings(policy, release.key, WAITS[daemon.NAME], unsupported))
    unit = daemon.unit(release)
    plan = UnitPlan(
        policy=policy.name,
        release=release.key,
        role=policy.role,
        daemon=daemon.NAME,
        provisioning=release.provisioning,
        extra=used_extra(policy, [daemon]),
        files=(*daemon.files(policy, release), *_gate(policy, release, daemon, unit)),
        links=()
        if release.provisioning is Provisioning.MACHINE_CONFIG
        else ((AbsolutePath("/etc/localtime"), f"../usr/share/zoneinfo/{policy.timezone}"),),
        enable=(unit,),
        mask=tuple(other for other in DAEMON_UNITS if other != unit),
    )
    return Result(plan, findings).unless_errors()


def _unsupported(policy: Policy, release: Release, daemon: Daemon) -> Iterator[tuple[str, str]]:
    """What the policy sets, and neither the daemon nor systemd does without the agent."""
    gate = policy.gate
    if release.provisioning is Provisioning.MACHINE_CONFIG and policy.timezone not in UTC:
        # machine-config-operator, pkg/controller/common/reconcile.go
        yield "timezone", "set a timezone: its operator refuses a changed link, such as /etc/localtime"
    if gate.start_on_timeout and not gate.timeout.microseconds:
        yield "gate.timeout", "start without waiting: there, a timeout of zero means no timeout"  # systemd.service(5)
    if policy.is_set("step.when") and policy.step.when is When.PAUSE:
        yield "step.when", f"detect that the machine was paused: {AGENT_DOES_THIS}"
    if daemon.NAME is DaemonName.TIMESYNCD:
        if policy.is_set("clients.dhcp_sources") and not policy.use_dhcp_sources:
            yield "clients.dhcp_sources", f"ignore servers from DHCP: {AGENT_DOES_THIS}"
        if policy.is_set("gate.max_offset") and gate.units:
            yield "gate.max_offset", f"measure the offset: {AGENT_DOES_THIS}"


def _gate(policy: Policy, release: Release, daemon: Daemon, unit: UnitName) -> Iterator[File]:
    gate = policy.gate
    if not gate.units:
        return
    if daemon.NAME is DaemonName.CHRONY:
        # without a limit, until the remaining correction is small (chronyc(1), waitsync)
        command = Verbatim(f"chronyc waitsync 0 {gate.max_offset} 0 1")
    else:
        command = Verbatim("/usr/lib/systemd/systemd-time-wait-sync")
    yield File(
        path=AbsolutePath(f"{UNIT_FOLDER}/{GATE_UNIT}"),
        content=render_snippet(
            "systemd/gate-without-agent.service.j2",
            daemon=unit,
            gated=gate.units,
            timeout=gate.timeout if gate.start_on_timeout else None,
            command=command,
            systemd=release.systemd,
        ),
    )
    needs = Token("Wants" if gate.start_on_timeout else "Requires")
    drop_in = render_snippet("systemd/gate-without-agent.conf.j2", needs=needs)
    for gated in gate.units:
        yield File(path=AbsolutePath(f"{UNIT_FOLDER}/{gated}.d/50-timepolicy.conf"), content=drop_in)
