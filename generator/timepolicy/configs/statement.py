"""The lines of a daemon's file as statements: words, each with its place."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from timepolicy.findings.wording import shortened
from timepolicy.source import Source, Span

SPACE = " \t\v\f\r"
"""The space of isspace(3) in the C locale, without the newline that ends a line."""

_WORD = re.compile(f"[^{SPACE}]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of `source` and its place; `line` and `column` count from 1."""

    source: Source
    text: str
    line: int
    column: int

    @property
    def span(self) -> Span:
        """The range of the word."""
        end = self.column + len(self.text)
        return Span(line=self.line, column=self.column, end_line=self.line, end_column=end)


@dataclass(frozen=True, slots=True)
class Statement:
    """The words of a line: a directive's name and its arguments. There is at least one word."""

    source: Source
    words: tuple[Word, ...]

    @property
    def name(self) -> str:
        """The first word in lower case: chronyd and ntpd compare names without regard to case."""
        return self.words[0].text.lower()

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words after the first."""
        return self.words[1:]

    @property
    def texts(self) -> list[str]:
        """The arguments' texts."""
        return [word.text for word in self.words[1:]]

    @property
    def span(self) -> Span:
        """The range from the first word to the last."""
        first, last = self.words[0], self.words[-1]
        return Span(line=first.line, column=first.column, end_line=last.line, end_column=last.column + len(last.text))

    @property
    def quote(self) -> str:
        """The statement as messages quote it: shortened, since the excerpt below a message shows the rest."""
        return shortened(str(self))

    def place_for(self, other: "Statement") -> str:
        """Return the place as a finding about `other` names it: `line 7`, or `line 7 of chrony.conf`."""
        same_file = self.source.name == other.source.name
        return f"line {self.words[0].line}" + ("" if same_file else f" of {self.source.name}")

    def __str__(self) -> str:
        return " ".join(word.text for word in self.words)


def statements(source: Source, comment_signs: str, skip: Collection[int] = ()) -> Iterator[Statement]:
    """Yield each line of `source` that has words, without comment lines and the lines whose numbers are in `skip`.

    A comment line begins with one of `comment_signs`. A NUL ends a line early, as it does for programs in C.
    """
    for number, line in enumerate(source.text.split("\n"), 1):
        if number not in skip:
            words = words_of(source, line.partition("\0")[0], number)
            if words and words[0].text[0] not in comment_signs:
                yield Statement(source, words)


def words_of(source: Source, text: str, line: int, column: int = 1) -> tuple[Word, ...]:
    """Return the words of `text`, which begins at `column` of a line of `source`."""
    return tuple(Word(source, match[0], line, match.start() + column) for match in _WORD.finditer(text))
