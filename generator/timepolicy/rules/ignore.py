"""What a policy ignores: `ignore` gives findings a reason, and a finding with a reason is not shown.

No rule knows of this. A finding keeps its reason, and the forms for programs report it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from timepolicy.document.spelling import nearest
from timepolicy.document.tree import Value
from timepolicy.findings.finding import Finding, Rule, Severity, warning
from timepolicy.findings.result import Findings
from timepolicy.source import Place

UNKNOWN_CODE = warning(
    "TP110",
    "`{code}` is not the code of a rule about policies, so this entry ignores nothing",
    "write the code that a finding shows in brackets, such as TP083",
)
CODE_OF_AN_ERROR = warning(
    "TP111",
    "`{code}` is an error, and an error cannot be ignored",
    "remove this entry, and fix what the error points at",
)
CODE_ABOUT_IGNORE = warning(
    "TP112",
    "`{code}` is about `ignore` itself, and cannot be ignored",
    "remove this entry, and fix the entry that `{code}` points at",
)
NOTHING_IGNORED = warning(
    "TP113",
    "there is no finding {code}, so this entry ignores nothing; it would hide one that appears later",
    "remove this entry; if it is for nodes of one release, add that release to `distros`",
)
NOTHING_IGNORED_HERE = warning(
    "TP114",
    "there is no finding {code} at `{path}`, so this entry ignores nothing",
    "correct the path, or remove this entry",
)
ABOUT_IGNORE = (UNKNOWN_CODE, CODE_OF_AN_ERROR, CODE_ABOUT_IGNORE, NOTHING_IGNORED, NOTHING_IGNORED_HERE)


@dataclass(frozen=True, kw_only=True, slots=True)
class IgnoreEntry:
    """One entry of a policy's `ignore`.

    It is about findings of the rule `code` at the policy path `at` or below it; an empty `at` is any place. `reason` is
    why; `code_place` and `at_place` are the places of these two values in the policy.
    """

    code: str
    at: str
    reason: str
    code_place: Place
    at_place: Place

    def covers(self, finding: Finding) -> bool:
        """Return whether `finding` is of this rule and at this place."""
        is_below = not self.at or finding.path == self.at or finding.path.startswith((f"{self.at}.", f"{self.at}["))
        return finding.rule.code == self.code and is_below


def entries(document: Value) -> tuple[IgnoreEntry, ...]:
    """Return the entries of `ignore` in `document`, which has a policy's shape, without those of its overrides."""
    result = []
    for index, item in enumerate(document.entries("ignore")):
        path, code, at = f"ignore[{index}]", item.at(("rule",)), item.get("at") or Value(item.span, "")
        entry = IgnoreEntry(
            code=str(code.data),
            at=str(at.data),
            reason=str(item.at(("reason",)).data),
            code_place=Place(path=f"{path}.rule", span=code.span),
            at_place=Place(path=f"{path}.at", span=at.span),
        )
        result.append(entry)
    return tuple(result)


def mark(findings: Iterable[Finding], entries: Iterable[IgnoreEntry]) -> Iterator[Finding]:
    """Yield `findings`; one that an entry covers, and that can be ignored, has the entry's reason."""
    entries = tuple(entries)
    for finding in findings:
        reason = next((entry.reason for entry in entries if entry.covers(finding)), None)
        yield replace(finding, ignored=reason) if reason is not None and _can_be_ignored(finding.rule) else finding


def check_codes(entries: Iterable[IgnoreEntry], rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """Yield a finding for each entry whose code can ignore nothing; `rules` are those that a policy can break."""
    usable = [code for code, rule in rules.items() if _can_be_ignored(rule)]
    for entry in entries:
        rule = rules.get(entry.code)
        if rule is None:
            yield UNKNOWN_CODE.at(entry.code_place, nearest(entry.code, usable), code=entry.code)
        elif rule.severity is Severity.ERROR:
            yield CODE_OF_AN_ERROR.at(entry.code_place, code=entry.code)
        elif rule in ABOUT_IGNORE:
            yield CODE_ABOUT_IGNORE.at(entry.code_place, code=entry.code)


def check_use(entries: Iterable[IgnoreEntry], findings: Findings, rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """Yield a finding for each entry that covers none of `findings`, which are all that the policy has."""
    for entry in entries:
        is_usable = entry.code in rules and _can_be_ignored(rules[entry.code])
        if is_usable and not any(entry.covers(finding) for finding in findings):
            paths = [finding.path for finding in findings if finding.rule.code == entry.code and finding.path]
            if paths:
                suggestion = nearest(entry.at, paths, cutoff=0)
                yield NOTHING_IGNORED_HERE.at(entry.at_place, suggestion, code=entry.code, path=entry.at)
            else:
                yield NOTHING_IGNORED.at(entry.code_place, code=entry.code)


def _can_be_ignored(rule: Rule) -> bool:
    return rule.severity is not Severity.ERROR and rule not in ABOUT_IGNORE
