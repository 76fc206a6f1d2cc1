"""From a timesyncd.conf to settings that a policy can have."""

from collections.abc import Iterator

from timepolicy.configs.file_findings import MOST_ON_A_LINE, FileFinding, loss, report
from timepolicy.configs.settings import (
    MOST_SOURCES,
    NOT_CONVERTED,
    NOT_NEEDED,
    TOO_MANY_SOURCES,
    Conversion,
    Settings,
    TimeSource,
    is_host,
)
from timepolicy.configs.timesyncd.configuration import FALLBACK, POLLS, SERVERS, Assignment, TimesyncdConfiguration
from timepolicy.configs.timesyncd.hosts import host_before_port, hosts, misread
from timepolicy.configs.timesyncd.time_spans import is_time_span, seconds_of
from timepolicy.distros.release import DaemonName
from timepolicy.findings.finding import warning
from timepolicy.findings.wording import shortened

FALLBACK_ALONE = warning(
    "TP246",
    "the policy's servers come before those of DHCP, and `FallbackNTP=` is only used where DHCP announces none",
    "write `dhcp_sources: ignore` to use these servers only; where DHCP's are the right ones, write those",
)

SHORTEST_POLL, LONGEST_POLL = 16, 131072
"""Seconds: the shortest interval of the daemon, and the longest of a policy."""


def convert(configuration: TimesyncdConfiguration) -> Conversion:
    """Return what a policy can hold of `configuration`."""
    extra, findings = _extra(configuration)
    findings += _removed(configuration)
    polls, poll_findings = _polls(configuration)
    sources: dict[str, TimeSource] = {}
    for assignment in configuration.servers(SERVERS) or configuration.servers(FALLBACK):
        unusable = []
        for word in hosts(assignment):
            if host_before_port(word.text) is not None or misread(word.text):
                continue
            if word.text.lower() in sources:
                unusable.append(report(word, NOT_NEEDED, what=shortened(word.text), why="it is named before"))
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
    settings = Settings(
        daemon=DaemonName.TIMESYNCD, sources=tuple(sources.values()), use_dhcp_sources=bool(sources), extra=extra
    )
    return Conversion(settings, (*findings, *poll_findings))


def _extra(configuration: TimesyncdConfiguration) -> tuple[tuple[str, ...], list[FileFinding]]:
    """The settings for which policies have no key, as lines of `extra`; the last value of each counts."""
    others = [item for item in configuration.assignments if item.key not in (SERVERS, FALLBACK, *POLLS)]
    lines, findings = [], []
    for assignment in {item.key: item for item in others if item.values}.values():
        text = " ".join(word.text for word in assignment.values)
        if is_time_span(text):
            lines.append(f"{assignment.key}={text}")
        else:
            findings.append(_not_converted(assignment, "systemd-timesyncd ignores it: its value is no time span"))
    return tuple(lines), findings


def _removed(configuration: TimesyncdConfiguration) -> Iterator[FileFinding]:
    """Servers that a later empty value removes, and intervals that a later line overrides."""
    replacing: dict[str, Assignment] = {}  # the next line that removes or overrides those of its key before it
    for assignment in reversed(configuration.assignments):
        other = replacing.get(assignment.key)
        if assignment.key not in (SERVERS, FALLBACK) or not assignment.values:
            replacing[assignment.key] = assignment
        if assignment.values and other:
            place = other.statement.place_for(assignment.statement)
            why = f"`{assignment.key}=` ({place}) replaces it"
            yield report(assignment.statement, NOT_NEEDED, what=shortened(f"{assignment.key}="), why=why)


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
    """A time span that a policy accepts: a power of two in seconds; None for others."""
    total = seconds_of(text)
    is_power = total is not None and total.bit_count() == 1
    return total if is_power and total is not None and SHORTEST_POLL <= total <= LONGEST_POLL else None
