"""systemd-timesyncd: timesyncd.conf(5) and its drop-ins."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from timepolicy.configs.chrony.includes import LEADS_NOWHERE
from timepolicy.configs.file_findings import MOST_ON_A_LINE, FileFinding, TextRange, loss, report
from timepolicy.configs.file_set import ConfigFile, is_drop_in
from timepolicy.configs.node_files import NodeFiles
from timepolicy.configs.settings import (
    MOST_SOURCES,
    NOT_CONVERTED,
    TOO_MANY_SOURCES,
    Conversion,
    Settings,
    TimeSource,
    is_host,
)
from timepolicy.configs.statement import Statement, Word, words_of
from timepolicy.distros.release import DaemonName, Release
from timepolicy.document.spelling import Vocabulary
from timepolicy.facts.chrony_options import NO_SETTING
from timepolicy.findings.finding import error, note, warning
from timepolicy.findings.wording import shortened
from timepolicy.source import Source

FALLBACK_UNUSED = warning(
    "TP240",
    "`FallbackNTP=` is never used beside `NTP=` ({place}): these servers are not queried even if the others fail",
    "add these servers to `NTP=`",
)
SERVERS_ACCUMULATE = warning(
    "TP241",
    "`{key}=` adds to the one on {place}: the node uses the servers of both",
    "write an empty `{key}=` before it to replace them",
)
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
SERVER_WITH_PORT = error(
    "TP244",
    "systemd-timesyncd reads `{text}` as a host name, which does not resolve: it supports port 123 only",
    "write the host alone",
)
BUILT_IN_SERVERS = note(
    "TP245",
    "no server is named: systemd-timesyncd uses the servers of DHCP, or those of the distribution",
    "write `NTP=` and the servers below `[Time]` to use others",
)

FALLBACK_ALONE = warning(
    "TP246",
    "the policy's servers come before those of DHCP, and `FallbackNTP=` is only used where DHCP announces none",
    "write `dhcp_sources: ignore` to use these servers only; where DHCP's are the right ones, write those",
)

DROP_IN_DIRECTORIES = ("etc", "run", "usr/local/lib", "usr/lib")
"""Where systemd looks for drop-ins; the first directory that has a name wins (systemd-system.conf.d(5))."""

SERVERS, FALLBACK = "NTP", "FallbackNTP"

POLLS = {"PollIntervalMaxSec": "max_poll", "PollIntervalMinSec": "min_poll"}
"""For each key the policy's option of a source."""

KEYS = (SERVERS, FALLBACK, *POLLS, "RootDistanceMaxSec", "ConnectionRetrySec", "SaveIntervalSec")
"""timesyncd.conf(5), section [Time]."""

KEY_NAMES = Vocabulary(KEYS)

SHORTEST_POLL, LONGEST_POLL = 16, 131072
"""Seconds: the shortest interval of the daemon, and the longest of a policy."""

UNITS = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hr": 3600}
"""Seconds for each unit of a time span (systemd.time(7)), as far as they are of use for polling."""


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
            elif section == "[Time]" and key in KEYS:
                assignments.append(Assignment(key, _split_at_sign(statement)))
            else:
                suggestion = KEY_NAMES.nearest(key) if section == "[Time]" else None
                findings.append(loss(statement.words[0], UNKNOWN_SETTING, suggestion, key=shortened(key)))
    return TimesyncdConfiguration(tuple(sources), tuple(assignments), tuple(findings))


def check(configuration: TimesyncdConfiguration) -> Iterator[FileFinding]:
    """Yield servers that are never used, or used in another way than it seems."""
    for key in (SERVERS, FALLBACK):
        last: Statement | None = None
        for assignment in (item for item in configuration.assignments if item.key == key):
            statement = assignment.statement
            if last and assignment.values:
                yield report(statement, SERVERS_ACCUMULATE, key=key, place=last.place_for(statement))
            last = statement if assignment.values else None
    servers, fallback = configuration.servers(SERVERS), configuration.servers(FALLBACK)
    if servers and fallback:
        statement = fallback[0].statement
        yield report(statement, FALLBACK_UNUSED, place=servers[0].statement.place_for(statement))
    if not servers and not fallback:
        yield report(TextRange(configuration.sources[0]), BUILT_IN_SERVERS)
    for assignment in servers or fallback:
        yield from islice(_servers_with_port(assignment), MOST_ON_A_LINE)


