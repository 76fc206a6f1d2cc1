"""What a stage returns: a value, and the findings of this one call. No stage keeps or changes those of another."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from timepolicy.findings.finding import Finding, Severity
from timepolicy.source import Span

T = TypeVar("T", covariant=True)  # noqa: PLC0105  # a short name, since it is in every signature
U = TypeVar("U")


class Findings:
    """Immutable findings in the order of the text, each once: two stages may report the same fault."""

    __slots__ = ("_items",)

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._items: dict[Finding, Finding] = {}
        for finding in findings:
            # a finding that the policy ignores only on some nodes is shown
            if finding not in self._items or finding.ignored is None:
                self._items[finding] = finding

    def __iter__(self) -> Iterator[Finding]:
        items = self._items.values()
        return iter(sorted(items, key=lambda item: (item.span, item.rule.code, item.path, item.message)))

    def __len__(self) -> int:
        return len(self._items)

    def __add__(self, others: Iterable[Finding]) -> "Findings":
        return Findings([*self._items.values(), *others])

    @property
    def shown(self) -> list[Finding]:
        """The findings that the policy does not ignore, in the order of the text."""
        return [item for item in self if item.ignored is None]

    def strict(self) -> "Findings":
        """Return the same findings, with an error for each warning that is shown."""
        return Findings(
            replace(item, is_strict=True) if item.ignored is None else item for item in self._items.values()
        )

    @property
    def spans_with_errors(self) -> frozenset[Span]:
        """The places that have an error already, so that a later stage need not judge them again."""
        return frozenset(item.span for item in self._items.values() if item.severity is Severity.ERROR)

    @property
    def has_errors(self) -> bool:
        """Whether the compiler must stop."""
        return any(item.severity is Severity.ERROR for item in self._items.values())


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """The value of a stage, None where it has none, and the findings of the call."""

    value: T | None
    findings: Findings = field(default_factory=Findings)

    def then(self, stage: "Callable[[T], Result[U]]") -> "Result[U]":
        """Hand the value to the next stage; its result carries the findings of both. Without a value, nothing runs."""
        if self.value is None:
            return Result(None, self.findings)
        following = stage(self.value)
        return Result(following.value, self.findings + following.findings)

    def unless_errors(self) -> "Result[T]":
        """Return the same findings, without the value where one of them is an error."""
        return Result(None, self.findings) if self.findings.has_errors else self
