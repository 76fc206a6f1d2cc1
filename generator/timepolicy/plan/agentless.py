"""What a system without the node agent lacks, and the rules about it."""

from collections.abc import Iterable, Iterator

from timepolicy.findings.finding import Finding, error, warning
from timepolicy.policy.model import Policy, Proof
from timepolicy.policy.role import Role

AGENT_DOES_THIS = "on other systems, the node agent does this"

SYSTEM_CANNOT = error(
    "TP310",
    "{release} cannot {what}",
    "change it, remove it, or override it for {release}",
)
NO_AGENT = warning(
    "TP311",
    "{release} has no node agent: {waits}, and nothing reports the state of the clock",
    "ignore this finding with a reason if that is enough there",
)


def agent_duties(policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield what the policy sets and only the agent does: the path, and what a system without the agent cannot do."""
    if policy.role is Role.SERVER:
        yield "servers.allow", "serve time to other nodes"
    for clock in policy.clocks:
        yield clock.origin.path, "read a hardware clock"
    if policy.firewall.egress:
        yield "firewall.egress", "open its firewall from a policy"
    if policy.gate.proof is Proof.SOURCES:
        yield "gate.proof", f"open the gate before the kernel's flag is clear: {AGENT_DOES_THIS}"
    if policy.gate.holdover:
        yield "gate.holdover", f"bound the error of its hardware clock: {AGENT_DOES_THIS}"
    if policy.monitoring.has_doctor:
        yield "monitoring.doctor", f"have `timepolicy-node doctor`: {AGENT_DOES_THIS}"
    if policy.monitoring.textfile_dir:
        yield "monitoring.textfile_dir", f"write metrics for node_exporter: {AGENT_DOES_THIS}"


def agentless_findings(
    policy: Policy, release: str, waits: str, unsupported: Iterable[tuple[str, str]]
) -> Iterator[Finding]:
    """Yield an error for each path and duty in `unsupported`, and the warning. `waits` says what waits for the time."""
    for path, what in unsupported:
        yield SYSTEM_CANNOT.at(policy.origin(path), release=release, what=what)
    yield NO_AGENT.at(policy.origin("gate"), release=release, waits=waits)
