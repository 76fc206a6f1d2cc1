"""What is found in several files: findings, kept by the file that they are about."""

from collections.abc import Collection, Iterator

from timepolicy.configs.statement import Statement, Word
from timepolicy.findings.finding import Finding, Rule
from timepolicy.findings.result import Findings
from timepolicy.source import START, Source, Span


class Report:
    """Findings of several files, in the order in which the files were read."""

    def __init__(self) -> None:
        self._by_name: dict[str, tuple[Source, Findings]] = {}

    def opened(self, source: Source) -> None:
        """Give `source` its place in the order."""
        self._by_name.setdefault(source.name, (source, Findings()))

    def whole(self, source: Source, rule: Rule, /, **values: str) -> None:
        """Add a finding about a file as a whole."""
        self.at(source, START, rule, None, **values)

    def at(self, source: Source, span: Span, rule: Rule, suggestion: str | None = None, /, **values: str) -> None:
        """Add a finding about a stretch of a file."""
        self.opened(source)
        self._by_name[source.name][1].add(Finding(rule=rule, span=span, values=values, suggestion=suggestion))

    def line(self, statement: Statement, rule: Rule, /, **values: str) -> None:
        """Add a finding about a statement."""
        self.at(statement.source, statement.span, rule, None, **values)

    def word(
        self, statement: Statement, word: Word, rule: Rule, suggestion: str | None = None, /, **values: str
    ) -> None:
        """Add a finding about one word of a statement."""
        self.at(statement.source, word.span, rule, suggestion, **values)

    def __iter__(self) -> Iterator[tuple[Source, Findings]]:
        return iter(self._by_name.values())

    def without(self, rules: Collection[Rule]) -> "Report":
        """Return the findings of other rules than these."""
        kept = Report()
        for source, findings in self:
            kept.opened(source)
            for finding in findings:
                if finding.rule not in rules:
                    kept._by_name[source.name][1].add(finding)
        return kept

    @property
    def has_errors(self) -> bool:
        """Whether a file holds an error."""
        return any(findings.has_errors for _, findings in self)

    def codes(self) -> list[str]:
        """Return the codes of all findings, in their order."""
        return [finding.rule.code for _, findings in self for finding in findings]
