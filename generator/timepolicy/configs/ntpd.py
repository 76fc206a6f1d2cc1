"""ntp.conf of ntpd (ntp.org and NTPsec): sources and whom it answers; the rest is reported."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

from timepolicy.configs.access import LENGTHS, AccessRule, AccessTable, Network, Subnet
from timepolicy.configs.options import Options, mended, source_option
from timepolicy.configs.report import Report
from timepolicy.configs.settings import MOST_SOURCES, ImportedSource, Settings, is_host
from timepolicy.configs.statement import Statement, Word, statements
from timepolicy.distros.release import DaemonName, Release
from timepolicy.document.spelling import nearest
from timepolicy.facts.chrony_options import needs
from timepolicy.findings.register.imports import (
    LEFT_TO_TIMEPOLICY,
    NO_SOURCES,
    NOT_CARRIED,
    REFUSES_ALL_CLIENTS,
    SERVES_ANYONE,
    TOO_MANY_SOURCES,
    UNKNOWN_NTPD_WORD,
)
from timepolicy.source import Source

SOURCES = ("server", "pool", "peer")

WITH_VALUE = frozenset({"minpoll", "maxpoll", "key", "version", "ttl", "mode", "bias", "subtype", "time1", "port"})
"""Options of a source that have a value."""

OF_NO_CONSEQUENCE: dict[str, str] = {
    "driftfile": "timepolicy writes one",
    "leapfile": "leap seconds come from the sources",
    "keys": "no source of a policy has a key",
    "logconfig": "nothing is logged to files",
    "logfile": "nothing is logged to files",
    "statsdir": "nothing is logged to files",
    "statistics": "nothing is logged to files",
    "filegen": "nothing is logged to files",
    "pidfile": "the unit knows its process",
}
"""Directives whose absence changes nothing about the time, each with the reason."""

OTHERS = frozenset(
    {
        *("autokey", "automax", "broadcast", "broadcastclient", "broadcastdelay", "calldelay", "controlkey", "crypto"),
        *("disable", "discard", "dscp", "enable", "fudge", "includefile", "interface", "ipaddr", "keysdir"),
        *("manycastclient", "manycastserver", "maxpoll", "mdnstries", "minsane", "mru", "multicastclient", "nic"),
        *("nonvolatile", "nts", "ntpsigndsocket", "phone", "pollskewlist", "rate", "refclock", "requestkey", "reset"),
        *("revoke", "rlimit", "saveconfigdir", "setvar", "simulate", "source", "tinker", "tos", "trap", "trustedkey"),
        *("ttl", "unconfig", "unpeer", "unrestrict"),
    }
)
"""Further words that begin a line of ntp.conf."""

REASONS: dict[str, str] = {
    "broadcast": "nodes of a policy ask; nothing is broadcast",
    "disable": "it is a switch of ntpd's own",
    "enable": "it is a switch of ntpd's own",
    "fudge": "it belongs to a reference clock",
    "includefile": "the file is not looked at; import it too",
    "tinker": "it is a switch of ntpd's own",
    "tos": "it is a switch of ntpd's own",
}

REFUSING = frozenset({"ignore", "noserve"})
"""Flags of `restrict` that leave a request for time without an answer."""

STEP = {"threshold": "128ms", "when": "always"}
"""What ntpd steps, at any time, when it lasts: tinker step."""


def read_ntpd(sources: list[Source], release: Release | None, report: Report) -> Settings:
    """Return what ntp.conf says, as far as chrony can do it."""
    lines = [line for source in sources for line in _lines(source, report)]
    named = list(_sources(lines, release, report))
    if not any(line.name in SOURCES for line in lines):
        report.whole(sources[0], NO_SOURCES)
    networks = _access(sources[0], [line for line in lines if line.name == "restrict"], report)
    _report_rest(lines, report)
    return Settings(daemon=DaemonName.CHRONY, sources=named, networks=networks, step=dict(STEP))


def _lines(source: Source, report: Report) -> Iterator[Statement]:
    """The statements, without comments, which may stand behind words in ntp.conf."""
    report.opened(source)
    for statement in statements(source, "#"):
        count = next((i for i, word in enumerate(statement.words) if word.text.startswith("#")), len(statement.words))
        yield Statement(source, statement.words[:count])


def _report_rest(lines: list[Statement], report: Report) -> None:
    for line in lines:
        if line.name in OF_NO_CONSEQUENCE:
            report.line(line, LEFT_TO_TIMEPOLICY, what=str(line), why=OF_NO_CONSEQUENCE[line.name])
        elif line.name in OTHERS:
            why = REASONS.get(line.name, "the policy language has nothing for it")
            report.line(line, NOT_CARRIED, what=str(line), why=why)
        elif line.name not in (*SOURCES, "restrict"):
            suggestion = nearest(line.name, [*SOURCES, "restrict", *OF_NO_CONSEQUENCE, *OTHERS])
            report.word(line, line.words[0], UNKNOWN_NTPD_WORD, suggestion, name=line.words[0].text)


def _sources(lines: list[Statement], release: Release | None, report: Report) -> Iterator[ImportedSource]:
    seen: set[str] = set()
    for line in (line for line in lines if line.name in SOURCES):
        family, words = _family(line.arguments)
        host = words[0].text if words else ""
        if line.name == "peer" or host.startswith("127.127."):
            why = "nodes of a policy have servers, not peers" if line.name == "peer" else "it is a reference clock"
            report.line(line, NOT_CARRIED, what=str(line), why=why)
        elif not is_host(host):
            report.line(line, NOT_CARRIED, what=str(line), why="it names no host")
        elif len(seen) == MOST_SOURCES:
            report.line(line, TOO_MANY_SOURCES, limit=str(MOST_SOURCES), host=host)
        elif host.lower() not in seen:
            seen.add(host.lower())
            options = _options(line, words[1:], report) | _family_option(line, family, release, report)
            yield ImportedSource(host=host, is_pool=line.name == "pool", options=options, statement=line)


def _family(words: tuple[Word, ...]) -> tuple[str | None, tuple[Word, ...]]:
    """`-4` and `-6` stand before the host."""
    if words and words[0].text in ("-4", "-6"):
        return f"ipv{words[0].text[1]}", words[1:]
    return None, words


def _family_option(line: Statement, family: str | None, release: Release | None, report: Report) -> Options:
    """The address family, where the release's chrony has that option."""
    needed = needs(family) if family else None
    if family is None or needed is None:
        return {}
    if release and release.chrony and release.chrony.version < needed:
        report.line(line, NOT_CARRIED, what=line.texts[0], why=f"it needs chrony {needed}")
        return {}
    return {"family": family}


