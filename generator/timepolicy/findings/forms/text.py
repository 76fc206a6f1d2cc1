"""Findings as text for people, and as one line each."""

from collections import Counter
from collections.abc import Iterator

from timepolicy.findings.excerpt import ExcerptLine, excerpt
from timepolicy.findings.finding import Finding, Severity
from timepolicy.findings.printable import escaped
from timepolicy.findings.result import Findings
from timepolicy.source import START, Source

STYLES = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
"""For each severity, its color as a parameter of ECMA-48's SGR: red, yellow and cyan, bold."""

BOLD, GUTTER, SUGGESTION = "1", "1;34", "1;32"


def render_text(findings: Findings, source: Source, color: bool = False) -> str:
    """Return each finding with its place, the lines of `source` and carets under the value; empty for none.

    What is brief stands above the others, in a line each, and is not counted.
    """
    shown = findings.shown
    if not shown:
        return ""
    brief = "\n".join(_Block(finding, source, color).first_line() for finding in shown if finding.rule.is_brief)
    shown = [finding for finding in shown if not finding.rule.is_brief]
    if not shown:
        return f"{brief}\n"
    blocks = ["\n".join(_Block(finding, source, color).lines()) for finding in shown]
    blocks = [brief, *blocks] if brief else blocks
    counts = Counter(finding.severity for finding in shown)
    summary = ", ".join(f"{counts[kind]} {kind}{'s' * (counts[kind] > 1)}" for kind in Severity if counts[kind])
    return "\n\n".join([*blocks, summary]) + "\n"


def render_place(finding: Finding, source: Source) -> list[str]:
    """Return the lines that show where a finding is and what to do about it, without its message."""
    return list(_Block(finding, source, color=False).lines())[1:]


def render_lines(findings: Findings, source: Source) -> str:
    """Return one line for each finding: `file:line:col: error TP021 message (help; did you mean X?)`."""
    lines = []
    for finding in findings.shown:
        question = f"; did you mean {finding.suggestion}?" if finding.suggestion else ""
        place = f"{source.name}:{finding.span.line}:{finding.span.column}"
        text = f"{place}: {finding.severity} {finding.rule.code} {finding.message} ({finding.help}{question})"
        lines.append(f"{escaped(text)}\n")
    return "".join(lines)


class _Block:
    """One finding for people, with a gutter as wide as its largest line number."""

    def __init__(self, finding: Finding, source: Source, color: bool) -> None:
        self.finding, self.source, self.color = finding, source, color
        self.style = STYLES[finding.severity]
        self.excerpt = [] if finding.span == START else list(excerpt(source, finding.span))
        self.indent = " " * len(str(max((line.number for line in self.excerpt), default=1)))

    def first_line(self) -> str:
        """Its code and message."""
        label = self.paint(f"{self.finding.severity}[{self.finding.rule.code}]", self.style)
        return label + self.paint(escaped(f": {self.finding.message}"), BOLD)

    def lines(self) -> Iterator[str]:
        span = self.finding.span
        yield self.first_line()
        yield self.paint(f"{self.indent}-->", GUTTER) + escaped(f" {self.source.name}:{span.line}:{span.column}")
        if self.excerpt:
            yield self.paint(f"{self.indent} |", GUTTER)
        for line in self.excerpt:
            yield from self.excerpt_lines(line)
        yield self.paint(f"{self.indent} =", GUTTER) + escaped(f" help: {self.finding.help}")
        if suggestion := self.finding.suggestion:
            question = f" did you mean `{self.paint(escaped(suggestion), SUGGESTION)}`?"
            yield self.paint(f"{self.indent} =", GUTTER) + question

    def excerpt_lines(self, line: ExcerptLine) -> Iterator[str]:
        number = f"{line.number:>{len(self.indent)}} |" if line.number else "..."
        yield f"{self.paint(number, GUTTER)} {line.text}".rstrip()
        if line.carets:
            yield f"{self.paint(f'{self.indent} |', GUTTER)} {self.paint(line.carets, self.style)}"

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.color else text
