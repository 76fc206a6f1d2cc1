"""A text that findings point into, and the lines and columns of its characters."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from io import BufferedReader, FileIO

LARGEST_TEXT = 1 << 20
"""Bytes of a policy or of another file that is read whole; a policy of a large fleet has a few thousand."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Span:
    """A range of a text: lines and columns count from 1, in characters; `end_column` is the first one after it."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Span(line=1, column=1, end_line=1, end_column=1)
"""The span of a finding about the whole text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where in a policy something comes from: its path (`upstreams[1].server`, empty for the whole), and its span."""

    path: str
    span: Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A text and the name that findings show for it: a path as it was given, or `<stdin>`.

    `bad_byte` is None for valid UTF-8. Otherwise it is the index in `text` of the first U+FFFD that replaces an invalid
    byte, and this byte.
    """

    name: str
    text: str
    bad_byte: tuple[int, int] | None = None

    @classmethod
    def decode(cls, name: str, data: bytes) -> "Source":
        """Return `data` as text; a byte that is not UTF-8 becomes U+FFFD, and the first one is kept in `bad_byte`."""
        try:
            return cls(name=name, text=data.decode())
        except UnicodeDecodeError as error:
            bad_byte = (len(data[: error.start].decode()), data[error.start])
            return cls(name=name, text=data.decode(errors="replace"), bad_byte=bad_byte)

    def line(self, number: int) -> str:
        """Return line `number` (from 1) without its line ending; empty beyond the end of the text."""
        lines = _lines(self.text)
        return lines[number - 1].rstrip("\r") if 1 <= number <= len(lines) else ""


@lru_cache(maxsize=1)
def _lines(text: str) -> list[str]:
    """The lines of `text`: findings ask for them one after the other."""
    return text.split("\n")


class Positions:
    """Converts indices of a text to lines and columns."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def span(self, begin: int, end: int) -> Span:
        """Return the span from index `begin` (from 0) up to and without `end`."""
        (line, column), (end_line, end_column) = self._place(begin), self._place(max(begin, end))
        return Span(line=line, column=column, end_line=end_line, end_column=end_column)

    def line_span(self, index: int) -> Span:
        """Return the span from `index` to the last visible character of its line."""
        return self.span(index, index + len(rest_of_line(self._text, index).rstrip()))

    def _place(self, index: int) -> tuple[int, int]:
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


def rest_of_line(text: str, index: int) -> str:
    """Return `text` from `index` to the end of its line, without the newline."""
    end = text.find("\n", index)
    return text[index:end] if end >= 0 else text[index:]


def read_file(path: str) -> bytes:
    """Return the bytes of a file, at most LARGEST_TEXT + 1; raise OSError, or ValueError for a path with a NUL."""
    with BufferedReader(FileIO(path)) as file:
        return file.read(LARGEST_TEXT + 1)
