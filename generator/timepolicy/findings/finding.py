"""One finding: what is wrong, where, and what to write instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from timepolicy.source import Place, Span


class Severity(StrEnum):
    """The severity of a finding: an error stops the compiler, the others do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A kind of finding. `message` and `help` are `str.format` templates over the finding's values.

    `is_brief`: for people, the message is enough, in one line without a place and help.
    """

    code: str
    severity: Severity
    message: str
    help: str
    is_brief: bool = False

    def at(self, place: Place, /, suggestion: str | None = None, **values: str) -> "Finding":
        """Return a finding at `place`; `values` fill the templates, `suggestion` is what to write instead."""
        return Finding(rule=self, span=place.span, path=place.path, values=values, suggestion=suggestion)


def error(code: str, message: str, help: str) -> Rule:
    """Return the rule of an error."""
    return Rule(code=code, severity=Severity.ERROR, message=message, help=help)


def warning(code: str, message: str, help: str) -> Rule:
    """Return the rule of a warning."""
    return Rule(code=code, severity=Severity.WARNING, message=message, help=help)


def note(code: str, message: str, help: str) -> Rule:
    """Return the rule of a note."""
    return Rule(code=code, severity=Severity.NOTE, message=message, help=help)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One fault at one place. `path` is the policy path (`upstreams[1].server`), empty for the whole text.

    `ignored` is the reason that the policy gives for ignoring it; such a finding is kept and not shown. `is_strict` is
    whether a warning counts as an error. `is_certain` is whether nothing else than `suggestion` can be meant.
    """

    rule: Rule
    span: Span
    path: str = ""
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    suggestion: str | None = None
    is_certain: bool = field(default=False, compare=False)
    ignored: str | None = field(default=None, compare=False)
    is_strict: bool = field(default=False, compare=False)

    @property
    def severity(self) -> Severity:
        """The severity of its rule, or error for a warning that counts as one."""
        return Severity.ERROR if self.is_strict and self.rule.severity is Severity.WARNING else self.rule.severity

    @property
    def message(self) -> str:
        """What is wrong, in a sentence without a full stop."""
        return self.rule.message.format(**self.values)

    @property
    def help(self) -> str:
        """What to do about it."""
        return self.rule.help.format(**self.values)
