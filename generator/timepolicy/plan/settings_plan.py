"""The plan of a system that has settings instead of files: which servers it asks, and no more."""

import re
from collections.abc import Iterator
from itertools import chain

from timepolicy.distros.appliances import Appliance
from timepolicy.distros.release import DaemonName
from timepolicy.findings.result import Findings, Result
from timepolicy.plan.agentless import AGENT_DOES_THIS, agent_duties, agentless_findings
from timepolicy.plan.daemons import DAEMON_NOT_AVAILABLE
from timepolicy.plan.types import SettingsPlan
from timepolicy.policy.model import Policy
from timepolicy.policy.options import NTP_PORT

LONGEST_WAIT = 2**63 - 1
"""Nanoseconds in a time.Duration of Go, which Talos reads bootTimeout into: some 292 years."""


def plan_settings(policy: Policy, appliance: Appliance) -> Result[SettingsPlan]:
    """Return the plan; no plan, and an error for each reason, where the system has no setting for what is asked."""
    unsupported = chain(
        agent_duties(policy),
        _unsupported_clients(policy, appliance),
        _unsupported_settings(policy, appliance),
        (
            (policy.extra_path(daemon), f"add lines to the configuration of {daemon}")
            for daemon in policy.extra
            if daemon == appliance.client
        ),
    )
    findings = Findings(agentless_findings(policy, appliance.key, appliance.waits, unsupported))
    daemon = policy.clients.daemon
    if daemon is not None and daemon != appliance.client:
        findings += [DAEMON_NOT_AVAILABLE.at(policy.origin("clients.daemon"), release=appliance.key, daemon=daemon)]
    gate = policy.gate
    plan = SettingsPlan(
        policy=policy.name,
        release=appliance.key,
        role=policy.role,
        daemon=appliance.client,
        provisioning=appliance.provisioning,
        hosts=tuple(dict.fromkeys(source.host for source in policy.sources)),
        boot_timeout=gate.timeout if gate.start_on_timeout and appliance.has_boot_timeout else None,
    )
    return Result(plan, findings).unless_errors()


def _unsupported_clients(policy: Policy, appliance: Appliance) -> Iterator[tuple[str, str]]:
    """What the policy sets about clients and their sources, and a list of hosts cannot express."""
    if policy.min_sources > 1:
        yield "clients.min_sources", "set how many sources must agree"
    if policy.use_dhcp_sources:
        yield "clients.dhcp_sources", "use servers from DHCP in addition to the policy's sources"
    if not policy.listens and appliance.client == DaemonName.CHRONY:
        yield "clients.listen", "close the command port of chronyd"
    for source in policy.sources:
        if appliance.refused_host and re.fullmatch(appliance.refused_host, source.host):
            yield (
                source.origin.path,
                f"use the address {source.host}, which is not valid as a URL: write a host name",
            )
        options = source.options
        # no setting says whether the first requests come in a burst, so that either value is refused
        refused = options.enabled | (options.explicit & {"iburst"})
        for option in refused - ({"port"} if options.port == NTP_PORT else set()):
            yield f"{source.origin.path}.{option}", f"use `{option}` for a source"


def _unsupported_settings(policy: Policy, appliance: Appliance) -> Iterator[tuple[str, str]]:
    """What the policy sets about the clock, steps and the gate, and the system does not support.

    Where the gate is the default one, the warning about the missing agent is enough.
    """
    if policy.timezone not in ("UTC", "Etc/UTC"):
        yield "timezone", "use a timezone other than UTC"
    for path in ("step.when", "step.threshold"):
        if policy.is_set(path):
            yield path, "set when the clock is stepped"
    gate = policy.gate
    if policy.is_set("gate.max_offset") and gate.units:  # without units, nothing asks for the limit
        yield "gate.max_offset", f"measure the offset: {AGENT_DOES_THIS}"
    for index, unit in enumerate(gate.units if policy.is_set("gate.units") else ()):
        if unit not in appliance.holds:
            yield f"gate.units[{index}]", f"make {unit} wait until the clock is right"
    if appliance.has_boot_timeout and gate.start_on_timeout:
        if not gate.timeout.microseconds:
            yield "gate.timeout", "start without waiting: there, a timeout of zero means no timeout"
        if gate.timeout.microseconds * 1000 > LONGEST_WAIT:
            yield "gate.timeout", "wait that long: the limit is 292 years"
