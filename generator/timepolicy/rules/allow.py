"""After the rules have spoken: what the policy allows, and whether warnings count as errors. No rule knows of this."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from timepolicy.document.spelling import nearest
from timepolicy.document.tree import Value
from timepolicy.findings.finding import Finding, Rule, Severity, warning
from timepolicy.findings.result import Findings
from timepolicy.source import Span

UNKNOWN_CODE = warning(
    "TP110",
    "there is no rule `{code}`, so this allows nothing",
    "write the code that a finding shows in brackets, such as TP083",
)
ERROR_ALLOWED = warning(
    "TP111",
    "`{code}` is an error, and errors cannot be allowed",
    "remove this entry, and correct what the error points at",
)
ALLOWANCE_ALLOWED = warning(
    "TP112",
    "`{code}` is about `allow` itself, which cannot be allowed",
    "remove this entry, and correct the one that `{code}` points at",
)
SILENCES_NOTHING = warning(
    "TP113",
    "no `{code}` is found, so this allows nothing",
    "remove this entry; if it is for one release, name that under `distros`",
)
SILENCES_NOTHING_HERE = warning(
    "TP114",
    "no `{code}` is found at `{at}`, so this allows nothing",
    "correct the path, or remove this entry",
)
ABOUT_ALLOW = (UNKNOWN_CODE, ERROR_ALLOWED, ALLOWANCE_ALLOWED, SILENCES_NOTHING, SILENCES_NOTHING_HERE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """One entry of a policy's `allow`: findings of the rule `code` at the policy path `at` or below it; "" is anywhere.

    `reason` is why; `path`, `code_span` and `at_span` are the entry's own place and those of its two values.
    """

    code: str
    at: str
    reason: str
    path: str
    code_span: Span
    at_span: Span

    def covers(self, finding: Finding) -> bool:
        """Return whether `finding` is of this rule and at this place."""
        is_below = not self.at or finding.path == self.at or finding.path.startswith((f"{self.at}.", f"{self.at}["))
        return finding.rule.code == self.code and is_below


def allow_entries(document: Value) -> tuple[Allowance, ...]:
    """Return the entries of `allow` in `document`, which is of the right shape; an override's are not among them."""
    entry = document.data.get("allow") if isinstance(document.data, dict) else None
    items = entry.value.data if entry and isinstance(entry.value.data, list) else []
    return tuple(_allowance(item, f"allow[{index}]") for index, item in enumerate(items))


def _allowance(item: Value, path: str) -> Allowance:
    assert isinstance(item.data, dict), "the schema has been checked"
    stated = {key: entry.value for key, entry in item.data.items()}
    at = stated.get("at", Value(item.span, ""))
    return Allowance(
        code=str(stated["rule"].data),
        at=str(at.data),
        reason=str(stated["reason"].data),
        path=path,
        code_span=stated["rule"].span,
        at_span=at.span,
    )


def allowed(findings: Iterable[Finding], entries: Iterable[Allowance]) -> Iterator[Finding]:
    """Yield `findings`; those that one of `entries` covers, and that may be allowed, have its reason."""
    entries = tuple(entries)
    for finding in findings:
        reason = next((entry.reason for entry in entries if entry.covers(finding)), None)
        yield replace(finding, allowed=reason) if reason is not None and _may_be_allowed(finding.rule) else finding


def refused(entries: Iterable[Allowance], rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """Yield a finding for each of `entries` that can silence nothing; `rules` are those that a policy can break."""
    usable = [code for code, rule in rules.items() if _may_be_allowed(rule)]
    for entry in entries:
        rule = rules.get(entry.code)
        if rule is None:
            yield _about_code(UNKNOWN_CODE, entry, nearest(entry.code, usable))
        elif not _may_be_allowed(rule):
            yield _about_code(ERROR_ALLOWED if rule.severity is Severity.ERROR else ALLOWANCE_ALLOWED, entry)


def idle(entries: Iterable[Allowance], findings: Findings, rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """Yield a finding for each of `entries` that silences none of `findings`, which are all that there are."""
    for entry in entries:
        is_usable = entry.code in rules and _may_be_allowed(rules[entry.code])
        if is_usable and not any(entry.covers(finding) for finding in findings):
            elsewhere = [finding.path for finding in findings if finding.rule.code == entry.code and finding.path]
            yield _misplaced(entry, elsewhere) if elsewhere else _about_code(SILENCES_NOTHING, entry)


def _may_be_allowed(rule: Rule) -> bool:
    """Whether an entry can silence findings of `rule`: not an error, and not one about `allow` itself."""
    return rule.severity is not Severity.ERROR and rule not in ABOUT_ALLOW


def _about_code(rule: Rule, entry: Allowance, suggestion: str | None = None) -> Finding:
    values, path = {"code": entry.code}, f"{entry.path}.rule"
    return Finding(rule=rule, span=entry.code_span, path=path, values=values, suggestion=suggestion)


def _misplaced(entry: Allowance, elsewhere: list[str]) -> Finding:
    """An entry whose rule is broken, but at the paths `elsewhere`."""
    rule, values = SILENCES_NOTHING_HERE, {"code": entry.code, "at": entry.at}
    suggestion = nearest(entry.at, elsewhere, cutoff=0)
    return Finding(rule=rule, span=entry.at_span, path=f"{entry.path}.at", values=values, suggestion=suggestion)
