"""Rules about the limits at which Prometheus alerts."""

from collections.abc import Iterator

from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Policy
from timepolicy.rules.rule import Violation, at, rule
from timepolicy.tokens import Duration

SMALLEST_OFFSET = Duration.parse("1s")
"""Prometheus reads a clock over HTTP: the error of an offset is the time that a node takes to answer."""


@rule(
    "TP091",
    Severity.ERROR,
    "a `critical_offset` of {critical} is less than the `warn_offset` of {warning}: what is critical is no warning yet",
    "write at least {warning}",
)
def critical_before_warning(policy: Policy) -> Iterator[Violation]:
    """Limits in the wrong order."""
    limits = policy.monitoring
    if limits.critical_offset < limits.warn_offset:
        key = "critical_offset" if policy.is_set("monitoring.critical_offset") else "warn_offset"
        values = {"critical": f"{limits.critical_offset}s", "warning": f"{limits.warn_offset}s"}
        yield at(policy.origin(f"monitoring.{key}"), **values)


@rule(
    "TP092",
    Severity.ERROR,
    "Prometheus cannot see an offset of {offset}: answers of nodes often take longer, and right clocks would alert",
    "write {smallest} or more; `gate.max_offset` limits what the node itself measures",
)
def offset_too_small(policy: Policy) -> Iterator[Violation]:
    """Limits within the error of the measurement."""
    limits = policy.monitoring
    for key, limit in (("warn_offset", limits.warn_offset), ("critical_offset", limits.critical_offset)):
        if limit < SMALLEST_OFFSET:
            values = {"offset": f"{limit}s", "smallest": f"{SMALLEST_OFFSET}s"}
            yield at(policy.origin(f"monitoring.{key}"), **values)
