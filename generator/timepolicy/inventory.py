"""A list of nodes as CSV: which nodes there are, of which kind each is, and what is wrong with the rows.

The first line names the columns: name, distro and, if wanted, role and format. Memory does not grow with the nodes.
"""

import re
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import IO

from timepolicy.distros import catalogue
from timepolicy.findings.finding import Finding, Rule, error
from timepolicy.findings.result import Findings
from timepolicy.findings.wording import listed
from timepolicy.formats import FORMATS
from timepolicy.policy.role import Role
from timepolicy.request import Request, RequestError, requested_format
from timepolicy.source import Place, Source, Span
from timepolicy.tokens import Host

WRONG_HEADER = error(
    "TP340",
    "the list of nodes cannot be read: {reason}",
    "begin it with the line `name,distro,role,format`; role and format can be left out",
)
WRONG_LINE = error(
    "TP341",
    "this line cannot be read, so its node gets nothing: {reason}",
    "write one node a line, its cells in the order of the first line, with commas between",
)
WRONG_NAME = error(
    "TP342",
    "`{name}` is not the name of a host",
    "use letters, digits, `-` and `.`, such as worker-1.example.org",
)
NAME_TWICE = error(
    "TP343",
    "line {line} already has the node {name}, so it is not clear which product it gets",
    "remove one of the two lines",
)
UNKNOWN_RELEASE = error(
    "TP344",
    "`{name}` is not a distribution release in the catalogue{reason}",
    "write a release that `timepolicy distros` lists",
)
WRONG_KIND = error("TP345", "{reason}", "change the cell, or leave it empty for the default")

COLUMNS = ("name", "distro", "role", "format")
REQUIRED = COLUMNS[:2]

LONGEST_LINE = 1 << 16
"""Bytes of a line. A longer one has lost its line ending, and would be read into memory."""

_CELL = re.compile(r'"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^",]*)')
"""A cell as RFC 4180 has it, except that a line ending in quotes is not part of the cell."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The nodes that get the same product: their release, role and format."""

    release: str
    role: Role
    format: str


@dataclass(frozen=True, slots=True)
class _Mistake:
    """What is wrong with a cell of a column, in every row with the same cells."""

    column: str
    rule: Rule
    suggestion: str | None
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    place: Place


class Inventory:
    """The nodes of a list, and what is wrong with it. The nodes are on disk, in a database without a name."""

    def __init__(self, name: str, lines: IO[bytes], request: Request, policy_name: str) -> None:
        """Read `lines`; `request` says how products are packed. Raise RequestError where no node can have that."""
        import sqlite3  # the rules of this module are in the rulebook, which needs no database

        self.kinds: list[Kind] = []
        self._request, self._policy_name = request, policy_name
        self._known: dict[tuple[str, ...], int | list[_Mistake]] = {}
        self._nodes = sqlite3.connect("")
        weakref.finalize(self, self._nodes.close)  # Python 3.13 warns of a connection that nobody closed
        self._nodes.execute("create table node (line integer primary key, name text unique collate nocase, kind int)")
        self._lines: dict[int, str] = {}
        self._name = name
        self.findings = Findings(self._read(lines))

    @property
    def source(self) -> Source:
        """The lines that findings show; the others are empty, since a list may be larger than memory."""
        last = max(self._lines, default=0)
        return Source(name=self._name, text="\n".join(self._lines.get(n, "") for n in range(1, last + 1)))

    def __len__(self) -> int:
        return int(self._nodes.execute("select count(*) from node").fetchone()[0])

    def nodes(self) -> Iterator[tuple[str, Kind]]:
        """Yield the name and the kind of each node, in the order of the list."""
        for name, kind in self._nodes.execute("select name, kind from node order by line"):
            yield name, self.kinds[kind]

    def _read(self, lines: IO[bytes]) -> Iterator[Finding]:
        columns: Sequence[str] = ()
        before = ""
        for number in count(1):
            data = lines.readline(LONGEST_LINE + 1)
            if not data:
                break
            text, reason = _decoded(data, is_first=number == 1)
            found: list[Finding] = []
            cells = reason or _cells(text, number)
            if isinstance(cells, str):
                found.append(WRONG_LINE.at(_place(number, 0, len(text)), reason=cells))
            elif not columns:
                columns = [cell.text.strip().lower() for cell in cells]
                found += _header_findings(cells)
            elif text.strip():
                found += self._row(dict(zip(columns, cells, strict=False)), number, len(cells) - len(columns), text)
            if found:
                self._lines |= {number - 1: before, number: text}  # with the line above, as findings show it
                yield from found
            before = text
            if not columns or (number == 1 and found) or len(data) > LONGEST_LINE:
                return  # without its columns, the rest has no meaning
        if not columns:
            yield WRONG_HEADER.at(_place(1, 0, 0), reason="it is empty")
        elif not len(self) and not self._lines:
            yield WRONG_HEADER.at(_place(1, 0, 0), reason="it has no nodes")

    def _row(self, row: dict[str, _Cell], number: int, surplus: int, text: str) -> Iterator[Finding]:
        if surplus:
            many = f"it has {abs(surplus)} cell{'s' * (abs(surplus) > 1)} {'more' if surplus > 0 else 'fewer'} than"
            yield WRONG_LINE.at(_place(number, 0, len(text)), reason=f"{many} the first line has columns")
            return
        words = tuple(row[name].text.strip() if name in row else "" for name in COLUMNS[1:])
        if words not in self._known:
            self._known[words] = self._kind(*words)
        kind = self._known[words]
        for mistake in kind if isinstance(kind, list) else []:
            yield mistake.rule.at(row[mistake.column].place, mistake.suggestion, **mistake.values)
        name = row["name"].text.strip()
        if not _is_host(name):
            yield WRONG_NAME.at(row["name"].place, name=name)
            return
        # a node whose kind is wrong is kept too: its name may come again
        entry = (number, name, kind if isinstance(kind, int) else None)
        if self._nodes.execute("insert or ignore into node values (?, ?, ?)", entry).rowcount == 0:
            (line,) = self._nodes.execute("select line from node where name = ?", (name,)).fetchone()
            yield NAME_TWICE.at(row["name"].place, name=name, line=str(line))

    def _kind(self, release: str, role: str, format_: str) -> int | list[_Mistake]:
        """Return the index in `kinds` or, if there is none, what is wrong."""
        mistakes = []
        target = catalogue.find(release)
        if target is None:
            from timepolicy.document.release_names import because, meant  # only for a mistake

            values = {"name": release, "reason": because(release)}
            mistakes.append(_Mistake("distro", UNKNOWN_RELEASE, meant(release), values))
        if role and role not in list(Role):
            mistakes.append(_wrong_kind("role", f"a node is {listed(list(Role))}, not `{role}`"))
        if format_ and format_ not in FORMATS:
            mistakes.append(_wrong_kind("format", f"there is no format `{format_}`; there is {listed(list(FORMATS))}"))
        elif target is not None:
            request = replace(self._request, format=format_ or None)
            try:
                name = requested_format(request, [target], self._policy_name, [release])
            except RequestError as wrong:
                if wrong.parameter != "format":
                    raise
                mistakes.append(_wrong_kind("format", str(wrong)))
        if mistakes:
            return mistakes
        kind = Kind(release, Role(role or Role.CLIENT), name)
        if kind not in self.kinds:
            self.kinds.append(kind)
        return self.kinds.index(kind)


