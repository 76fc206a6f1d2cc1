"""Rules about the gate, and about steps, which decide how soon it opens."""

from collections.abc import Iterator

from timepolicy.facts import time_services
from timepolicy.facts.boot_units import NEEDED_BY_THE_GATE
from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Policy, When
from timepolicy.rules.rule import Violation, at, rule
from timepolicy.tokens import Duration, canonical_host

SYNCHRONISES_WITHIN = Duration.parse("20s")
"""Measured: chrony needs some 10 s from the first route until the kernel's flag is clear (bench.boot); doubled."""

PROVABLE_OVER_INTERNET = Duration.parse("5ms")
"""NTP assumes equal delays in both directions: its error is up to half the round trip (RFC 5905, section 8)."""


@rule(
    "TP083",
    Severity.WARNING,
    "the gate waits for a clock that is never stepped, and slewing it can take days",
    "write `when: boot`, or `gate: {{units: []}}` to gate nothing",
)
def gate_without_steps(policy: Policy) -> Iterator[Violation]:
    """A clock that is slewed only: chronyd corrects at most 1 s in 12 s (chrony.conf(5), maxslewrate)."""
    if policy.step.when is When.NEVER and policy.gate.units:
        yield at(policy.origin("step.when"))


@rule(
    "TP086",
    Severity.ERROR,
    "`{unit}` must run before the gate can open, and would wait for the gate: neither would start",
    "remove it from `units`",
)
def gate_waits_for_itself(policy: Policy) -> Iterator[Violation]:
    """A gated unit that the gate itself needs: each would wait for the other."""
    for index, unit in enumerate(policy.gate.units):
        if unit in NEEDED_BY_THE_GATE:
            yield at(policy.origin(f"gate.units[{index}]"), unit=unit)


@rule(
    "TP087",
    Severity.ERROR,
    "no clock is exactly right, so with a `max_offset` of {max_offset} the gate never opens",
    "write the largest offset that does no harm, such as 100ms",
)
def zero_max_offset(policy: Policy) -> Iterator[Violation]:
    """A limit that no measurement meets. To `chronyc waitsync`, 0 means no limit at all."""
    if not policy.gate.max_offset.microseconds:
        yield at(policy.origin("gate.max_offset"), max_offset=f"{policy.gate.max_offset}s")


@rule(
    "TP127",
    Severity.WARNING,
    "the clock can be stepped back while programs run, which breaks databases and leases",
    "write `when: pause`, which steps at boot and later only forward",
)
def steps_while_running(policy: Policy) -> Iterator[Violation]:
    """A clock that can be stepped back at any time."""
    if policy.step.when is When.ALWAYS:
        yield at(policy.origin("step.when"))


@rule(
    "TP128",
    Severity.WARNING,
    "the gate opens after {timeout}, before a daemon can set the clock, which takes up to {needed}",
    "write a longer `timeout`, such as 10m, or `on_timeout: block`",
)
def timeout_too_short(policy: Policy) -> Iterator[Violation]:
    """A gate that times out before the clock can be right."""
    gate = policy.gate
    if gate.units and gate.start_on_timeout and gate.timeout < SYNCHRONISES_WITHIN:
        yield at(policy.origin("gate.timeout"), timeout=f"{gate.timeout}s", needed=f"{SYNCHRONISES_WITHIN}s")


@rule(
    "TP129",
    Severity.WARNING,
    "NTP over the internet cannot prove an offset below {max_offset}, so the gate may stay closed",
    "write {provable} or more, or use servers in the cluster's own network",
)
def max_offset_too_small(policy: Policy) -> Iterator[Violation]:
    """A limit below what sources on the internet can prove."""
    limit = policy.gate.max_offset
    if not policy.gate.units or not 0 < limit.microseconds < PROVABLE_OVER_INTERNET.microseconds:
        return
    if all(time_services.is_public(canonical_host(source.host)) for source in policy.sources):
        yield at(policy.origin("gate.max_offset"), max_offset=_in_ms(limit), provable=_in_ms(PROVABLE_OVER_INTERNET))


def _in_ms(duration: Duration) -> str:
    return f"{duration.seconds * 1000:g}ms"
