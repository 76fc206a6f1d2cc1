"""A daemon's file as statements: words that know where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from timepolicy.source import Source, Span

BLANK = " \t\v\f\r"
"""What C's isspace() takes for blank, without the newline that ends a line."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its place."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Statement:
    """A line with words: a directive's name, and its arguments."""

    source: Source
    words: tuple[Word, ...]

    @property
    def name(self) -> str:
        """The first word, in lower case: chronyd and ntpd compare names without regard to case."""
        return self.words[0].text.lower()

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words after the first."""
        return self.words[1:]

    @property
    def texts(self) -> list[str]:
        """The arguments' texts."""
        return [word.text for word in self.arguments]

    @property
    def span(self) -> Span:
        """The stretch from the first word to the last."""
        first, last = self.words[0].span, self.words[-1].span
        return Span(line=first.line, column=first.column, end_line=last.end_line, end_column=last.end_column)

    def place_for(self, other: "Statement") -> str:
        """Return the place as a finding about `other` names it: `line 7`, or `line 7 of chrony.conf`."""
        same_file = self.source.name == other.source.name
        return f"line {self.span.line}" + ("" if same_file else f" of {self.source.name}")

    def __str__(self) -> str:
        return " ".join(word.text for word in self.words)


def statements(source: Source, comment_signs: str) -> Iterator[Statement]:
    """Yield each line of `source` that has words; a comment begins with one of `comment_signs` as a line's first."""
    for number, line in enumerate(source.text.split("\n"), 1):
        words = tuple(words_of(line.partition("\0")[0], number))
        if words and words[0].text[0] not in comment_signs:
            yield Statement(source, words)


def words_of(line: str, number: int, offset: int = 0) -> Iterator[Word]:
    """Yield the words of a line, which begins at column `offset` + 1 of line `number`."""
    for match in re.finditer(f"[^{BLANK}]+", line):
        begin, end = match.start() + offset + 1, match.end() + offset + 1
        yield Word(match[0], Span(line=number, column=begin, end_line=number, end_column=end))