def convert(configuration: TimesyncdConfiguration) -> Conversion:
    """Return what a policy can hold of `configuration`."""
    findings = [
        _not_converted(assignment, NO_SETTING)
        for assignment in configuration.assignments
        if assignment.key not in (SERVERS, FALLBACK, *POLLS) and assignment.values
    ]
    polls, poll_findings = _polls(configuration)
    sources: dict[str, TimeSource] = {}
    for assignment in configuration.servers(SERVERS) or configuration.servers(FALLBACK):
        unusable = []
        for word in assignment.values:
            if word.text.lower() in sources or _host_before_port(word.text) is not None:
                continue
            if not is_host(word.text):
                why = "it is no host name or address"
                unusable.append(loss(word, NOT_CONVERTED, what=shortened(word.text), why=why))
            elif len(sources) == MOST_SOURCES:
                unusable.append(loss(word, TOO_MANY_SOURCES, limit=str(MOST_SOURCES), host=word.text))
            else:
                sources[word.text.lower()] = TimeSource(host=word.text, is_pool=False, options=polls)
        findings += unusable[:MOST_ON_A_LINE]
    if sources and not configuration.servers(SERVERS):
        findings.append(loss(configuration.servers(FALLBACK)[0].statement, FALLBACK_ALONE))
    settings = Settings(daemon=DaemonName.TIMESYNCD, sources=tuple(sources.values()), use_dhcp_sources=bool(sources))
    return Conversion(settings, (*findings, *poll_findings))


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
        text = line.strip()
        if text.startswith(("#", ";")):
            continue
        continues = text.endswith("\\")
        words += words_of(source, line.rstrip().removesuffix("\\") if continues else line, number)
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


def _servers_with_port(assignment: Assignment) -> Iterator[FileFinding]:
    for word in assignment.values:
        host = _host_before_port(word.text)
        if host is not None:
            yield loss(word, SERVER_WITH_PORT, host, text=shortened(word.text))


def _host_before_port(text: str) -> str | None:
    """The host of `host:port`; None for anything else, and for hosts that a policy accepts, such as IPv6 addresses."""
    host, colon, port = text.rpartition(":")
    return host.strip("[]") if colon and port.isdigit() and not is_host(text) else None


def _not_converted(assignment: Assignment, why: str) -> FileFinding:
    return loss(assignment.statement, NOT_CONVERTED, what=f"{assignment.key}=", why=why)


def _polls(configuration: TimesyncdConfiguration) -> tuple[dict[str, str], list[FileFinding]]:
    """The poll intervals as policies have them: powers of two, the shortest no longer than the longest."""
    seconds: dict[str, int] = {}
    last: dict[str, Assignment] = {}
    findings = []
    for assignment in configuration.assignments:
        if assignment.key in POLLS and assignment.values:
            number = _seconds(" ".join(word.text for word in assignment.values))
            if number is None:
                why = f"a policy accepts powers of two from {SHORTEST_POLL}s to {LONGEST_POLL}s"
                findings.append(_not_converted(assignment, why))
                seconds.pop(assignment.key, None)
            else:
                seconds[assignment.key], last[assignment.key] = number, assignment
    if len(seconds) == len(POLLS) and seconds["PollIntervalMinSec"] > seconds["PollIntervalMaxSec"]:
        del seconds["PollIntervalMaxSec"]
        findings.append(_not_converted(last["PollIntervalMaxSec"], "it is below the shortest interval"))
    return {POLLS[key]: f"{seconds[key]}s" for key in sorted(seconds, reverse=True)}, findings


def _seconds(text: str) -> int | None:
    """A time span that is a power of two in seconds; None for others."""
    span = r"([0-9]{1,9})(?![0-9]) ?([a-z]*) ?"
    parts = re.findall(span, text)
    if not parts or re.sub(span, "", text) or any(unit not in UNITS for _, unit in parts):
        return None
    total = sum(int(number) * UNITS[unit] for number, unit in parts)
    return total if total.bit_count() == 1 and SHORTEST_POLL <= total <= LONGEST_POLL else None
