"""From an ntp.conf to settings that a policy can have, on nodes that run chrony."""

import re
from collections.abc import Iterator

from timepolicy.configs.file_findings import FileFinding, loss, report
from timepolicy.configs.key_files import assumed, default_key_file, policy_path
from timepolicy.configs.ntpd.access import answered, restriction
from timepolicy.configs.ntpd.configuration import NtpdConfiguration
from timepolicy.configs.ntpd.directives import DEFAULT_SWITCHES, HARMLESS, UNSUPPORTED
from timepolicy.configs.ntpd.sources import convert_sources
from timepolicy.configs.own_clock import is_own_clock
from timepolicy.configs.settings import (
    MOST_STRATUM,
    NOT_CONVERTED,
    NOT_NEEDED,
    Authentication,
    Conversion,
    Settings,
    TimeSource,
    accepted_min_sources,
    not_converted,
)
from timepolicy.configs.source_options import duration
from timepolicy.configs.statement import Statement, Word
from timepolicy.distros.release import DaemonName
from timepolicy.findings.wording import shortened

STEP = {"threshold": "128ms", "when": "always"}
"""What ntpd steps, at any time: offsets above the threshold that persist (tinker step)."""

NTPD_ONLY = "it is a switch of ntpd itself"

OWN_CLOCK_STRATUM = 5
"""Of the local clock (ntp.org, driver 1), where no `fudge` sets another."""

NTS_FILES = ("ca", "cert", "key")
"""Keywords of NTPsec's directive `nts` that have a file."""

Pair = tuple[Statement, Word, str]
"""A keyword of a line, and its value."""


def convert(configuration: NtpdConfiguration) -> Conversion:
    """Return what a policy can hold of `configuration`, on nodes that run chrony."""
    sources, source_findings = convert_sources(configuration)
    authentication, authentication_findings = _authentication(configuration, sources)
    step, step_findings = _step(configuration)
    votes = sum(source.votes for source in sources)
    min_sources, orphan_stratum, tos_findings = _tos(configuration, votes)
    own_clock_stratum, clock_findings = _own_clock(configuration)
    networks = answered(configuration)
    settings = Settings(
        daemon=DaemonName.CHRONY,
        sources=sources,
        authentication=authentication,
        networks=tuple(network for network in networks if not network.is_loopback),
        serves_by_default=any(network.prefixlen == 0 for network in networks),
        orphan_stratum=orphan_stratum or own_clock_stratum,
        step=step,
        min_sources=min_sources,
    )
    findings = [*_others(configuration), *source_findings, *authentication_findings, *step_findings, *tos_findings]
    return Conversion(settings, (*findings, *clock_findings))


def _others(configuration: NtpdConfiguration) -> Iterator[FileFinding]:
    """Lines that a policy does not need, or has no place for."""
    for line in configuration.lines:
        if line.name in HARMLESS:
            yield report(line, NOT_NEEDED, what=line.quote, why=HARMLESS[line.name])
        elif line.name in UNSUPPORTED:
            yield not_converted(line, UNSUPPORTED[line.name])
        elif line.name in ("enable", "disable"):
            is_harmless = DEFAULT_SWITCHES.issuperset(map(str.lower, line.texts))
            yield (
                report(line, NOT_NEEDED, what=line.quote, why=NTPD_ONLY)
                if is_harmless
                else not_converted(line, NTPD_ONLY)
            )
        elif line.name == "restrict" and restriction(line) is None:
            yield not_converted(line, "it names no address and mask")
        elif line.name == "restrict" and "notrust" in map(str.lower, line.texts):
            yield not_converted(line, "servers of a policy also answer clients that do not authenticate themselves")


def _authentication(
    configuration: NtpdConfiguration, sources: tuple[TimeSource, ...]
) -> tuple[Authentication, list[FileFinding]]:
    """Files of keys and certificates. chrony has a key file of its own, since its format is another."""
    findings: list[FileFinding] = []
    keys = configuration.all("keys")
    keys_file = None
    if any("key" in source.options for source in sources):
        keys_file = default_key_file(configuration.release)
        place = keys[-1] if keys else next(line for line in configuration.lines if "key" in map(str.lower, line.texts))
        findings.append(assumed(place, keys_file, "chronyd needs `HEX:` before keys that ntpd has in hexadecimal"))
    else:
        findings += [report(line, NOT_NEEDED, what=line.quote, why="no source has a key") for line in keys]
    files, nts_findings = _nts_files(configuration, has_nts=any("nts" in source.options for source in sources))
    authentication = Authentication(
        keys_file=keys_file,
        trusted_certificates=files.get("ca"),
        certificate=files.get("cert"),
        key=files.get("key"),
    )
    return authentication, [*findings, *nts_findings]


