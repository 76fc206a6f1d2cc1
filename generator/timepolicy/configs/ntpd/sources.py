"""From ntpd's lines of `server` and `pool` to the sources of a policy, on nodes that run chrony."""

from collections.abc import Sequence

from timepolicy.configs.file_findings import MOST_ON_A_LINE, FileFinding, loss, report
from timepolicy.configs.ntpd.configuration import NtpdConfiguration, family_of
from timepolicy.configs.ntpd.directives import SOURCES
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
from timepolicy.configs.source_options import Options, normalized, policy_option, refusal, without_conflicts
from timepolicy.configs.statement import Statement, Word
from timepolicy.distros.release import Release
from timepolicy.facts.chrony_options import needs
from timepolicy.findings.wording import shortened

WITH_VALUE = frozenset(
    {"minpoll", "maxpoll", "key", "version", "ttl", "mode", "bias", "subtype", "time1", "port"}
    | {"ask", "require", "cert", "ca", "aead"}
)
"""Options of a source that have a value."""

OPTIONS = frozenset({"iburst", "key", "maxpoll", "minpoll", "noselect", "nts", "port", "prefer", "xleave"})
"""Options of a source that policies have too. chrony's other ones mean nothing in ntp.conf."""


def convert_sources(configuration: NtpdConfiguration) -> tuple[tuple[TimeSource, ...], list[FileFinding]]:
    """Return each source once: ntpd makes one association with an address. `peer` and hardware clocks are none."""
    sources: dict[tuple[str, bool], TimeSource] = {}
    first: dict[tuple[str, bool], Statement] = {}
    findings: list[FileFinding] = []
    for line in configuration.all(*SOURCES):
        family, words = family_of(line)
        host = words[0].text if words else ""
        key = (host.lower(), line.name == "pool")
        if reason := _no_source(line, host, words):
            findings += [] if is_own_clock(host) else [not_converted(line, reason)]
        elif key in sources:
            why = f"ntpd has this source already ({first[key].place_for(line)})"
            findings.append(report(line, NOT_NEEDED, what=line.quote, why=why))
        elif len(sources) == MOST_SOURCES:
            findings.append(loss(line, TOO_MANY_SOURCES, limit=str(MOST_SOURCES), host=host))
        else:
            options, option_findings = _options(words[1:])
            findings += option_findings
            if family and (needed := _too_new(family, configuration.release)):
                why = f"it needs chrony {needed}"
                findings.append(loss(line, NOT_CONVERTED, what=line.texts[0], why=why))
            elif family:
                options["family"] = family
            sources[key] = TimeSource(host=host, is_pool=line.name == "pool", options=options)
            first[key] = line
    return tuple(sources.values()), findings


def _no_source(line: Statement, host: str, words: Sequence[Word]) -> str:
    """Why a line is no source of a policy, empty if it is one."""
    if line.name == "peer":
        return "nodes of a policy have servers, not peers"
    if host.startswith("127.127."):
        return "it is a hardware clock, and policies have no other ones than those of PTP"
    if "autokey" in (word.text.lower() for word in words):
        return "no other daemon has Autokey, and without it nodes would believe unauthenticated packets"
    return "" if is_host(host) else "it names no host"


def _too_new(family: str, release: Release | None) -> str | None:
    """The chrony that a family needs, where the release's is older."""
    needed = needs(family)
    return str(needed) if needed and release and release.chrony and release.chrony.version < needed else None


def _options(words: Sequence[Word]) -> tuple[Options, list[FileFinding]]:
    options: Options = {"iburst": False}
    places: dict[str, tuple[Word, str]] = {}
    findings: list[FileFinding] = []
    remaining = iter(words)
    for word in remaining:
        name = word.text.lower()
        value = next((word.text for word in remaining), "") if name in WITH_VALUE else ""
        what = shortened(f"{word.text} {value}".strip())
        option = policy_option(name, value) if name in OPTIONS else None
        if (name, value) == ("version", "4"):
            findings.append(report(word, NOT_NEEDED, what=what, why="it is the default"))
        elif option is None and len(findings) < MOST_ON_A_LINE:
            why = refusal(name) if name in OPTIONS else "policies have no such option"
            findings.append(loss(word, NOT_CONVERTED, what=what, why=why))
        options |= option or {}
        places |= dict.fromkeys(option or {}, (word, what))
    options, ignored = without_conflicts(options)
    findings += [report(places[name][0], NOT_NEEDED, what=places[name][1], why=why) for name, why in ignored.items()]
    return normalized(options), findings
