"""Rules about the gate and about steps."""

from collections.abc import Iterator

from timepolicy.document.addresses import canonical
from timepolicy.facts import time_services
from timepolicy.facts.boot_units import NEEDED_BY_THE_GATE
from timepolicy.findings.finding import Finding
from timepolicy.findings.register.advice import OFFSET_TOO_TIGHT, STEPS_WHILE_RUNNING, TIMEOUT_TOO_SHORT
from timepolicy.findings.register.sense import GATE_HOLDS_TIME, OFFSET_OF_NOTHING
from timepolicy.policy.model import Policy, When
from timepolicy.tokens import Duration

SYNCHRONISES_WITHIN = Duration.parse("20s")
"""chrony takes some 10 s from the first route until the kernel's flag is clear (bench.boot); twice that is safe."""

PROVABLE_OVER_INTERNET = Duration.parse("5ms")
"""NTP cannot see by how much the two ways differ: its error is up to half the round trip (RFC 5905, section 8)."""


def gate_that_holds_time(policy: Policy) -> Iterator[Finding]:
    """A gated unit without which there is no time: each would wait for the other."""
    for index, unit in enumerate(policy.gate.units):
        if unit in NEEDED_BY_THE_GATE:
            origin = policy.origin(f"gate.units[{index}]")
            yield Finding(rule=GATE_HOLDS_TIME, span=origin.span, path=origin.path, values={"unit": unit})


def offset_of_nothing(policy: Policy) -> Iterator[Finding]:
    """A limit that no measurement keeps; to chronyc waitsync it would mean no limit at all."""
    if not policy.gate.max_offset.microseconds:
        origin = policy.origin("gate.max_offset")
        values = {"max_offset": f"{policy.gate.max_offset}s"}
        yield Finding(rule=OFFSET_OF_NOTHING, span=origin.span, path=origin.path, values=values)


def timeout_too_short(policy: Policy) -> Iterator[Finding]:
    """A gate that gives up before the clock can be right."""
    gate = policy.gate
    if gate.units and gate.start_on_timeout and gate.timeout.seconds < SYNCHRONISES_WITHIN.seconds:
        origin = policy.origin("gate.timeout")
        values = {"timeout": f"{gate.timeout}s", "needed": f"{SYNCHRONISES_WITHIN}s"}
        yield Finding(rule=TIMEOUT_TOO_SHORT, span=origin.span, path=origin.path, values=values)


def offset_too_tight(policy: Policy) -> Iterator[Finding]:
    """A limit that sources on the internet cannot show to be kept."""
    if not policy.gate.units or not 0 < policy.gate.max_offset.seconds < PROVABLE_OVER_INTERNET.seconds:
        return
    if all(time_services.is_public(canonical(source.host)) for source in policy.sources):
        origin = policy.origin("gate.max_offset")
        values = {"max_offset": _in_ms(policy.gate.max_offset), "provable": _in_ms(PROVABLE_OVER_INTERNET)}
        yield Finding(rule=OFFSET_TOO_TIGHT, span=origin.span, path=origin.path, values=values)


def steps_while_running(policy: Policy) -> Iterator[Finding]:
    """A clock that may go back at any time."""
    if policy.step.when is When.ALWAYS:
        origin = policy.origin("step.when")
        yield Finding(rule=STEPS_WHILE_RUNNING, span=origin.span, path=origin.path)


def _in_ms(duration: Duration) -> str:
    return f"{duration.seconds * 1000:g}ms"
