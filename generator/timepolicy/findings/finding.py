"""One finding, and the collection that every stage adds to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from timepolicy.source import Span


class Severity(StrEnum):
    """How much a finding weighs: an error stops the compiler, the others do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A kind of finding. `message` and `hint` are `str.format` templates over the finding's values."""

    code: str
    severity: Severity
    message: str
    hint: str


def error(code: str, message: str, hint: str) -> Rule:
    """Return the rule of an error."""
    return Rule(code=code, severity=Severity.ERROR, message=message, hint=hint)


def warning(code: str, message: str, hint: str) -> Rule:
    """Return the rule of a warning."""
    return Rule(code=code, severity=Severity.WARNING, message=message, hint=hint)


def note(code: str, message: str, hint: str) -> Rule:
    """Return the rule of a note."""
    return Rule(code=code, severity=Severity.NOTE, message=message, hint=hint)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One fault at one place. `path` is the policy path (`upstreams[1].server`), empty for the whole text.

    `allowed` is the reason for which the policy allows it; such a finding is kept and not shown.
    """

    rule: Rule
    span: Span
    path: str = ""
    values: dict[str, str] = field(default_factory=dict)
    suggestion: str | None = None
    allowed: str | None = field(default=None, compare=False)

    @property
    def message(self) -> str:
        """What is wrong, in a sentence without a full stop."""
        return self.rule.message.format(**self.values)

    @property
    def hint(self) -> str:
        """What to do about it."""
        return self.rule.hint.format(**self.values)


@dataclass(slots=True)
class Findings:
    """Findings in the order of the text."""

    _items: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Keep `finding`, once: two stages may see the same fault. What is allowed only on some nodes is shown."""
        if finding not in self._items:
            self._items.append(finding)
        elif finding.allowed is None:
            self._items[self._items.index(finding)] = finding

    def extend(self, findings: Iterable[Finding]) -> None:
        """Keep each of `findings`."""
        for finding in findings:
            self.add(finding)

    def __iter__(self) -> Iterator[Finding]:
        return iter(sorted(self._items, key=lambda item: (item.span, item.rule.code, item.path, item.message)))

    def __len__(self) -> int:
        return len(self._items)

    @property
    def shown(self) -> list[Finding]:
        """What is not allowed by the policy, in the order of the text."""
        return [item for item in self if item.allowed is None]

    @property
    def spans_with_errors(self) -> frozenset[Span]:
        """The places that have an error already, so that a later stage need not judge them again."""
        return frozenset(item.span for item in self._items if item.rule.severity is Severity.ERROR)

    @property
    def has_errors(self) -> bool:
        """Whether the compiler must stop."""
        return any(item.rule.severity is Severity.ERROR for item in self._items)
