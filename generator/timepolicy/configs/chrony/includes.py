"""Which lines chronyd reads, and in which order: its files, and those that they include (conf.c)."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from timepolicy.configs.chrony.access_list import access_list
from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.chrony.grammar import COMMENT_SIGNS, FATAL, IGNORED, SOURCES, faults, source_faults
from timepolicy.configs.file_findings import FileFinding, TextRange, loss
from timepolicy.configs.file_set import ConfigFile, FileKind, is_drop_in
from timepolicy.configs.node_files import NodeFiles
from timepolicy.configs.statement import Statement, statements
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.distros.release import Release
from timepolicy.findings.finding import error, warning
from timepolicy.findings.wording import shortened
from timepolicy.source import Source, Span

NOT_FOLLOWED = warning(
    "TP201",
    "the files of `{directive} {path}` are not read: mistakes in them are not reported",
    "name the directory that holds the node's files with --root; on the node itself that is /",
)
MISSING_FILE = error(
    "TP202",
    "{path} does not exist: chronyd does not start",
    "correct the path or remove the line",
)
NESTED_TOO_DEEP = error(
    "TP203",
    "files include each other more than {limit} levels deep: chronyd does not start",
    "remove the line that leads back to an earlier file",
)
LEADS_NOWHERE = warning(
    "TP214",
    "{path} is a link that leads to no file below the root: it is not read",
    "create the file that it leads to, or remove the link",
)
NOT_A_SOURCE = warning(
    "TP211",
    "chronyd ignores this line: a .sources file can only have `server`, `pool` and `peer`",
    "move the line to chrony.conf",
)
NO_FINAL_NEWLINE = error(
    "TP212",
    "chronyd ignores the last line, because it does not end in a newline",
    "end the line with a newline",
)
LINE_TOO_LONG = error(
    "TP213",
    "the line is longer than {limit} bytes: {consequence}",
    "shorten the line, or split it into several",
)

MAGIC = frozenset("*?[")

DEEPEST = 10
"""conf.c, MAX_INCLUDE_LEVEL."""

LONGEST_LINE, LONGEST_LINE_OF_SOURCES = 2046, 2047
"""Bytes of a line without its newline: the buffers of conf.c and of the reader of .sources files differ by one."""

DHCP_DIRECTORIES = frozenset(row.chrony.dhcp_source_dir for row in AGENT_RELEASES.values() if row.chrony)
"""Where DHCP hooks write .sources files. These come and go on the node, so that none is read here."""


def read(files: Sequence[ConfigFile], node: NodeFiles, release: Release | None) -> ChronyConfiguration:
    """Return what chronyd reads from `files` and from what they include; raise OSError."""
    reader, named = _read(files, node, release), list(files)
    included = [file for file in files if node.identity(file.source.name) in reader.included]
    if included and len(included) < len(files):  # a file that is named and included is read where it is included
        named = [file for file in files if file not in included]
        reader = _read(named, node, release)
    access = access_list(reader.statements, release)
    chrony_files = [file.source for file in named if file.kind is FileKind.CHRONY]
    mains = tuple(source for source in chrony_files if not is_drop_in(source.name))
    return ChronyConfiguration(
        mains=mains,
        sources=tuple(reader.sources),
        statements=tuple(reader.statements),
        names=reader.names,
        is_complete=reader.is_complete and bool(mains),
        access=access,
        findings=(*reader.findings, *access.findings),
        release=release,
    )


def _read(files: Sequence[ConfigFile], node: NodeFiles, release: Release | None) -> "_Reader":
    reader = _Reader(node, release)
    once = {node.identity(file.source.name): file for file in reversed(files)}
    for file in reversed(once.values()):
        if file.kind is FileKind.CHRONY:
            reader.read_directives(file.source)
        else:
            reader.read_sources(file.source)
    return reader


class _Reader:
    """One run through the files; its attributes become those of the configuration."""

    def __init__(self, node: NodeFiles, release: Release | None) -> None:
        self.node, self.release = node, release
        self.sources: list[Source] = []
        self.statements: list[Statement] = []
        self.findings: list[FileFinding] = []
        self.names: set[str] = set()
        self.is_complete = True
        self.included: set[Path] = set()
        self._including: list[Path] = []

    def read_directives(self, source: Source) -> None:
        """Read a .conf file, and what it includes."""
        self.sources.append(source)
        self._including.append(self.node.identity(source.name))
        long_lines = _long_lines(source, LONGEST_LINE)
        values = {"limit": str(LONGEST_LINE), "consequence": FATAL}
        self.findings += [loss(line, LINE_TOO_LONG, **values) for line in long_lines.values()]
        for statement in statements(source, COMMENT_SIGNS, skip=long_lines):
            self.names.add(statement.name)
            problems = list(faults(statement, self.release))
            self.findings += problems
            if not problems:
                self.statements.append(statement)
                self._follow(statement)
        self._including.pop()

    def read_sources(self, source: Source) -> None:
        """Read a .sources file, where chronyd skips the lines that it rejects, and stops at one that is too long."""
        self.sources.append(source)
        last = source.text.count("\n") + 1
        long_lines = _long_lines(source, LONGEST_LINE_OF_SOURCES)
        end = min(long_lines, default=last + 1)
        if long_lines:
            values = {
                "limit": str(LONGEST_LINE_OF_SOURCES),
                "consequence": "chronyd ignores it and the rest of the file",
            }
            self.findings.append(loss(long_lines[end], LINE_TOO_LONG, **values))
        for statement in statements(source, COMMENT_SIGNS, skip=range(end, last + 1)):
            if statement.words[0].line == last:
                problems = [loss(statement, NO_FINAL_NEWLINE)]
            elif statement.name not in SOURCES:
                problems = [loss(statement, NOT_A_SOURCE)]
            else:
                problems = list(source_faults(statement, self.release, IGNORED))
            self.findings += problems
            if not problems:
                self.statements.append(statement)

    def _follow(self, statement: Statement) -> None:
        """Read what a statement includes."""
        match statement.name:
            case "include":
                pattern = statement.texts[0]
                paths = self._matching(statement, pattern)
                is_plain, folder = not MAGIC & set(pattern), pattern.rpartition("/")[0]
                # chronyd exits if a plain name, or the directory of a pattern, does not exist
                if self.node.root and not paths and (is_plain or not self.node.has_directory(folder)):
                    self.findings.append(loss(statement.arguments[0], MISSING_FILE, path=pattern))
            case "confdir":
                paths = self._in_directories(statement, ".conf")
            case "sourcedir" if not DHCP_DIRECTORIES.issuperset(statement.texts):
                for path in self._in_directories(statement, ".sources"):
                    if source := self._content(statement, path):
                        self.read_sources(source)
                return
            case _:
                return
        for path in paths:
            # chronyd follows a loop until it is too deep; here, each include in it would multiply the lines to read
            if len(self._including) >= DEEPEST or self.node.identity(str(path)) in self._including:
                self.findings.append(loss(statement, NESTED_TOO_DEEP, limit=str(DEEPEST)))
            elif source := self._content(statement, path):
                self.read_directives(source)

    def _content(self, statement: Statement, path: Path) -> Source | None:
        """The text of an included file; None for a link that leads nowhere, which is reported."""
        source = self.node.read(path)
        self.included.add(self.node.identity(str(path)))
        if source is None:
            self.is_complete = False
            self.findings.append(loss(statement, LEADS_NOWHERE, path=shortened(self.node.path_on_node(path))))
        return source

    def _in_directories(self, statement: Statement, suffix: str) -> list[Path]:
        """The files of all directories, sorted by name; of two with the same name, that of the first directory."""
        chosen: dict[str, Path] = {}
        for directory in statement.texts:
            for path in self._matching(statement, f"{directory.rstrip('/')}/*{suffix}"):
                chosen.setdefault(path.name, path)
        return [chosen[name] for name in sorted(chosen)]

    def _matching(self, statement: Statement, pattern: str) -> list[Path]:
        """The files that a pattern matches; without a root none, which is reported."""
        if self.node.root is not None and PurePosixPath(pattern).is_absolute():
            return self.node.matching(pattern)
        self.is_complete = False
        path = shortened(" ".join(statement.texts))
        self.findings.append(loss(statement, NOT_FOLLOWED, directive=statement.name, path=path))
        return []


def _long_lines(source: Source, longest: int) -> dict[int, TextRange]:
    """The lines that have more than `longest` bytes, by their numbers."""
    long_lines = {}
    for number, line in enumerate(source.text.split("\n"), 1):
        if len(line.encode(errors="replace")) > longest:
            span = Span(line=number, column=1, end_line=number, end_column=len(line) + 1)
            long_lines[number] = TextRange(source, span)
    return long_lines
