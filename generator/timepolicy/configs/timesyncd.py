"""timesyncd.conf(5) and its drop-ins: what systemd-timesyncd makes of them, what is wrong, and the settings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from timepolicy.configs.report import Report
from timepolicy.configs.settings import MOST_SOURCES, ImportedSource, Settings, is_host
from timepolicy.configs.statement import Statement, Word, words_of
from timepolicy.distros.release import DaemonName
from timepolicy.document.spelling import nearest
from timepolicy.findings.register.imports import (
    BUILT_IN_SERVERS,
    FALLBACK_UNUSED,
    NO_ASSIGNMENT,
    NOT_CARRIED,
    SERVER_WITH_PORT,
    SERVERS_ACCUMULATE,
    TOO_MANY_SOURCES,
    UNKNOWN_SETTING,
)
from timepolicy.source import Source

SERVERS, FALLBACK = "NTP", "FallbackNTP"

POLLS = {"PollIntervalMinSec": "min_poll", "PollIntervalMaxSec": "max_poll"}

KEYS = (SERVERS, FALLBACK, *POLLS, "RootDistanceMaxSec", "ConnectionRetrySec", "SaveIntervalSec")
"""timesyncd.conf(5), section [Time]."""

SHORTEST_POLL, LONGEST_POLL = 16, 131072
"""Seconds: what the daemon takes at least, and what a policy takes at most."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """`key=` and the words after it; a value may go on over lines that end in a backslash."""

    key: str
    statement: Statement

    @property
    def values(self) -> tuple[Word, ...]:
        """The words of the value."""
        return self.statement.arguments


def read_timesyncd(sources: list[Source], report: Report) -> Settings:
    """Return what the files say together, in the order in which systemd reads them."""
    read = [assignment for source in sources for assignment in _assignments(source, report)]
    servers, fallback = _servers(read, SERVERS, report), _servers(read, FALLBACK, report)
    if servers and fallback:
        report.line(
            fallback[0][0].statement, FALLBACK_UNUSED, place=servers[0][0].statement.place_for(fallback[0][0].statement)
        )
    if not servers and not fallback:
        report.whole(sources[0], BUILT_IN_SERVERS)
    _report_rest(read, report)
    polls = _polls(read, report)
    named = list(_sources(servers or fallback, polls, report))
    return Settings(daemon=DaemonName.TIMESYNCD, sources=named, use_dhcp_sources=bool(named))


def in_order(sources: list[Source]) -> list[Source]:
    """Return main files and then drop-ins by their names, as systemd reads them."""
    return sorted(
        sources, key=lambda source: (_is_drop_in(source), source.name.rpartition("/")[2] * _is_drop_in(source))
    )


def _is_drop_in(source: Source) -> bool:
    return ".conf.d/" in source.name


def _assignments(source: Source, report: Report) -> Iterator[Assignment]:
    """The assignments of section [Time]; whatever else has words is reported."""
    report.opened(source)
    section = ""
    for words in _logical_lines(source):
        statement = Statement(source, words)
        text = str(statement)
        key, sign, _ = text.partition("=")
        if text.startswith("["):
            section = text
        elif not sign or not section:
            report.line(statement, NO_ASSIGNMENT)
        else:
            assignment = Assignment(key.strip(), _split_at_sign(statement))
            if section == "[Time]" and assignment.key in KEYS:
                yield assignment
            else:
                suggestion = nearest(assignment.key, KEYS) if section == "[Time]" else None
                report.at(source, words[0].span, UNKNOWN_SETTING, suggestion, key=assignment.key)


def _logical_lines(source: Source) -> Iterator[tuple[Word, ...]]:
    """The words of each line, with those of the lines that a backslash joins to it; comments are passed over."""
    gathered: list[Word] = []
    for number, line in enumerate(source.text.split("\n"), 1):
        bare = line.strip()
        if bare.startswith(("#", ";")):
            continue
        goes_on = bare.endswith("\\")
        gathered += words_of(line.rstrip().removesuffix("\\") if goes_on else line, number)
        if gathered and not goes_on:
            yield tuple(gathered)
            gathered = []
    if gathered:
        yield tuple(gathered)


def _split_at_sign(statement: Statement) -> Statement:
    """The statement with `key=` for its first word, however blanks stand around the sign."""
    index = next(index for index, word in enumerate(statement.words) if "=" in word.text)
    word = statement.words[index]
    head, _, rest = word.text.partition("=")
    begin = word.span.column + len(head) + 1
    value = words_of(rest, word.span.line, begin - 1)
    return Statement(statement.source, (statement.words[0], *value, *statement.words[index + 1 :]))


def _servers(read: list[Assignment], key: str, report: Report) -> list[tuple[Assignment, Word]]:
    """The servers that count for `key`: an empty value forgets those before it."""
    named: list[tuple[Assignment, Word]] = []
    for assignment in (assignment for assignment in read if assignment.key == key):
        if not assignment.values:
            named = []
        elif named:
            report.line(
                assignment.statement,
                SERVERS_ACCUMULATE,
                key=key,
                place=named[-1][0].statement.place_for(assignment.statement),
            )
        named += [(assignment, word) for word in assignment.values]
    return named


def _sources(named: list[tuple[Assignment, Word]], polls: dict[str, str], report: Report) -> Iterator[ImportedSource]:
    seen: set[str] = set()
    for assignment, word in named:
        statement, host = assignment.statement, word.text
        if host.lower() in seen:
            continue
        if not is_host(host):
            _report_no_host(statement, word, report)
        elif len(seen) == MOST_SOURCES:
            report.word(statement, word, TOO_MANY_SOURCES, limit=str(MOST_SOURCES), host=host)
        else:
            seen.add(host.lower())
            yield ImportedSource(host=host, is_pool=False, options=polls, statement=statement)


def _report_no_host(statement: Statement, word: Word, report: Report) -> None:
    host, colon, port = word.text.rpartition(":")
    if colon and port.isdigit():
        report.word(statement, word, SERVER_WITH_PORT, host.strip("[]"), text=word.text)
    else:
        report.word(statement, word, NOT_CARRIED, what=word.text, why="it is no host name or address")


def _report_rest(read: list[Assignment], report: Report) -> None:
    for assignment in read:
        if assignment.key not in (SERVERS, FALLBACK, *POLLS) and assignment.values:
            why = "the policy language has nothing for it"
            report.line(assignment.statement, NOT_CARRIED, what=f"{assignment.key}=", why=why)


def _polls(read: list[Assignment], report: Report) -> dict[str, str]:
    """The poll intervals as a policy writes them: powers of two, the shortest no longer than the longest."""
    found: dict[str, tuple[Assignment, int]] = {}
    for assignment in read:
        if assignment.key in POLLS and assignment.values:
            seconds = _seconds(" ".join(word.text for word in assignment.values))
            if seconds is None:
                why = f"a policy takes powers of two from {SHORTEST_POLL}s to {LONGEST_POLL}s"
                report.line(assignment.statement, NOT_CARRIED, what=f"{assignment.key}=", why=why)
                found.pop(assignment.key, None)
            else:
                found[assignment.key] = (assignment, seconds)
    if len(found) == len(POLLS) and found["PollIntervalMinSec"][1] > found["PollIntervalMaxSec"][1]:
        statement = found.pop("PollIntervalMaxSec")[0].statement
        report.line(statement, NOT_CARRIED, what="PollIntervalMaxSec=", why="it is below the shortest interval")
    return {POLLS[key]: f"{seconds}s" for key, (_, seconds) in sorted(found.items(), reverse=True)}


UNITS = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hr": 3600}


def _seconds(text: str) -> int | None:
    """A time span (systemd.time(7)) that is a power of two in seconds; None for others."""
    if not re.fullmatch(r"([0-9]{1,9} ?[a-z]* ?)+", text):
        return None
    parts = re.findall(r"([0-9]+) ?([a-z]*)", text)
    if any(unit not in UNITS for _, unit in parts):
        return None
    total = sum(int(number) * UNITS[unit] for number, unit in parts)
    return total if total.bit_count() == 1 and SHORTEST_POLL <= total <= LONGEST_POLL else None
