"""The assignments of timesyncd.conf(5) and its drop-ins, as systemd-timesyncd reads them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from timepolicy.configs.chrony.grammar import BYTE_ORDER_MARK
from timepolicy.configs.chrony.includes import LEADS_NOWHERE
from timepolicy.configs.file_findings import FileFinding, TextRange, loss
from timepolicy.configs.file_set import ConfigFile, is_drop_in
from timepolicy.configs.node_files import NodeFiles
from timepolicy.configs.statement import Statement, Word, words_of
from timepolicy.distros.release import Release
from timepolicy.document.spelling import Vocabulary
from timepolicy.facts.timesyncd_settings import SETTING_SINCE
from timepolicy.findings.finding import warning
from timepolicy.findings.wording import shortened
from timepolicy.source import Source

UNKNOWN_SETTING = warning(
    "TP242",
    "systemd-timesyncd ignores `{key}=`: there is no such setting in this section",
    "correct the spelling or remove the line",
)
NO_ASSIGNMENT = warning(
    "TP243",
    "systemd-timesyncd ignores this line: it is neither a section nor an assignment within one",
    "write `NTP=` and the servers, below `[Time]`",
)

DROP_IN_DIRECTORIES = ("etc", "run", "usr/local/lib", "usr/lib")
"""Where systemd looks for drop-ins; the first directory that has a name wins (systemd-system.conf.d(5))."""

SERVERS, FALLBACK = "NTP", "FallbackNTP"

POLLS = {"PollIntervalMaxSec": "max_poll", "PollIntervalMinSec": "min_poll"}
"""For each key the policy's option of a source."""

KEY_NAMES = Vocabulary(SETTING_SINCE)


@dataclass(frozen=True, slots=True)
class Assignment:
    """`key=` and the words after it; a value continues over lines that end in a backslash."""

    key: str
    statement: Statement

    @property
    def values(self) -> tuple[Word, ...]:
        """The words of the value."""
        return self.statement.arguments


@dataclass(frozen=True, slots=True)
class TimesyncdConfiguration:
    """The assignments of section [Time] in all files, in their order; `findings` are about lines that are ignored."""

    sources: tuple[Source, ...]
    assignments: tuple[Assignment, ...]
    findings: tuple[FileFinding, ...]

    def servers(self, key: str) -> list[Assignment]:
        """Return the assignments whose servers `key` adds up to: an empty value removes those before it."""
        servers: list[Assignment] = []
        for assignment in self.assignments:
            if assignment.key == key:
                if assignment.values:
                    servers.append(assignment)
                else:
                    servers.clear()
        return servers


def read(
    files: Sequence[ConfigFile],
    node: NodeFiles,
    release: Release | None,  # noqa: ARG001  # one signature for all daemons
) -> TimesyncdConfiguration:
    """Return what systemd-timesyncd reads from `files`, and from the drop-ins below a root; raise OSError."""
    assignments = []
    drop_ins, findings = _drop_ins(files, node)
    given = {node.identity(file.source.name): file.source for file in files}
    sources = _in_order([*given.values(), *drop_ins])
    for source in sources:
        section = ""
        for statement in _logical_lines(source):
            text = str(statement)
            key, sign, _ = text.partition("=")
            key = key.strip()
            if text.startswith("["):
                section = text
            elif not sign or not section:
                findings.append(loss(statement, NO_ASSIGNMENT))
            elif section == "[Time]" and key in SETTING_SINCE:
                assignments.append(Assignment(key, _split_at_sign(statement)))
            else:
                suggestion = KEY_NAMES.nearest(key) if section == "[Time]" else None
                findings.append(loss(statement.words[0], UNKNOWN_SETTING, suggestion, key=shortened(key)))
    return TimesyncdConfiguration(tuple(sources), tuple(assignments), tuple(findings))


def _drop_ins(files: Sequence[ConfigFile], node: NodeFiles) -> tuple[list[Source], list[FileFinding]]:
    """The drop-ins that systemd reads below the root, without those among `files`, and those that it cannot read."""
    paths: dict[str, Path] = {}
    for directory in DROP_IN_DIRECTORIES if node.root else ():
        for path in node.matching(f"/{directory}/systemd/timesyncd.conf.d/*.conf"):
            paths.setdefault(path.name, path)
    given = {node.identity(file.source.name) for file in files}
    sources, findings = [], []
    for path in paths.values():
        if node.identity(str(path)) not in given:
            source = node.read(path)
            sources.append(source or Source(name=str(path), text=""))
            findings += (
                [] if source else [loss(TextRange(sources[-1]), LEADS_NOWHERE, path=shortened(node.path_on_node(path)))]
            )
    return sources, findings


def _in_order(sources: list[Source]) -> list[Source]:
    """Main files, then drop-ins by the names of the files, whatever their directories."""
    drop_ins = [source for source in sources if is_drop_in(source.name)]
    mains = [source for source in sources if not is_drop_in(source.name)]
    return [*mains, *sorted(drop_ins, key=lambda source: source.name.rpartition("/")[2])]


def _logical_lines(source: Source) -> Iterator[Statement]:
    """Each line with words, joined with the lines that a backslash adds to it; comment lines are skipped."""
    words: list[Word] = []
    for number, line in enumerate(source.text.split("\n"), 1):
        is_marked = number == 1 and line.startswith(BYTE_ORDER_MARK)  # systemd skips it (conf-parser.c)
        content = " " + line[1:] if is_marked else line
        text = content.strip()
        if text.startswith(("#", ";")):
            continue
        continues = text.endswith("\\")
        words += words_of(source, content.rstrip().removesuffix("\\") if continues else content, number)
        if words and not continues:
            yield Statement(source, tuple(words))
            words = []
    if words:
        yield Statement(source, tuple(words))


def _split_at_sign(statement: Statement) -> Statement:
    """The statement with the key as its first word and the value as its arguments, however spaces surround the `=`."""
    index = next(index for index, word in enumerate(statement.words) if "=" in word.text)
    word = statement.words[index]
    head, _, rest = word.text.partition("=")
    value = words_of(statement.source, rest, word.line, word.column + len(head) + 1)
    return Statement(statement.source, (statement.words[0], *value, *statement.words[index + 1 :]))
