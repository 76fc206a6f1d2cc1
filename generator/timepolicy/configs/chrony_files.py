"""chrony's files as one list of statements, in the order in which chronyd reads them (conf.c)."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from timepolicy.configs.chrony_grammar import COMMENT_SIGNS, IGNORED, SOURCES, check_directive, check_source
from timepolicy.configs.files import Tree
from timepolicy.configs.report import Report
from timepolicy.configs.statement import Statement, statements
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.distros.release import Release
from timepolicy.findings.register.imports import (
    LINE_TOO_LONG,
    MISSING_FILE,
    NESTED_TOO_DEEP,
    NO_SOURCE_LINE,
    NOT_FOLLOWED,
    UNFINISHED_LINE,
)
from timepolicy.source import Source, Span

MAGIC = frozenset("*?[")

DEEPEST, LONGEST_LINE = 10, 2047
"""conf.c: MAX_INCLUDE_LEVEL, and MAX_LINE_LENGTH without the byte that ends it."""

DHCP_DIRECTORIES = frozenset(row.chrony.dhcp_source_dir for row in AGENT_RELEASES.values() if row.chrony)
"""Where DHCP hooks leave .sources files: filled on the node, so not to be read here."""


class ChronyReader:
    """Reads files and what they bring in; says of each line whether chronyd takes it."""

    def __init__(self, tree: Tree, release: Release | None, report: Report) -> None:
        self.tree, self.release, self.report = tree, release, report
        self.is_complete = True
        """Whether everything that the files name has been read."""
        self.names: set[str] = set()
        """The directives that stand in the files, also in lines that chronyd does not take."""

    def configuration(self, source: Source, depth: int = 1) -> Iterator[Statement]:
        """Yield the statements of a file of directives."""
        self.report.opened(source)
        self._report_long_lines(source)
        for statement in statements(source, COMMENT_SIGNS):
            self.names.add(statement.name)
            if check_directive(statement, self.release, self.report):
                yield statement
                yield from self._brought_in(statement, depth)

    def sources(self, source: Source) -> Iterator[Statement]:
        """Yield the statements of a .sources file, where chronyd passes over whatever it does not take."""
        self.report.opened(source)
        unfinished = source.text.count("\n") + 1
        for statement in statements(source, COMMENT_SIGNS):
            if statement.span.line == unfinished:
                self.report.line(statement, UNFINISHED_LINE)
            elif statement.name not in SOURCES:
                self.report.line(statement, NO_SOURCE_LINE)
            elif check_source(statement, self.release, self.report, IGNORED):
                yield statement

    def _report_long_lines(self, source: Source) -> None:
        for number, line in enumerate(source.text.split("\n"), 1):
            if len(line.encode(errors="replace")) >= LONGEST_LINE:
                span = Span(line=number, column=1, end_line=number, end_column=len(line) + 1)
                self.report.at(source, span, LINE_TOO_LONG, None, limit=str(LONGEST_LINE - 1))

    def _brought_in(self, statement: Statement, depth: int) -> Iterator[Statement]:
        match statement.name:
            case "include":
                yield from self._included(statement, depth)
            case "confdir":
                for path in self._in_directories(statement, ".conf"):
                    yield from self._one(statement, path, depth)
            case "sourcedir" if not DHCP_DIRECTORIES.issuperset(statement.texts):
                for path in self._in_directories(statement, ".sources"):
                    yield from self.sources(self.tree.read(path))

    def _included(self, statement: Statement, depth: int) -> Iterator[Statement]:
        pattern = statement.texts[0]
        found = self._found(statement, pattern)
        if not found and self.tree.root is not None and self._is_fatal(pattern):
            self.report.word(statement, statement.arguments[0], MISSING_FILE, path=pattern)
        for path in found:
            yield from self._one(statement, path, depth)

    def _is_fatal(self, pattern: str) -> bool:
        """Whether chronyd dies of an `include` that nothing matches: a plain name, or a pattern in no directory."""
        return not MAGIC & set(pattern) or not self.tree.has_directory(pattern.rpartition("/")[0])

    def _one(self, statement: Statement, path: Path, depth: int) -> Iterator[Statement]:
        if depth >= DEEPEST:
            self.report.line(statement, NESTED_TOO_DEEP, limit=str(DEEPEST))
            return
        yield from self.configuration(self.tree.read(path), depth + 1)

    def _in_directories(self, statement: Statement, suffix: str) -> list[Path]:
        """The files of all directories by their names; of two with the same name, the one of the first directory."""
        chosen: dict[str, Path] = {}
        for directory in statement.texts:
            for path in self._found(statement, f"{directory.rstrip('/')}/*{suffix}"):
                chosen.setdefault(path.name, path)
        return [chosen[name] for name in sorted(chosen)]

    def _found(self, statement: Statement, pattern: str) -> list[Path]:
        if self.tree.root is not None and PurePosixPath(pattern).is_absolute():
            return self.tree.matching(pattern)
        self.is_complete = False
        path = " ".join(statement.texts)
        self.report.line(statement, NOT_FOLLOWED, directive=statement.name, path=path)
        return []
