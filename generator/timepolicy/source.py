"""A text that findings can point into."""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Span:
    """A stretch of a text: lines and columns count from 1, in characters; `end_column` is the first one after it."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Span(line=1, column=1, end_line=1, end_column=1)
"""Where a finding about the whole text points."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A text and the name by which people know it: a path as it was given, or `<stdin>`."""

    name: str
    text: str

    def line(self, number: int) -> str:
        """Return line `number` (from 1) without its line ending; empty beyond the text's end."""
        lines = _lines(self.text)
        return lines[number - 1].rstrip("\r") if 1 <= number <= len(lines) else ""


@lru_cache(maxsize=1)
def _lines(text: str) -> list[str]:
    """The lines of `text`, which many findings in a row ask for."""
    return text.split("\n")
