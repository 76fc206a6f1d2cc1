"""A text that stands inside a file, such as a part of a MIME document, with its place in the file for findings."""

from dataclasses import dataclass

from timepolicy.configs.file_findings import TextRange
from timepolicy.source import START, Source, Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Extract:
    """The `text`, which the file `source` has `lines` further down and `columns` further to the right.

    Where the file has it in another form, such as a quoted string of YAML, `whole` is the span of this form: no line of
    the text has one of its own.
    """

    source: Source
    text: str
    lines: int = 0
    columns: int = 0
    whole: Span | None = None

    @classmethod
    def of(cls, source: Source) -> "Extract":
        """Return the whole text of a file."""
        return cls(source=source, text=source.text)

    def at(self, span: Span | None = None) -> TextRange:
        """Return the place of `span`, which counts in the text, or of the first line that is not empty."""
        if span is None:
            span = _first_line(self.text)
        if self.whole is not None:
            return TextRange(self.source, self.whole)
        return TextRange(
            self.source,
            Span(
                line=span.line + self.lines,
                column=span.column + self.columns,
                end_line=span.end_line + self.lines,
                end_column=span.end_column + self.columns,
            ),
        )

    def inside(self, text: str, lines: int, columns: int) -> "Extract":
        """Return a text inside this one, which has it `lines` further down and `columns` further to the right."""
        lines, columns = lines + self.lines, columns + self.columns
        return Extract(source=self.source, text=text, lines=lines, columns=columns, whole=self.whole)

    def quoted(self, text: str, span: Span) -> "Extract":
        """Return a text that this one has in another form at `span`."""
        return Extract(source=self.source, text=text, whole=self.at(span).span)


def _first_line(text: str) -> Span:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            return Span(line=number, column=1, end_line=number, end_column=len(line.rstrip()) + 1)
    return START
