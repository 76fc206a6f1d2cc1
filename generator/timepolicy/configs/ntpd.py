"""ntpd, of ntp.org and of NTPsec: ntp.conf. Sources and served networks are converted, the rest is reported."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from timepolicy.configs.access_table import LENGTHS, AccessRule, AccessTable, Network, Subnet
from timepolicy.configs.chrony.access import SERVES_ANYONE
from timepolicy.configs.chrony.sources import NO_SOURCES
from timepolicy.configs.file_findings import MOST_ON_A_LINE, FileFinding, TextRange, loss, report
from timepolicy.configs.file_set import ConfigFile
from timepolicy.configs.node_files import NodeFiles
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
from timepolicy.configs.source_options import Options, normalized, policy_option
from timepolicy.configs.statement import Statement, Word, statements
from timepolicy.distros.release import DaemonName, Release
from timepolicy.document.spelling import Vocabulary
from timepolicy.facts.chrony_options import NO_LOG_FILES, NO_SETTING, needs
from timepolicy.findings.finding import note, warning
from timepolicy.findings.wording import shortened
from timepolicy.source import Source

UNKNOWN_NTPD_DIRECTIVE = warning(
    "TP248",
    "ntpd ignores this line: it has no directive `{name}`",
    "correct the spelling or remove the line",
)
REFUSES_ALL_CLIENTS = note(
    "TP249",
    "`{statement}` refuses all clients, and no other `restrict` lets a network in: this node serves nobody",
    "no action is needed, unless this is a server",
)

SOURCES = ("server", "pool", "peer")

WITH_VALUE = frozenset({"minpoll", "maxpoll", "key", "version", "ttl", "mode", "bias", "subtype", "time1", "port"})
"""Options of a source that have a value."""

OPTIONS = frozenset({"iburst", "maxpoll", "minpoll", "noselect", "port", "prefer", "xleave"})
"""Options of a source that policies have too. chrony's other ones mean nothing in ntp.conf."""

HARMLESS: dict[str, str] = {
    "driftfile": "timepolicy sets one",
    "leapfile": "leap seconds come from the sources",
    "keys": "no converted source has a key",
    **dict.fromkeys(("logconfig", "logfile", "statsdir", "statistics", "filegen"), NO_LOG_FILES),
    "pidfile": "systemd tracks the process",
}
"""Directives that a policy does not need, each with the reason."""

NTPD_ONLY = "it is a switch of ntpd itself"

UNSUPPORTED: dict[str, str] = {
    **dict.fromkeys(
        (
            *("autokey", "automax", "broadcastclient", "broadcastdelay", "calldelay", "controlkey", "crypto"),
            *("discard", "dscp", "interface", "ipaddr", "keysdir", "manycastclient", "manycastserver", "maxpoll"),
            *("mdnstries", "minsane", "mru", "multicastclient", "nic", "nonvolatile", "ntpsigndsocket", "nts"),
            *("phone", "pollskewlist", "rate", "refclock", "requestkey", "reset", "revoke", "rlimit", "saveconfigdir"),
            *("setvar", "simulate", "source", "trap", "trustedkey", "ttl", "unconfig", "unpeer", "unrestrict"),
        ),
        NO_SETTING,
    ),
    **dict.fromkeys(("disable", "enable", "tinker", "tos"), NTPD_ONLY),
    "broadcast": "nodes of a policy query servers, and nothing is broadcast",
    "fudge": "it belongs to a reference clock",
    "includefile": "the file is not read; import it too",
}
"""Directives that a policy has no place for, each with the reason."""

DIRECTIVES = frozenset({*SOURCES, "restrict", *HARMLESS, *UNSUPPORTED})

DIRECTIVE_NAMES = Vocabulary(DIRECTIVES)

REFUSING = frozenset({"ignore", "noserve"})
"""Flags of `restrict` that leave a client's request unanswered."""

STEP = {"threshold": "128ms", "when": "always"}
"""What ntpd steps, at any time: offsets above the threshold that persist (tinker step)."""


@dataclass(frozen=True, slots=True)
class NtpdConfiguration:
    """The lines of all files, in their order."""

    sources: tuple[Source, ...]
    lines: tuple[Statement, ...]
    release: Release | None
    findings: tuple[FileFinding, ...] = ()

    def all(self, *names: str) -> list[Statement]:
        """Return the lines that begin with one of `names`."""
        return [line for line in self.lines if line.name in names]


def read(
    files: Sequence[ConfigFile],
    node: NodeFiles,  # noqa: ARG001  # one signature for all daemons
    release: Release | None,
) -> NtpdConfiguration:
    """Return the lines without comments, which in ntp.conf may stand after a directive."""
    lines = []
    for file in files:
        for line in statements(file.source, "#"):
            end = next((index for index, word in enumerate(line.words) if word.text.startswith("#")), None)
            lines.append(Statement(line.source, line.words[:end]))
    return NtpdConfiguration(tuple(file.source for file in files), tuple(lines), release)


def check(configuration: NtpdConfiguration) -> Iterator[FileFinding]:
    """Yield unknown lines, and a configuration that has no sources or serves everybody or nobody."""
    for line in configuration.lines:
        if line.name not in DIRECTIVES:
            word = line.words[0]
            suggestion = DIRECTIVE_NAMES.nearest(line.name)
            yield loss(word, UNKNOWN_NTPD_DIRECTIVE, suggestion, name=shortened(word.text))
    main = TextRange(configuration.sources[0])
    if not configuration.all(*SOURCES):
        yield report(main, NO_SOURCES)
    defaults = [line for line in configuration.all("restrict") if "default" in line.texts]
    networks = _answered(configuration)
    if all(network.is_loopback for network in networks):
        for line in defaults:
            yield report(line, REFUSES_ALL_CLIENTS, statement=line.quote)
    elif any(network.prefixlen == 0 for network in networks):
        place = defaults[0] if defaults else main
        values = {"clients": "anyone, which is the default of ntpd and is not converted"}
        yield report(place, SERVES_ANYONE, **values)


