"""From a chrony configuration to settings that a policy can have; what it cannot have is reported."""

import re
from collections.abc import Iterator

from timepolicy.configs.chrony_files import DHCP_DIRECTORIES
from timepolicy.configs.chrony_grammar import SOURCES
from timepolicy.configs.chrony_rules import ChronyConfiguration, limit_of
from timepolicy.configs.options import Options, duration, mended, source_option
from timepolicy.configs.report import Report
from timepolicy.configs.settings import MOST_SOURCES, ImportedSource, Settings, is_host
from timepolicy.configs.statement import Statement
from timepolicy.distros.release import DaemonName
from timepolicy.facts.chrony_options import SOURCE_OPTIONS
from timepolicy.findings.register.imports import LEFT_TO_TIMEPOLICY, NOT_CARRIED, STEP_LIMIT_CHANGES, TOO_MANY_SOURCES

CARRIED = frozenset({"allow", "deny", "makestep", "minsources", "driftfile", "rtcsync", "local", *SOURCES})
CARRIED |= {"include", "confdir", "sourcedir", "rtcfile", "bindcmdaddress", "cmdport"}
"""Directives with a place in a policy, that timepolicy writes by itself, or that have a finding of their own."""

OF_NO_CONSEQUENCE: dict[str, str] = {
    "clientloglimit": "it only bounds memory",
    "dumpdir": "the gate waits for a measurement anyway",
    "hwclockfile": "hardware clocks run on UTC",
    "initstepslew": "the node agent steps the clock at boot",
    "keyfile": "each source with a key says so by itself",
    "leapseclist": "leap seconds come from the sources",
    "leapsectz": "leap seconds come from the sources",
    "log": "the node agent's report says how the clock is",
    "logbanner": "nothing is logged to files",
    "logchange": "the node agent's report says how the clock is",
    "logdir": "nothing is logged to files",
    "mailonchange": "the node agent's report says how the clock is",
    "maxupdateskew": "chronyd's own value is right for nodes",
    "ntsdumpdir": "timepolicy writes it where a source has NTS",
    "pidfile": "the unit knows its process",
    "ratelimit": "servers of a policy have a rate limit",
    "rtconutc": "rtcsync keeps the hardware clock on UTC",
    "user": "the package says it",
}
"""Directives whose absence changes nothing about the time, each with the reason."""

AUTHENTICATION = "an import leaves authentication to you"

LEFT_TO_YOU: dict[str, str] = {
    **dict.fromkeys(("authselectmode", "nocerttimecheck", "ntstrustedcerts"), AUTHENTICATION),
    **dict.fromkeys(("ntsport", "ntsservercert", "ntsserverkey"), AUTHENTICATION),
    "refclock": "an import leaves hardware clocks to you: a policy has `phc` for those of PTP",
}
"""Directives with a place in a policy that nobody can fill for you."""

OTHERWISE = "the policy language has nothing for it"

MOST_MUST_AGREE = 16


def settings_of(configuration: ChronyConfiguration, report: Report) -> Settings:
    """Return what a policy can say of `configuration`, except for whom it answers."""
    for statement in configuration.statements:
        _report_rest(statement, report)
    sources = list(_sources(configuration, report))
    return Settings(
        daemon=DaemonName.CHRONY,
        sources=sources,
        orphan_stratum=_orphan_stratum(configuration, report),
        step=_step(configuration, report),
        min_sources=_min_sources(configuration, sources, report),
        use_dhcp_sources=_takes_dhcp(configuration, report),
    )


def _report_rest(statement: Statement, report: Report) -> None:
    if statement.name in OF_NO_CONSEQUENCE:
        report.line(statement, LEFT_TO_TIMEPOLICY, what=str(statement), why=OF_NO_CONSEQUENCE[statement.name])
    elif statement.name not in CARRIED:
        report.line(statement, NOT_CARRIED, what=str(statement), why=LEFT_TO_YOU.get(statement.name, OTHERWISE))


