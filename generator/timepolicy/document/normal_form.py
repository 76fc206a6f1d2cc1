"""A policy in its normal form: the same values and comments in the same order, laid out in one way.

Two spaces of indentation, also for a list below its key; one space after `:` and `,`; at most one empty line; quotes
only where YAML needs them. A comment behind a value keeps its column, two spaces away at least. A list or mapping in
brackets keeps them if it fits into a line and no comment is inside.

Comments are found with the spans of `parse`. A library that keeps comments, such as ruamel.yaml, is another parser: it
would read some values otherwise than the compiler does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from timepolicy.document.load import unreadable
from timepolicy.document.parse import parse
from timepolicy.document.tree import Scalar, Value
from timepolicy.findings.result import Findings, Result
from timepolicy.source import Source, Span

WIDTH = 120
"""Columns of a line; a longer list in brackets gets a line for each entry."""

INDENT = 2

Position = tuple[int, int]
"""A line and a column of the text, from 1."""


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment with its `#`; `is_alone` is whether nothing but a hyphen is before it in its line."""

    position: Position
    text: str
    is_alone: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the normal form. `position` is where its first key or value is in the text.

    `column` is where it begins there: at the hyphen, where it has one.
    """

    position: Position
    column: int
    indent: int
    text: str


def normal_form(source: Source) -> Result[str]:
    """Return the text of a policy in its normal form; the result has no value where the text is not valid YAML."""
    if findings := Findings(unreadable(source)):
        return Result(None, findings)
    parsed = parse(source.text).unless_errors()
    if parsed.value is None:
        return Result(None, parsed.findings)
    text = _Layout(source.text, parsed.value).text()
    again = parse(text).value
    assert again is not None, "the normal form is valid YAML"
    assert again.plain() == parsed.value.plain(), "the normal form has the same values"
    return Result(text, parsed.findings)


class _Layout:
    """The lines of the normal form, and the comments between them."""

    def __init__(self, text: str, document: Value) -> None:
        self.source_lines = text.split("\n")
        self.comments = list(_comments(self.source_lines, document))
        mark = next((n for n, line in enumerate(self.source_lines, 1) if line.startswith("---")), None)
        marks = [] if mark is None else [_Line((mark, 1), 1, 0, "---")]
        entries = list(self._entries(document, 0)) or [_Line(_start(document.span), 1, 0, "{}")]
        self.lines = [*marks, *entries]

    def text(self) -> str:
        """Return the lines, each below the comments above it and with those behind it."""
        written: list[str] = []
        pending = list(self.comments)
        for line, following in zip(self.lines, [*self.lines[1:], None], strict=True):
            while pending and pending[0].position < line.position:
                comment = pending.pop(0)
                written += self._below_gap(comment.position, self._depth(comment, line), comment.text)
            behind = []
            while pending and not pending[0].is_alone and (not following or pending[0].position < following.position):
                behind.append(pending.pop(0))
            written += self._below_gap(line.position, line.indent, line.text)
            if behind:
                written[-1] = f"{written[-1]}  ".ljust(behind[0].position[1] - 1) + behind[0].text
            written += [" " * line.indent + comment.text for comment in behind[1:]]
        for comment in pending:
            written += self._below_gap(comment.position, self._depth(comment, None), comment.text)
        return "\n".join(written).lstrip("\n") + "\n"

    def _below_gap(self, position: Position, indent: int, text: str) -> list[str]:
        """The line with the empty one that is above it in the text."""
        has_gap = position[0] > 1 and not self.source_lines[position[0] - 2].strip()
        return [*([""] if has_gap else []), " " * indent + text]

    def _depth(self, comment: _Comment, following: _Line | None) -> int:
        """The indentation of a comment: that of the line that follows, or of a deeper block that it ends."""
        column, depth = comment.position[1], following.indent if following else 0
        if following and column <= following.column:
            return depth
        deepest = WIDTH
        for line in reversed([line for line in self.lines if line.position < comment.position]):
            if line.indent < deepest and line.column <= column:
                return max(depth, line.indent)
            deepest = min(deepest, line.indent)
        return depth

    def _entries(self, value: Value, indent: int) -> Iterator[_Line]:
        """The lines of a mapping or list, each entry at `indent`."""
        if isinstance(value.data, dict):
            for key, entry in value.data.items():
                yield from self._entry(_start(entry.key_span), f"{_scalar(key)}:", entry.value, indent)
        elif isinstance(value.data, list):
            for item in value.data:
                yield from self._item(item, indent)

    def _entry(self, position: Position, head: str, value: Value, indent: int) -> Iterator[_Line]:
        """A key, with its value behind it or below it."""
        short = self._in_one_line(value, indent + len(head) + 1)
        text = head if short is None else f"{head} {short}".rstrip()
        yield _Line(position, position[1], indent, text)
        if short is None:
            yield from self._entries(value, indent + INDENT)

    def _item(self, item: Value, indent: int) -> Iterator[_Line]:
        """An entry of a list, its first key or value behind the hyphen."""
        short = self._in_one_line(item, indent + INDENT)
        lines = list(self._entries(item, indent + INDENT)) if short is None else []
        position = lines[0].position if lines else _start(item.span)
        before = self.source_lines[position[0] - 1][: position[1] - 1].rstrip()
        column = len(before) if before.endswith("-") else position[1]
        yield _Line(position, column, indent, f"- {lines[0].text if lines else short}".rstrip())
        yield from lines[1:]

    def _in_one_line(self, value: Value, used: int) -> str | None:
        """The value as text behind `used` columns; None where it needs lines of its own."""
        if not isinstance(value.data, dict | list):
            return "" if value.data is None else _scalar(value.data)
        start, end = _start(value.span), (value.span.end_line, value.span.end_column)
        is_in_brackets = self.source_lines[start[0] - 1][start[1] - 1] in "[{"
        has_comment = any(start < comment.position < end for comment in self.comments)
        text = _flow(value)
        return text if is_in_brackets and not has_comment and used + len(text) <= WIDTH else None


def _comments(lines: list[str], document: Value) -> Iterator[_Comment]:
    """The comments of a text: behind the last key or scalar of a line, the first `#` begins one."""
    first_columns = {}
    for span in sorted(_tokens(document), key=_start):
        if span.end_line > span.line:
            # the header of a block scalar may have a comment; the other lines of a scalar have none
            is_block = lines[span.line - 1][span.column - 1] in "|>"
            first_columns[span.line] = span.column if is_block else None
            first_columns.update(dict.fromkeys(range(span.line + 1, span.end_line)))
        first_columns[span.end_line] = span.end_column
    for number, line in enumerate(lines, 1):
        first = first_columns.get(number, 1)
        sign = line.find("#", first - 1) if first else -1
        if sign >= 0:
            is_alone = re.fullmatch(r"\s*(-\s+)*", line[:sign]) is not None
            yield _Comment((number, sign + 1), line[sign:].rstrip(), is_alone)


def _tokens(value: Value) -> Iterator[Span]:
    """The spans of all keys and scalars."""
    if isinstance(value.data, dict):
        for entry in value.data.values():
            yield entry.key_span
            yield from _tokens(entry.value)
    elif isinstance(value.data, list):
        for item in value.data:
            yield from _tokens(item)
    else:
        yield value.span


def _start(span: Span) -> Position:
    return span.line, span.column


def _flow(value: Value) -> str:
    """The value in brackets."""
    if isinstance(value.data, dict):
        pairs = (f"{_scalar(key, in_flow=True)}: {_flow(entry.value)}" for key, entry in value.data.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value.data, list):
        return f"[{', '.join(map(_flow, value.data))}]"
    return _scalar(value.data, in_flow=True)


def _scalar(data: Scalar, *, in_flow: bool = False) -> str:
    """A scalar as YAML."""
    if isinstance(data, str):
        return _text(data, in_flow)
    if isinstance(data, float):
        return f"{Decimal(repr(data)):f}"  # repr writes 0.00001 with an exponent, which a policy does not accept
    return "null" if data is None else str(data).lower()  # a bool is True in Python and true in YAML


@lru_cache(maxsize=1000)
def _text(text: str, in_flow: bool) -> str:
    """Text in quotes where some reader would otherwise read something else."""
    if text.isprintable() and not (in_flow and ":" in text):
        sample = parse(f"key: [{text}]\n" if in_flow else f"key: {text}\n")
        if not sample.findings and sample.value and sample.value.plain() == {"key": [text] if in_flow else text}:
            return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    """A character between double quotes (YAML 1.2, section 5.7)."""
    if character in '"\\':
        return "\\" + character
    if character in "\n\t":
        return {"\n": "\\n", "\t": "\\t"}[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"
