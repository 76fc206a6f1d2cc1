"""What is wrong with the servers and intervals of a timesyncd.conf."""

from collections.abc import Iterator
from itertools import chain, islice

from timepolicy.configs.file_findings import MOST_ON_A_LINE, FileFinding, TextRange, loss, report
from timepolicy.configs.public_sources import NamedSource, check_public
from timepolicy.configs.statement import Statement
from timepolicy.configs.timesyncd.configuration import FALLBACK, POLLS, SERVERS, Assignment, TimesyncdConfiguration
from timepolicy.configs.timesyncd.conversion import SHORTEST_POLL
from timepolicy.configs.timesyncd.hosts import host_before_port, hosts, misread
from timepolicy.configs.timesyncd.time_spans import seconds_of
from timepolicy.findings.finding import error, note, warning
from timepolicy.findings.wording import shortened

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
NO_HOST = error(
    "TP269",
    "systemd-timesyncd reads `{text}` as a host name, which does not resolve: {reason}",
    "{correction}",
)
POLL_IGNORED = warning(
    "TP270",
    "systemd-timesyncd ignores `{statement}` and uses its default: {reason}",
    "write {shortest}s or more",
)

WRITE_HOSTS = "write host names or addresses, separated by spaces"

DEFAULT_SHORTEST_POLL = 32
"""Seconds (timesyncd.conf(5), PollIntervalMinSec=)."""


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
    used = servers or fallback
    for assignment in used:
        yield from islice(chain(_servers_with_port(assignment), _no_hosts(assignment)), MOST_ON_A_LINE)
    yield from check_public([NamedSource(word, word.text) for assignment in used for word in hosts(assignment)])
    yield from _short_polls(configuration)


def _servers_with_port(assignment: Assignment) -> Iterator[FileFinding]:
    for word in assignment.values:
        host = host_before_port(word.text)
        if host is not None:
            yield loss(word, SERVER_WITH_PORT, host, text=shortened(word.text))


def _no_hosts(assignment: Assignment) -> Iterator[FileFinding]:
    """Words that are no host as they are written, and a comment, which systemd does not know behind a value."""
    for word in hosts(assignment):
        if meant := misread(word.text):
            reason, suggestion = meant
            yield loss(word, NO_HOST, suggestion, text=shortened(word.text), reason=reason, correction=WRITE_HOSTS)
    comment = next((word for word in assignment.values if word.text.startswith(("#", ";"))), None)
    if comment:
        reason, correction = "a comment is a line of its own", "move the comment to a line of its own"
        yield report(comment, NO_HOST, text=shortened(comment.text), reason=reason, correction=correction)


def _short_polls(configuration: TimesyncdConfiguration) -> Iterator[FileFinding]:
    """Intervals that systemd-timesyncd replaces by its defaults (timesyncd-conf.c)."""
    last = {assignment.key: assignment for assignment in configuration.assignments if assignment.values}
    spans = {key: seconds_of(" ".join(word.text for word in last[key].values)) for key in POLLS if key in last}
    shortest, longest = spans.get("PollIntervalMinSec"), spans.get("PollIntervalMaxSec")
    if shortest is not None and shortest < SHORTEST_POLL:
        statement, reason = last["PollIntervalMinSec"].statement, f"it accepts no interval below {SHORTEST_POLL}s"
        text = f"PollIntervalMinSec={' '.join(statement.texts)}"
        yield report(statement, POLL_IGNORED, statement=text, reason=reason, shortest=str(SHORTEST_POLL))
        shortest = None
    if longest is not None and longest < (shortest or DEFAULT_SHORTEST_POLL):
        statement, lowest = last["PollIntervalMaxSec"].statement, shortest or DEFAULT_SHORTEST_POLL
        text = f"PollIntervalMaxSec={' '.join(statement.texts)}"
        reason = f"the shortest interval is {lowest}s"
        yield report(statement, POLL_IGNORED, statement=text, reason=reason, shortest=str(lowest))
