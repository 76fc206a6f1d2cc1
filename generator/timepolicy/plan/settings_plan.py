"""The plan of a system that takes settings of its own: whom to ask, and no more."""

import re
from collections.abc import Iterator
from itertools import chain

from timepolicy.distros.appliances import Appliance
from timepolicy.findings import wording
from timepolicy.findings.finding import Finding
from timepolicy.findings.register.systems import NO_AGENT, SYSTEM_CANNOT
from timepolicy.findings.register.targets import DAEMON_NOT_AVAILABLE
from timepolicy.findings.result import Findings, Result
from timepolicy.plan.types import SettingsPlan
from timepolicy.policy.model import Policy
from timepolicy.policy.options import NTP_PORT
from timepolicy.policy.role import Role


def plan_settings(policy: Policy, appliance: Appliance) -> Result[SettingsPlan]:
    """Return the plan; no plan, and an error for each reason, where the system has no setting for what is asked."""
    gate = policy.gate
    timeout = gate.timeout if gate.start_on_timeout and appliance.has_boot_timeout else None
    plan = SettingsPlan(
        policy=policy.name,
        release=appliance.key,
        role=policy.role,
        daemon=appliance.client,
        provisioning=appliance.provisioning,
        hosts=tuple(dict.fromkeys(source.host for source in policy.sources)),
        boot_timeout=timeout,
    )
    no_agent = NO_AGENT.at(policy.origin("gate"), release=appliance.key, waits=appliance.waits)
    return Result(plan, Findings([*_objections(policy, appliance), no_agent])).unless_errors()


def _objections(policy: Policy, appliance: Appliance) -> Iterator[Finding]:
    asked = (_inexpressible(policy), _hosts(policy, appliance), _gate(policy, appliance), _no_wait(policy, appliance))
    for path, what in chain(*asked):
        yield SYSTEM_CANNOT.at(policy.origin(path), release=appliance.key, what=what)
    if policy.clients.daemon not in (None, appliance.client):
        place = policy.origin("clients.daemon")
        yield DAEMON_NOT_AVAILABLE.at(place, release=appliance.key, daemon=str(policy.clients.daemon))


def _hosts(policy: Policy, appliance: Appliance) -> Iterator[tuple[str, str]]:
    """Sources by what its settings do not take."""
    for source in policy.sources:
        if appliance.refused_host and re.fullmatch(appliance.refused_host, source.host):
            yield source.origin.path, wording.TAKE_ADDRESS.format(host=source.host)


def _gate(policy: Policy, appliance: Appliance) -> Iterator[tuple[str, str]]:
    """What the policy states of a gate that the system does not have; of defaults a warning tells.

    A limit of the offset is asked for the units that are gated: who gates none there, asks nothing.
    """
    if policy.states("gate.max_offset") and policy.gate.units:
        yield "gate.max_offset", wording.MEASURE_OFFSET
    if policy.states("gate.units"):
        for index, unit in enumerate(policy.gate.units):
            if unit not in appliance.holds:
                yield f"gate.units[{index}]", wording.HOLD_UNIT.format(unit=unit)


def _no_wait(policy: Policy, appliance: Appliance) -> Iterator[tuple[str, str]]:
    """A time to wait of zero, which such a system takes for none stated, or of centuries (Go's time.Duration)."""
    if not (appliance.has_boot_timeout and policy.gate.start_on_timeout):
        return
    if not policy.gate.timeout.microseconds:
        yield "gate.timeout", wording.START_AT_ONCE
    if policy.gate.timeout.microseconds * 1000 >= 2**63:
        yield "gate.timeout", wording.WAIT_SO_LONG


def _inexpressible(policy: Policy) -> Iterator[tuple[str, str]]:
    """What a policy may ask beyond hosts: its path, and what the system cannot do."""
    if policy.timezone not in ("UTC", "Etc/UTC"):
        yield "timezone", wording.HAVE_TIMEZONE
    if policy.role is Role.SERVER:
        yield "servers.allow", wording.SERVE
    if policy.min_sources > 1:
        yield "clients.min_sources", wording.VOTE_AT_ALL
    if policy.use_dhcp_sources:
        yield "clients.dhcp_sources", wording.ADD_DHCP_SOURCES
    yield from ((clock.origin.path, wording.READ_CLOCKS) for clock in policy.clocks)
    if policy.firewall.egress:
        yield "firewall.egress", wording.OPEN_FIREWALL
    if policy.textfile_dir:
        yield "monitoring.textfile_dir", wording.WRITE_METRICS
    yield from ((path, wording.HAVE_STEPS) for path in ("step.when", "step.threshold") if policy.states(path))
    for source in policy.sources:
        options = source.options
        same_anyway = {"port"} if options.port == NTP_PORT else set()
        # no setting says whether the first requests come in a burst, so that either value is refused
        for option in (options.enabled | (options.explicit & {"iburst"})) - same_anyway:
            yield f"{source.origin.path}.{option}", wording.HAVE_OPTION.format(option=option)