def _options(line: Statement, words: tuple[Word, ...], report: Report) -> Options:
    options: Options = {"iburst": False}
    remaining = iter(words)
    for word in remaining:
        name = word.text.lower()
        value = next(remaining, None) if name in WITH_VALUE else None
        read = source_option(name, value.text if value else "")
        if read is None:
            what = f"{word.text} {value.text}" if value else word.text
            report.word(line, word, NOT_CARRIED, what=what, why="the policy language has nothing for it")
        options |= read or {}
    return mended(options)


def _access(main: Source, lines: list[Statement], report: Report) -> list[Network]:
    """Whom ntpd answers: the longest prefix that matches decides, and without one everybody is answered."""
    rules = [AccessRule(True, Subnet(None, 0, 0))]
    for line in lines:
        rules += _restriction(line, report)
    rules.sort(key=lambda rule: rule.subnet.length)
    networks = AccessTable(rules).networks()
    if all(network.is_loopback for network in networks):
        for line in lines:
            if "default" in line.texts:
                report.line(line, REFUSES_ALL_CLIENTS, statement=str(line))
        return []
    if any(network.prefixlen == 0 for network in networks):
        default = next((line for line in lines if "default" in line.texts), None)
        values = {"whom": "anyone, as ntpd does unless `restrict` says otherwise; this is not carried over"}
        if default:
            report.line(default, SERVES_ANYONE, **values)
        else:
            report.whole(main, SERVES_ANYONE, **values)
        return []
    return networks


def _restriction(line: Statement, report: Report) -> Iterator[AccessRule]:
    family, words = _family(line.arguments)
    texts = [word.text.lower() for word in words]
    allow = not REFUSING & set(texts)
    if not texts or texts[0] == "source":
        return
    versions = {"ipv4": [4], "ipv6": [6], None: [4, 6]}[family]
    if texts[0] == "default":
        yield from (AccessRule(allow, Subnet(version, 0, 0)) for version in versions)
        return
    subnet = _subnet(texts)
    if subnet is None:
        report.line(line, NOT_CARRIED, what=str(line), why="it names no address and mask")
    else:
        yield AccessRule(allow, subnet)


def _subnet(texts: list[str]) -> Subnet | None:
    """`ADDRESS` or `ADDRESS mask MASK`, or NTPsec's `ADDRESS/LENGTH`."""
    host, slash, length = texts[0].partition("/")
    try:
        address = ip_address(host)
        bits = LENGTHS[address.version]
        if slash:
            bits = int(length) if re.fullmatch("[0-9]{1,3}", length) else -1
        elif texts[1:2] == ["mask"]:
            bits = _mask_length(ip_address("".join(texts[2:3])))
    except ValueError:
        return None
    return Subnet(address.version, int(address), bits) if 0 <= bits <= LENGTHS[address.version] else None


def _mask_length(mask: IPv4Address | IPv6Address) -> int:
    bits = LENGTHS[mask.version]
    length = int(mask).bit_count()
    if int(mask) != (2**length - 1) << (bits - length):
        raise ValueError("a mask with holes")
    return length