def convert(configuration: NtpdConfiguration) -> Conversion:
    """Return what a policy can hold of `configuration`, on nodes that run chrony."""
    findings = []
    for line in configuration.lines:
        if line.name in HARMLESS:
            findings.append(report(line, NOT_NEEDED, what=line.quote, why=HARMLESS[line.name]))
        elif line.name in UNSUPPORTED:
            findings.append(_not_converted(line, UNSUPPORTED[line.name]))
        elif line.name == "restrict" and _restriction(line) is None:
            findings.append(_not_converted(line, "it names no address and mask"))
    sources, source_findings = _sources(configuration)
    networks = _answered(configuration)
    is_server = not any(network.prefixlen == 0 for network in networks)
    is_server = is_server and not all(network.is_loopback for network in networks)
    settings = Settings(
        daemon=DaemonName.CHRONY,
        sources=sources,
        networks=networks if is_server else (),
        step=STEP,
    )
    return Conversion(settings, (*findings, *source_findings))


def _sources(configuration: NtpdConfiguration) -> tuple[tuple[TimeSource, ...], list[FileFinding]]:
    """Each source once."""
    sources: dict[str, TimeSource] = {}
    findings: list[FileFinding] = []
    for line in configuration.all(*SOURCES):
        family, words = _family(line)
        host = words[0].text if words else ""
        if line.name == "peer" or host.startswith("127.127."):
            why = "nodes of a policy have servers, not peers" if line.name == "peer" else "it is a reference clock"
            findings.append(_not_converted(line, why))
        elif not is_host(host):
            findings.append(_not_converted(line, "it names no host"))
        elif host.lower() in sources:
            continue
        elif len(sources) == MOST_SOURCES:
            findings.append(loss(line, TOO_MANY_SOURCES, limit=str(MOST_SOURCES), host=host))
        else:
            options, option_findings = _options(words[1:])
            findings += option_findings
            needed, release = family and needs(family), configuration.release
            if needed and release and release.chrony and release.chrony.version < needed:
                findings.append(loss(line, NOT_CONVERTED, what=line.texts[0], why=f"it needs chrony {needed}"))
            elif family:
                options["family"] = family
            sources[host.lower()] = TimeSource(host=host, is_pool=line.name == "pool", options=options)
    return tuple(sources.values()), findings


def _not_converted(line: Statement, why: str) -> FileFinding:
    return loss(line, NOT_CONVERTED, what=line.quote, why=why)


def _family(line: Statement) -> tuple[str | None, tuple[Word, ...]]:
    """The address family that `-4` or `-6` before a host asks for, and the other arguments."""
    words = line.arguments
    if words and words[0].text in ("-4", "-6"):
        return f"ipv{words[0].text[1]}", words[1:]
    return None, words


def _options(words: Sequence[Word]) -> tuple[Options, list[FileFinding]]:
    options: Options = {"iburst": False}
    findings: list[FileFinding] = []
    remaining = iter(words)
    for word in remaining:
        name = word.text.lower()
        value = next((word.text for word in remaining), "") if name in WITH_VALUE else ""
        option = policy_option(name, value) if name in OPTIONS else None
        if option is None and len(findings) < MOST_ON_A_LINE:
            what = shortened(f"{word.text} {value}".strip())
            findings.append(loss(word, NOT_CONVERTED, what=what, why="policies have no such option"))
        options |= option or {}
    return normalized(options), findings


def _answered(configuration: NtpdConfiguration) -> tuple[Network, ...]:
    """The networks that ntpd answers: the longest prefix that matches decides; without one it answers everybody."""
    rules = [AccessRule(True, Subnet(None, 0, 0))]
    for line in configuration.all("restrict"):
        rules += _restriction(line) or ()
    return AccessTable(sorted(rules, key=lambda rule: rule.subnet.length)).networks()


def _restriction(line: Statement) -> list[AccessRule] | None:
    """The rules of a `restrict`, none for one that is not about clients; None if it has no address that can be read."""
    family, words = _family(line)
    texts = [word.text.lower() for word in words]
    allow = not REFUSING & set(texts)
    if not texts or texts[0] == "source":
        return []
    if texts[0] == "default":
        versions = {"ipv4": [4], "ipv6": [6], None: [4, 6]}[family]
        return [AccessRule(allow, Subnet(version, 0, 0)) for version in versions]
    subnet = _subnet(texts)
    return None if subnet is None else [AccessRule(allow, subnet)]


def _subnet(texts: list[str]) -> Subnet | None:
    """`ADDRESS` or `ADDRESS mask MASK`, or NTPsec's `ADDRESS/LENGTH`; None for anything else."""
    host, slash, suffix = texts[0].partition("/")
    try:
        address = ip_address(host)
        length = LENGTHS[address.version]
        if slash:
            length = int(suffix) if re.fullmatch("[0-9]{1,3}", suffix) else -1
        elif texts[1:2] == ["mask"]:
            mask = ip_address("".join(texts[2:3]))
            length, bits = int(mask).bit_count(), LENGTHS[mask.version]
            if int(mask) != (2**length - 1) << (bits - length):
                return None  # a mask with holes
    except ValueError:
        return None
    return Subnet(address.version, int(address), length) if 0 <= length <= LENGTHS[address.version] else None
