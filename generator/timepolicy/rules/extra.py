"""Rules about `extra`, lines that a daemon's configuration has besides those that the policy decides.

They judge the document and not merged policies, so that a line of an override is judged where it stands. What only a
release decides is in plan/extra.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from timepolicy.distros.release import DaemonName
from timepolicy.document.tree import Path, Value, dotted
from timepolicy.findings.finding import Severity
from timepolicy.policy.model import EXTRA_KEYS
from timepolicy.policy.overrides import overrides
from timepolicy.rules.rule import Violation, at, rule
from timepolicy.source import Place


@dataclass(frozen=True, slots=True)
class _Lines:
    """One list of lines: its daemon, its path and its entries."""

    daemon: DaemonName
    path: str
    items: list[Value]

    def __iter__(self) -> Iterator[tuple[Place, str]]:
        for index, item in enumerate(self.items):
            yield Place(path=f"{self.path}[{index}]", span=item.span), str(item.data)


@rule(
    "TP136",
    Severity.ERROR,
    "`{name}` is not valid in `extra`: {reason}",
    "{instead}",
)
def decided_by_the_policy(document: Value) -> Iterator[Violation]:
    """A directive that contradicts the policy, or repeats what follows from it."""
    for lines in _lists(document):
        from timepolicy.configs.extra_lines import decision_about, name_of  # only now: few policies have `extra`

        for place, line in lines:
            decision = decision_about(lines.daemon, line)
            if decision:
                name = name_of(lines.daemon, line)
                yield at(place, name=name, reason=decision.reason, instead=decision.instead)


@rule(
    "TP137",
    Severity.ERROR,
    "this line of `extra` is wrong: {reason}",
    "{correction}",
)
def rejected_by_the_daemon(document: Value) -> Iterator[Violation]:
    """A line that the daemon rejects or ignores in every version."""
    for lines in _lists(document):
        from timepolicy.configs.extra_lines import decision_about, fault_of

        for place, line in lines:
            fault = fault_of(lines.daemon, line)
            if fault and not decision_about(lines.daemon, line):
                yield at(place, fault.line, reason=fault.reason, correction=fault.correction)


@rule(
    "TP138",
    Severity.WARNING,
    "`{line}` has no effect: `{other}` below it sets the same",
    "remove one of the two lines",
)
def overridden_line(document: Value) -> Iterator[Violation]:
    """A line of a directive with one value, which a later line overrides."""
    for lines in _lists(document):
        from timepolicy.configs.extra_lines import name_of, overrides_earlier

        last = {name_of(lines.daemon, line): line for _, line in lines}
        for place, line in lines:
            other = last[name_of(lines.daemon, line)]
            if other != line and overrides_earlier(lines.daemon, line):
                yield at(place, line=line, other=other)


def _lists(document: Value) -> Iterator[_Lines]:
    """Each list of lines in the policy and in its overrides that is not empty."""
    parts: list[tuple[Path, Value]] = [((), document)]
    parts += [
        (("overrides", index, "set"), override.at(("set",))) for index, override in enumerate(overrides(document))
    ]
    for path, part in parts:
        for section in ("servers", "clients"):
            for daemon, key in EXTRA_KEYS.items():
                items = part.entries(section, "extra", key)
                if items:
                    yield _Lines(daemon, dotted((*path, section, "extra", key)), items)