def _nts_files(configuration: NtpdConfiguration, *, has_nts: bool) -> tuple[dict[str, str], list[FileFinding]]:
    """The files of NTPsec's `nts`, by its keywords: the authorities of sources, and a server's certificate and key."""
    findings: list[FileFinding] = []
    files: dict[str, str] = {}
    for line, word, value in _pairs(configuration, "nts"):
        name = word.text.lower()
        what = shortened(f"nts {word.text} {value}".strip())
        path = policy_path(Statement(line.source, (word, Word(line.source, value, word.line, word.column))))
        if name == "enable":
            findings.append(report(word, NOT_NEEDED, what=what, why="a certificate and a key enable it"))
        elif name == "ca" and not has_nts:
            findings.append(report(word, NOT_NEEDED, what=what, why="no source has `nts`"))
        elif name in NTS_FILES and path:
            files[name] = path
        else:
            findings.append(loss(word, NOT_CONVERTED, what=what, why="policies have no such setting of NTS"))
    if ("cert" in files) != ("key" in files):
        line = configuration.all("nts")[-1]
        findings.append(not_converted(line, "servers of a policy need both a certificate and a key"))
        files = {name: file for name, file in files.items() if name == "ca"}
    return files, findings


def _pairs(configuration: NtpdConfiguration, name: str) -> Iterator[Pair]:
    """The keywords of all lines of a directive, each with its value; `enable` and `disable` have none."""
    for line in configuration.all(name):
        words = iter(line.arguments)
        for word in words:
            is_switch = word.text.lower() in ("enable", "disable")
            yield line, word, "" if is_switch else next((value.text for value in words), "")


def _step(configuration: NtpdConfiguration) -> tuple[dict[str, str], list[FileFinding]]:
    """The policy's `step`: ntpd steps at any time, and never with a threshold of 0."""
    step, findings = STEP, []
    for _, word, value in _pairs(configuration, "tinker"):
        what = shortened(f"tinker {word.text} {value}".strip())
        match word.text.lower():
            case "step" if re.fullmatch(r"0+(\.0*)?", value):
                step = {"when": "never"}
            case "step" if threshold := duration(value):
                step = {"threshold": threshold, "when": "always"}
            case "step":
                findings.append(loss(word, NOT_CONVERTED, what=what, why="it is no time of 1us or more"))
            case "panic" if value == "0":
                findings.append(report(word, NOT_NEEDED, what=what, why="nodes correct an offset of any size"))
            case "panic":
                findings.append(loss(word, NOT_CONVERTED, what=what, why="nodes correct an offset of any size"))
            case _:
                findings.append(loss(word, NOT_CONVERTED, what=what, why=NTPD_ONLY))
    return step, findings


def _tos(configuration: NtpdConfiguration, votes: int) -> tuple[int | None, int | None, list[FileFinding]]:
    """`min_sources`, of sources that have `votes` together, and `orphan_stratum`; None for the default."""
    min_sources, orphan_stratum = None, None
    findings: list[FileFinding] = []
    for _, word, value in _pairs(configuration, "tos"):
        what = shortened(f"tos {word.text} {value}".strip())
        match word.text.lower():
            case "minsane" if accepted := accepted_min_sources(value, votes):
                min_sources = accepted if accepted > 1 else None
            case "minsane":
                why = f"with these sources a policy accepts 1 to {votes}"
                findings.append(loss(word, NOT_CONVERTED, what=what, why=why))
            case "orphan" if re.fullmatch(r"[0-9]{1,2}", value) and 1 <= int(value) <= MOST_STRATUM:
                orphan_stratum = int(value)
            case "orphan":
                why = f"a policy accepts strata from 1 to {MOST_STRATUM}"
                findings.append(loss(word, NOT_CONVERTED, what=what, why=why))
            case _:
                findings.append(loss(word, NOT_CONVERTED, what=what, why="chronyd selects sources in its own way"))
    return min_sources, orphan_stratum, findings


def _own_clock(configuration: NtpdConfiguration) -> tuple[int | None, list[FileFinding]]:
    """The stratum of the node's own clock, for the orphan mode that replaces it, and findings about `fudge`."""
    findings: list[FileFinding] = []
    is_used = any(line.arguments and is_own_clock(line.texts[0]) for line in configuration.all("server"))
    stratum = OWN_CLOCK_STRATUM
    for line in configuration.all("fudge"):
        match = re.fullmatch(r"127\.127\.1\.[0-9]+ stratum ([0-9]{1,2})", " ".join(line.texts), re.IGNORECASE)
        if match and is_used and 1 <= int(match[1]) <= MOST_STRATUM:
            stratum = int(match[1])
        else:
            findings.append(not_converted(line, "it belongs to a hardware clock"))
    return stratum if is_used else None, findings
