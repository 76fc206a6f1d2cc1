"""From the lines of `server` and `pool` to the sources of a policy."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from timepolicy.configs.chrony.authentication import authentication_mode, is_required
from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.chrony.grammar import SOURCES, is_address, is_number
from timepolicy.configs.file_findings import MOST_ON_A_LINE, FileFinding, loss, report
from timepolicy.configs.own_clock import is_own_clock
from timepolicy.configs.settings import (
    MOST_SOURCES,
    NOT_CONVERTED,
    NOT_NEEDED,
    TOO_MANY_SOURCES,
    TimeSource,
    is_host,
    not_converted,
)
from timepolicy.configs.source_options import (
    NUMBERS,
    Options,
    normalized,
    policy_option,
    refusal,
    without_conflicts,
)
from timepolicy.configs.statement import Statement, Word
from timepolicy.facts.chrony_options import SOURCE_OPTIONS
from timepolicy.findings.wording import shortened
from timepolicy.policy.options import POOL_SOURCES
from timepolicy.tokens import canonical_host

NEVER_USED = "with `authselectmode require`, chronyd never uses a source without `nts` or `key`"

LARGEST_KEY = NUMBERS["key"][2]

MOST_OF_A_POOL = NUMBERS["maxsources"][2]
"""Addresses of a pool that a policy accepts at most."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line and the source that it names."""

    statement: Statement
    source: TimeSource


def convert_sources(configuration: ChronyConfiguration) -> tuple[tuple[TimeSource, ...], list[FileFinding]]:
    """Return the sources of a policy, and findings about what it lacks."""
    findings: list[FileFinding] = []
    lines: list[SourceLine] = []
    for statement in configuration.all(*SOURCES):
        word = statement.arguments[0]
        if statement.name == "peer":
            findings.append(not_converted(statement, "nodes of a policy have servers, not peers"))
        elif is_own_clock(word.text):
            findings.append(not_converted(statement, "chronyd takes it for an address, at which nobody answers"))
        elif not is_host(word.text):
            why = "it is no host name or address"
            findings.append(loss(word, NOT_CONVERTED, what=shortened(word.text), why=why))
        else:
            options, option_findings = _options(statement)
            if "key" in map(str.lower, statement.texts[1:]) and not {"key", "nts"} & options.keys():
                findings.append(not_converted(statement, f"the number of a key is from 1 to {LARGEST_KEY} in a policy"))
                continue
            source = TimeSource(host=word.text, is_pool=statement.name == "pool", options=options)
            lines.append(SourceLine(statement, source))
            findings += option_findings
    selected, selection_findings = _selected(configuration, lines)
    sources: list[TimeSource] = []
    for group in _groups(selected):
        if len(sources) == MOST_SOURCES:
            values = {"limit": str(MOST_SOURCES), "host": group[0].source.host}
            findings += [loss(line.statement, TOO_MANY_SOURCES, **values) for line in group]
        else:
            sources.append(_joined(group))
            findings += _beyond(group)
    return tuple(sources), [*findings, *selection_findings]


def _options(statement: Statement) -> tuple[Options, list[FileFinding]]:
    """The options of a line by the policy's names."""
    options: Options = {"iburst": False}
    places: dict[str, tuple[Word, str]] = {}
    findings: list[FileFinding] = []
    words = iter(statement.arguments[1:])
    for word in words:
        name = word.text.lower()
        row = SOURCE_OPTIONS[name]
        value = next(words).text if row.value else ""
        what = f"{word.text} {value}".strip()
        option = policy_option(name, value, is_pool=statement.name == "pool")
        if option is None and row.default is not None and is_number(value) and float(value) == float(row.default):
            findings.append(report(word, NOT_NEEDED, what=what, why="it is chronyd's default"))
        elif option is None and len(findings) < MOST_ON_A_LINE:
            findings.append(loss(word, NOT_CONVERTED, what=what, why=refusal(name)))
        options |= option or {}
        places |= dict.fromkeys(option or {}, (word, what))
    options, ignored = without_conflicts(options)
    for name, why in ignored.items():
        word, what = places[name]
        findings.append(report(word, NOT_NEEDED, what=what, why=why))
    return normalized(options), findings


def _selected(
    configuration: ChronyConfiguration, lines: list[SourceLine]
) -> tuple[list[SourceLine], list[FileFinding]]:
    """The lines whose sources chronyd may use by the mode of authentication (sources.c, SRC_SetAuthSelectMode)."""
    if is_required(configuration):
        unused = [line.statement for line in lines if not line.source.is_authenticated]
        findings = [not_converted(statement, NEVER_USED) for statement in unused]
        return [line for line in lines if line.source.is_authenticated], findings
    if authentication_mode(configuration) == "prefer" and any(line.source.is_authenticated for line in lines):
        return [line if line.source.is_authenticated else _only_measured(line) for line in lines], []
    return lines, []


def _only_measured(line: SourceLine) -> SourceLine:
    options = {**line.source.options, "noselect": True}
    return SourceLine(line.statement, replace(line.source, options=options))


def _groups(lines: list[SourceLine]) -> Iterator[list[SourceLine]]:
    """Lines that a policy has as one source: of a name with the same options, or of an address only the first.

    chronyd uses another address of the name for each line, and ignores an address that it already uses.
    """
    groups: dict[object, list[SourceLine]] = {}
    for line in lines:
        source = line.source
        options = frozenset((name, value) for name, value in source.options.items() if name != "max_sources")
        host = canonical_host(source.host)
        if not is_address(host):
            groups.setdefault((host, options), []).append(line)
        else:
            groups.setdefault(host, [line])
    yield from groups.values()


def _joined(group: list[SourceLine]) -> TimeSource:
    first = group[0].source
    count = min(sum(map(_addresses, group)), MOST_OF_A_POOL)
    if len(group) == 1:
        return first
    return TimeSource(host=first.host, is_pool=True, options={**first.options, "max_sources": count})


def _beyond(group: list[SourceLine]) -> Iterator[FileFinding]:
    """The last line of a group that asks for more addresses than a policy accepts."""
    count = sum(map(_addresses, group))
    if count > MOST_OF_A_POOL:
        why = f"with it the name has {count} addresses, and a policy accepts {MOST_OF_A_POOL}"
        yield not_converted(group[-1].statement, why)


def _addresses(line: SourceLine) -> int:
    """How many addresses of a name a line asks for."""
    return int(line.source.options.get("max_sources", POOL_SOURCES)) if line.source.is_pool else 1
