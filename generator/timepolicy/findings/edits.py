"""Changes of a text that findings leave no doubt about."""

from collections.abc import Iterable
from dataclasses import dataclass

from timepolicy.findings.finding import Finding
from timepolicy.source import Source, Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One change within a line: `old` stands at `span`, and `new` takes its place."""

    span: Span
    old: str
    new: str


def certain_edits(findings: Iterable[Finding], source: Source) -> list[Edit]:
    """Return the changes that `findings` about `source` suggest and are certain of, in the order of the text."""
    edits = {}
    for finding in findings:
        span = finding.span
        if finding.is_certain and finding.suggestion and span.line == span.end_line:
            old = source.line(span.line)[span.column - 1 : span.end_column - 1]
            quote = old[:1] if old[:1] in ("'", '"') else ""
            edits[span] = Edit(span=span, old=old, new=f"{quote}{finding.suggestion}{quote}")
    return [edits[span] for span in sorted(edits)]


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with the changes; the rest of it, such as comments, stays as it is."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        line = lines[edit.span.line - 1]
        lines[edit.span.line - 1] = line[: edit.span.column - 1] + edit.new + line[edit.span.end_column - 1 :]
    return "\n".join(lines)
