"""The lines of a text that a finding is about, and the carets below each of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from timepolicy.findings.printable import printable, width
from timepolicy.source import Source, Span

WIDEST_EXCERPT = 200
"""Characters of a source line that are shown; the rest is cut on both sides of the fault."""

MOST_LINES = 4
"""Lines of a value that are shown; of a longer one the first MOST_LINES - 1 and the last are."""

ELLIPSIS = "…"

_NO_TAB = re.compile(r"[^\t]")


@dataclass(frozen=True, kw_only=True, slots=True)
class ExcerptLine:
    """A source line as it is shown, and its carets with their padding: empty for none. `number` 0 is a gap."""

    number: int
    text: str
    carets: str = ""


def excerpt(source: Source, span: Span) -> Iterator[ExcerptLine]:
    """Yield the line before `span`, and its own lines with carets under every part that belongs to it."""
    if span.line > 1:
        yield ExcerptLine(number=span.line - 1, text=_cut(source.line(span.line - 1), 0).rstrip())
    numbers = list(range(span.line, span.end_line + 1))
    if len(numbers) > MOST_LINES:
        numbers = [*numbers[: MOST_LINES - 1], numbers[-1]]
    previous = span.line - 1
    for number in numbers:
        if number > previous + 1:
            yield ExcerptLine(number=0, text="")
        yield _with_carets(number, source.line(number), span)
        previous = number


def _with_carets(number: int, line: str, span: Span) -> ExcerptLine:
    begin = span.column - 1 if number == span.line else len(line) - len(line.lstrip())
    end = span.end_column - 1 if number == span.end_line else len(line.rstrip())
    end = max(end, begin + (number == span.line))  # an empty value has a caret, an empty line in a value has none
    left = max(0, min(begin - WIDEST_EXCERPT // 4, len(line) - WIDEST_EXCERPT)) if len(line) > WIDEST_EXCERPT else 0
    shown, begin, end = _cut(line, left), begin - left, end - left
    if end <= begin:
        return ExcerptLine(number=number, text=shown.rstrip())
    before, length = shown[:begin], min(end - begin, WIDEST_EXCERPT)
    if before.isascii():
        padding = _NO_TAB.sub(" ", before)
    else:
        padding = "".join("\t" if character == "\t" else " " * width(character) for character in before)
    carets = "^" * max(1, width(shown[begin : begin + length].ljust(length)))
    return ExcerptLine(number=number, text=shown.rstrip(), carets=padding + carets)


def _cut(line: str, left: int) -> str:
    """The WIDEST_EXCERPT characters of `line` from `left`, with an ellipsis at each end that was cut."""
    shown = line[left : left + WIDEST_EXCERPT]
    shown = ELLIPSIS + shown[1:] if left and shown else shown
    shown = shown[:-1] + ELLIPSIS if left + WIDEST_EXCERPT < len(line) else shown
    return printable(shown)