def _wrong_kind(column: str, reason: str) -> _Mistake:
    return _Mistake(column, WRONG_KIND, None, {"reason": reason})


def _decoded(data: bytes, *, is_first: bool) -> tuple[str, str | None]:
    """Return the text of a line, and why it cannot be read."""
    if is_first:
        data = data.removeprefix(b"\xef\xbb\xbf")  # the byte order mark of spreadsheets
    text = data[:LONGEST_LINE].decode(errors="replace").rstrip("\r\n")
    if len(data) > LONGEST_LINE:
        return text[:100], f"it is longer than {LONGEST_LINE} bytes, and what follows is not read"
    return text, "it is not UTF-8" if "\ufffd" in text else None


def _cells(text: str, number: int) -> list[_Cell] | str:
    """Return the cells of a line, or why there are none."""
    cells, start = list[_Cell](), 0
    while True:
        found = _CELL.match(text, start)
        assert found is not None, "the pattern matches an empty cell"
        if found.end() < len(text) and text[found.end()] != ",":
            return "a quoted cell has to end before the next comma, on the same line"
        content = found["plain"] if found["quoted"] is None else found["quoted"].replace('""', '"')
        cells.append(_Cell(content, _place(number, found.start(), found.end())))
        if found.end() == len(text):
            return cells
        start = found.end() + 1


def _header_findings(cells: Sequence[_Cell]) -> Iterator[Finding]:
    names = [cell.text.strip().lower() for cell in cells]
    for index, (cell, name) in enumerate(zip(cells, names, strict=True)):
        if name not in COLUMNS:
            yield WRONG_HEADER.at(cell.place, reason=f"there is no column `{name}`, only {listed(COLUMNS)}")
        elif name in names[:index]:
            yield WRONG_HEADER.at(cell.place, reason=f"it has the column {name} twice")
    for name in REQUIRED:
        if name not in names:
            yield WRONG_HEADER.at(
                _place(1, 0, cells[-1].place.span.end_column - 1), reason=f"it lacks the column {name}"
            )


def _place(line: int, begin: int, end: int) -> Place:
    return Place(path="", span=Span(line=line, column=begin + 1, end_line=line, end_column=end + 1))


def _is_host(name: str) -> bool:
    try:
        Host(name)
    except ValueError:
        return False
    return True
