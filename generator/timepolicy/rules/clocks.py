"""Rules about hardware clocks."""

from collections.abc import Iterator

from timepolicy.findings.finding import Finding
from timepolicy.findings.register.presets import CLOCK_ALONE, CLOCK_OPTION
from timepolicy.policy.model import Policy


def clock_alone(policy: Policy) -> Iterator[Finding]:
    """Nothing that the agent can ask: it could prove nothing, and the gate would stay shut."""
    if policy.clocks and not policy.sources:
        clock = policy.clocks[0]
        values = {"device": str(clock.device)}
        yield Finding(rule=CLOCK_ALONE, span=clock.origin.span, path=clock.origin.path, values=values)


def clock_option(policy: Policy) -> Iterator[Finding]:
    """What is stated of a clock and is a server's."""
    for clock in policy.clocks:
        for option in clock.options:
            origin = policy.origin(f"{clock.origin.path}.{option}")
            yield Finding(rule=CLOCK_OPTION, span=origin.span, path=origin.path, values={"option": option})
