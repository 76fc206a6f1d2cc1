"""How a rule about the meaning of a policy is declared: code, severity, message, help and check, all together.

    @rule(
        "TP087",
        Severity.ERROR,
        "no clock is exactly right, so with a `max_offset` of {max_offset} the gate never opens",
        "write the largest offset that does no harm, such as 100ms",
    )
    def zero_max_offset(policy: Policy) -> Iterator[Violation]:
        ...
        yield at(policy.origin("gate.max_offset"), max_offset="0s")

The decorated name is the rule: `zero_max_offset.code`, `zero_max_offset.findings(policy)`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from timepolicy.findings.finding import Finding, Rule, Severity
from timepolicy.source import Place

Subject = TypeVar("Subject")


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """One place that breaks a rule. `values` fill the templates of the rule's message and help.

    `is_certain` is whether nothing else than `suggestion` can be meant.
    """

    place: Place
    suggestion: str | None
    values: Mapping[str, str]
    is_certain: bool = False


def at(place: Place, suggestion: str | None = None, **values: str) -> Violation:
    """Return a violation at `place`; `suggestion` is what to write instead of the text there."""
    return Violation(place=place, suggestion=suggestion, values=values)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedRule(Rule, Generic[Subject]):
    """A rule and the check that finds where a `Subject`, a policy or its document, breaks it."""

    check: Callable[[Subject], Iterable[Violation]] = field(compare=False, repr=False)

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Yield a finding for each place of `subject` that breaks this rule."""
        for violation in self.check(subject):
            finding = self.at(violation.place, violation.suggestion, **violation.values)
            yield replace(finding, is_certain=violation.is_certain)


Check = Callable[[Subject], Iterable[Violation]]


def rule(code: str, severity: Severity, message: str, help: str) -> Callable[[Check[Subject]], CheckedRule[Subject]]:
    """Make a rule of a check. `message` and `help` are `str.format` templates over a violation's values."""

    def declare(check: Check[Subject]) -> CheckedRule[Subject]:
        return CheckedRule(code=code, severity=severity, message=message, help=help, check=check)

    return declare
