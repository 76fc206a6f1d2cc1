"""The plan of a node that the agent cannot run on: daemon, timezone, and a gate that the daemon's own word opens."""

from collections.abc import Iterator

from timepolicy.distros.release import DaemonName, Release
from timepolicy.findings import wording
from timepolicy.findings.finding import Finding
from timepolicy.findings.register.systems import NO_AGENT, SYSTEM_CANNOT
from timepolicy.findings.result import Findings, Result
from timepolicy.plan.daemons import Daemon
from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.plan.snippets import render_snippet
from timepolicy.plan.types import UnitPlan
from timepolicy.plan.units import GATE_UNIT
from timepolicy.policy.model import Policy, When
from timepolicy.policy.role import Role
from timepolicy.tokens import AbsolutePath, Token, UnitName, Verbatim

RIVALS = tuple(map(UnitName, ("chronyd.service", "ntpd.service", "systemd-timesyncd.service")))
"""What such systems have beside the daemon that is chosen, by cloud."""

WAITS = {
    DaemonName.CHRONY: "the gate opens when chrony finds the clock right",
    DaemonName.TIMESYNCD: "the gate opens when systemd-timesyncd has set the clock, by any server that DHCP names too",
}


def plan_units(policy: Policy, release: Release, daemon: Daemon) -> Result[UnitPlan]:
    """Return the plan; no plan, and an error for each reason, where the policy asks for what only the agent can do."""
    unit = daemon.unit(release)
    plan = UnitPlan(
        policy=policy.name,
        release=release.key,
        role=policy.role,
        daemon=daemon.NAME,
        provisioning=release.provisioning,
        files=(*daemon.files(policy, release), *_gate(policy, daemon, unit)),
        links=((AbsolutePath("/etc/localtime"), f"../usr/share/zoneinfo/{policy.timezone}"),),
        enable=(unit,),
        mask=tuple(rival for rival in RIVALS if rival != unit),
    )
    no_agent = NO_AGENT.at(policy.origin("gate"), release=release.key, waits=WAITS[daemon.NAME])
    return Result(plan, Findings([*_objections(policy, release, daemon), no_agent])).unless_errors()


def _objections(policy: Policy, release: Release, daemon: Daemon) -> Iterator[Finding]:
    """What the agent does elsewhere, and is asked for by name."""
    if policy.role is Role.SERVER:
        yield _objection(policy, release, "servers.allow", wording.SERVE)
    for clock in policy.clocks:
        yield _objection(policy, release, clock.origin.path, wording.READ_CLOCKS)
    if policy.firewall.egress:
        yield _objection(policy, release, "firewall.egress", wording.OPEN_FIREWALL)
    if policy.textfile_dir:
        yield _objection(policy, release, "monitoring.textfile_dir", wording.WRITE_METRICS)
    if policy.gate.start_on_timeout and not policy.gate.timeout.microseconds:
        yield _objection(policy, release, "gate.timeout", wording.START_AT_ONCE)
    if policy.states("step.when") and policy.step.when is When.PAUSE:
        yield _objection(policy, release, "step.when", wording.SEE_PAUSES)
    if daemon.NAME is DaemonName.TIMESYNCD:
        yield from _beyond_timesyncd(policy, release)


def _beyond_timesyncd(policy: Policy, release: Release) -> Iterator[Finding]:
    """What nobody sees to beside a timesyncd without the agent."""
    if policy.states("clients.dhcp_sources") and not policy.use_dhcp_sources:
        yield _objection(policy, release, "clients.dhcp_sources", wording.IGNORE_DHCP)
    if policy.states("gate.max_offset") and policy.gate.units:
        yield _objection(policy, release, "gate.max_offset", wording.MEASURE_OFFSET)


def _objection(policy: Policy, release: Release, path: str, what: str) -> Finding:
    return SYSTEM_CANNOT.at(policy.origin(path), release=release.key, what=what)


def _gate(policy: Policy, daemon: Daemon, unit: UnitName) -> Iterator[File]:
    gate = policy.gate
    if not gate.units:
        return
    yield File(
        path=AbsolutePath(f"{UNIT_FOLDER}/{GATE_UNIT}"),
        content=render_snippet(
            "systemd/gate-without-agent.service.j2",
            daemon=unit,
            gated=gate.units,
            timeout=gate.timeout if gate.start_on_timeout else None,
            command=_waiting_command(policy, daemon),
        ),
    )
    needs = Token("Wants" if gate.start_on_timeout else "Requires")
    for gated in gate.units:
        path = AbsolutePath(f"{UNIT_FOLDER}/{gated}.d/50-timepolicy.conf")
        yield File(path=path, content=render_snippet("systemd/gate-without-agent.conf.j2", needs=needs))


def _waiting_command(policy: Policy, daemon: Daemon) -> Verbatim:
    """chronyc(1), waitsync: for ever, until the remaining correction is small; systemd-time-wait-sync.service(8)."""
    if daemon.NAME is DaemonName.CHRONY:
        return Verbatim(f"chronyc waitsync 0 {policy.gate.max_offset} 0 1")
    return Verbatim("/usr/lib/systemd/systemd-time-wait-sync")
