"""Rules about hardware clocks."""

from collections.abc import Iterator

from timepolicy.facts.refclocks import other_kind
from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Policy
from timepolicy.rules.rule import Violation, at, rule


@rule(
    "TP293",
    Severity.NOTE,
    "`{device}` is the only source: the proof of the clock is that chronyd follows it, and nothing is compared with it",
    "add a server, which also serves nodes without the device",
)
def clock_alone(policy: Policy) -> Iterator[Violation]:
    """No source that the agent can ask: what the hypervisor says is believed."""
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


@rule(
    "TP296",
    Severity.ERROR,
    "`{device}` {what}, and chronyd does not start with it as a hardware clock",
    "write a PTP device, such as /dev/ptp0, or remove this source",
)
def device_of_another_kind(policy: Policy) -> Iterator[Violation]:
    """A device without the kernel's interface for PTP hardware clocks."""
    for clock in policy.clocks:
        what = other_kind(clock.device)
        if what is not None:
            yield at(policy.origin(f"{clock.origin.path}.phc"), device=clock.device, what=what)
