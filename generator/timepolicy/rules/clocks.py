"""Rules about hardware clocks."""

from collections.abc import Iterator

from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Policy
from timepolicy.rules.rule import Violation, at, rule


@rule(
    "TP293",
    Severity.ERROR,
    "`{device}` is the only source: the agent can compare the clock with nothing, and the gate stays closed",
    "add a server",
)
def clock_alone(policy: Policy) -> Iterator[Violation]:
    """No source that the agent can ask: it cannot prove the time, and the gate stays closed."""
    if policy.clocks and not policy.sources:
        yield at(policy.clocks[0].origin, device=policy.clocks[0].device)


@rule(
    "TP294",
    Severity.ERROR,
    "`{option}` is an option of servers, and this source is a hardware clock",
    "remove it",
)
def server_option_of_a_clock(policy: Policy) -> Iterator[Violation]:
    """An option of servers for a hardware clock."""
    for clock in policy.clocks:
        for option in clock.options:
            yield at(policy.origin(f"{clock.origin.path}.{option}"), option=option)