def _sources(configuration: ChronyConfiguration, report: Report) -> Iterator[ImportedSource]:
    """Each source once; chronyd passes over a second one of the same address."""
    seen: set[str] = set()
    for statement in configuration.all(*SOURCES):
        host = statement.texts[0]
        if statement.name == "peer":
            report.line(statement, NOT_CARRIED, what=str(statement), why="nodes of a policy have servers, not peers")
        elif not is_host(host):
            report.word(statement, statement.arguments[0], NOT_CARRIED, what=host, why="it is no host name or address")
        elif host.lower() in seen:
            continue
        elif len(seen) == MOST_SOURCES:
            report.line(statement, TOO_MANY_SOURCES, limit=str(MOST_SOURCES), host=host)
        else:
            seen.add(host.lower())
            yield _source(statement, report)


def _source(statement: Statement, report: Report) -> ImportedSource:
    is_pool = statement.name == "pool"
    options: Options = {"iburst": False}
    words = iter(statement.arguments[1:])
    for word in words:
        name = word.text.lower()
        value = next(words) if SOURCE_OPTIONS[name].value else None
        read = source_option(name, value.text if value else "", is_pool)
        if read is None:
            what = f"{word.text} {value.text}" if value else word.text
            report.word(statement, word, NOT_CARRIED, what=what, why=_why_not(name))
        options |= read or {}
    return ImportedSource(host=statement.texts[0], is_pool=is_pool, options=mended(options), statement=statement)


def _why_not(name: str) -> str:
    if name in ("key", "nts", "ntsport", "certset"):
        return f"{AUTHENTICATION}, and without it the source is asked by plain NTP"
    return "the policy language has nothing for it, or not with this value"


POLICYS_LIMIT = 3
"""makestep's second value as timepolicy writes it."""


def _step(configuration: ChronyConfiguration, report: Report) -> dict[str, str] | None:
    makestep = configuration.last("makestep")
    if makestep is None or limit_of(makestep) == 0:
        return {"when": "never"} if configuration.lacks("makestep") or makestep else None
    threshold = duration(makestep.texts[0])
    if threshold is None:
        report.line(makestep, NOT_CARRIED, what=str(makestep), why="its threshold is no time above 0")
        return None
    limit = limit_of(makestep)
    if limit > 0 and limit != POLICYS_LIMIT:
        report.line(makestep, STEP_LIMIT_CHANGES, statement=str(makestep))
    return {"threshold": threshold, "when": "boot" if limit > 0 else "always"}


def _min_sources(configuration: ChronyConfiguration, sources: list[ImportedSource], report: Report) -> int | None:
    statement = configuration.last("minsources")
    if statement is None:
        return None
    text = statement.texts[0]
    most = min(MOST_MUST_AGREE, sum(source.votes for source in sources))
    if re.fullmatch(r"\+?[0-9]{1,3}", text) and 1 <= int(text) <= most:
        return int(text) if int(text) > 1 else None
    report.line(statement, NOT_CARRIED, what=str(statement), why=f"with these sources a policy takes 1 to {most}")
    return None


def _orphan_stratum(configuration: ChronyConfiguration, report: Report) -> int | None:
    local = configuration.last("local")
    if local is None:
        return None
    match = re.fullmatch(r"(?:stratum (\d{1,2}) orphan|orphan stratum (\d{1,2})|orphan)", " ".join(local.texts).lower())
    if match is None:
        report.line(local, NOT_CARRIED, what=str(local), why="a policy's servers have `orphan_stratum` and no more")
        return None
    return int(match[1] or match[2] or 10)


def _takes_dhcp(configuration: ChronyConfiguration, report: Report) -> bool:
    statements = [item for item in configuration.all("sourcedir") if DHCP_DIRECTORIES & set(item.texts)]
    release = configuration.release
    if statements and release and release.chrony and release.chrony.dhcp_source_dir is None:
        why = f"nothing on {release.key} fills it"
        report.line(statements[0], NOT_CARRIED, what=str(statements[0]), why=why)
        return False
    return bool(statements)
