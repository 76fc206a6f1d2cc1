"""From a chrony configuration to settings that a policy can have; what a policy cannot have is reported."""

import re
from collections.abc import Iterator

from timepolicy.configs.chrony.clock import step_limit
from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.chrony.grammar import SOURCES
from timepolicy.configs.chrony.includes import DHCP_DIRECTORIES
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
from timepolicy.configs.source_options import Options, duration, normalized, policy_option
from timepolicy.configs.statement import Statement
from timepolicy.distros.release import DaemonName
from timepolicy.facts.chrony_options import AUTHENTICATION, DIRECTIVES, SOURCE_OPTIONS
from timepolicy.findings.finding import note
from timepolicy.findings.wording import shortened

STEP_LIMIT_CHANGES = note(
    "TP253",
    "the policy steps the clock at the first 3 updates, as all policies do, instead of `{statement}`",
    "no action is needed",
)

STEP_LIMIT = 3
"""makestep's second value as timepolicy writes it."""

MOST_MUST_AGREE = 16
"""What `min_sources` of a policy accepts at most."""


def convert(configuration: ChronyConfiguration) -> Conversion:
    """Return what a policy can hold of `configuration`."""
    sources, findings = _sources(configuration)
    step, step_findings = _step(configuration)
    orphan_stratum, local_findings = _orphan_stratum(configuration)
    min_sources, minsources_findings = _min_sources(configuration, sum(source.votes for source in sources))
    use_dhcp_sources, sourcedir_findings = _use_dhcp_sources(configuration)
    settings = Settings(
        daemon=DaemonName.CHRONY,
        sources=sources,
        networks=configuration.access.served_networks,
        orphan_stratum=orphan_stratum,
        step=step,
        min_sources=min_sources,
        use_dhcp_sources=use_dhcp_sources,
    )
    others = _other_directives(configuration)
    findings = [*others, *findings, *step_findings, *local_findings, *minsources_findings, *sourcedir_findings]
    return Conversion(settings, tuple(findings))


def _other_directives(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """Directives for which policies have no place."""
    for statement in configuration.statements:
        directive = DIRECTIVES[statement.name]
        if directive.harmless:
            yield report(statement, NOT_NEEDED, what=statement.quote, why=directive.harmless)
        elif not directive.is_supported:
            yield _not_converted(statement, directive.unsupported)


def _not_converted(statement: Statement, why: str) -> FileFinding:
    return loss(statement, NOT_CONVERTED, what=statement.quote, why=why)


def _sources(configuration: ChronyConfiguration) -> tuple[tuple[TimeSource, ...], list[FileFinding]]:
    """Each source once: chronyd ignores a second one of the same name."""
    sources: dict[str, TimeSource] = {}
    findings: list[FileFinding] = []
    for statement in configuration.all(*SOURCES):
        word = statement.arguments[0]
        host = word.text
        if statement.name == "peer":
            findings.append(_not_converted(statement, "nodes of a policy have servers, not peers"))
        elif not is_host(host):
            why = "it is no host name or address"
            findings.append(loss(word, NOT_CONVERTED, what=shortened(host), why=why))
        elif host.lower() in sources:
            continue
        elif len(sources) == MOST_SOURCES:
            findings.append(loss(statement, TOO_MANY_SOURCES, limit=str(MOST_SOURCES), host=host))
        else:
            options, option_findings = _options(statement)
            sources[host.lower()] = TimeSource(host=host, is_pool=statement.name == "pool", options=options)
            findings += option_findings
    return tuple(sources.values()), findings


def _options(statement: Statement) -> tuple[Options, list[FileFinding]]:
    options: Options = {"iburst": False}
    findings: list[FileFinding] = []
    words = iter(statement.arguments[1:])
    for word in words:
        name = word.text.lower()
        value = next(words).text if SOURCE_OPTIONS[name].value else ""
        option = policy_option(name, value, is_pool=statement.name == "pool")
        if option is None and len(findings) < MOST_ON_A_LINE:
            why = "policies have no such option, or not with this value"
            if name in ("key", "nts", "ntsport", "certset"):
                why = f"{AUTHENTICATION}; until then nodes query this source by plain NTP"
            findings.append(loss(word, NOT_CONVERTED, what=f"{word.text} {value}".strip(), why=why))
        options |= option or {}
    return normalized(options), findings


def _step(configuration: ChronyConfiguration) -> tuple[dict[str, str] | None, list[FileFinding]]:
    """The policy's `step`; None, for its default, where the files are incomplete or their threshold is no time."""
    makestep = configuration.last("makestep")
    if makestep is None:
        return {"when": "never"} if configuration.lacks("makestep") else None, []
    limit, threshold = step_limit(makestep), duration(makestep.texts[0])
    if limit == 0:
        return {"when": "never"}, []
    if threshold is None:
        return None, [_not_converted(makestep, "its threshold is no time above 0")]
    step = {"threshold": threshold, "when": "boot" if limit > 0 else "always"}
    is_other = limit > 0 and limit != STEP_LIMIT
    return step, [report(makestep, STEP_LIMIT_CHANGES, statement=makestep.quote)] if is_other else []


def _min_sources(configuration: ChronyConfiguration, votes: int) -> tuple[int | None, list[FileFinding]]:
    """The policy's `min_sources`, of sources that have `votes` together; None for its default."""
    statement = configuration.last("minsources")
    if statement is None:
        return None, []
    text, most = statement.texts[0], min(MOST_MUST_AGREE, votes)
    if re.fullmatch(r"\+?[0-9]{1,3}", text) and 1 <= int(text) <= most:
        return int(text) if int(text) > 1 else None, []
    return None, [_not_converted(statement, f"with these sources a policy accepts 1 to {most}")]


def _orphan_stratum(configuration: ChronyConfiguration) -> tuple[int | None, list[FileFinding]]:
    local = configuration.last("local")
    if local is None:
        return None, []
    text = " ".join(local.texts).lower()
    match = re.fullmatch(r"(?:stratum ([0-9]{1,2}) orphan|orphan stratum ([0-9]{1,2})|orphan)", text)
    if match is None:
        return None, [_not_converted(local, "servers of a policy have `orphan_stratum` and nothing else")]
    return int(match[1] or match[2] or 10), []


def _use_dhcp_sources(configuration: ChronyConfiguration) -> tuple[bool, list[FileFinding]]:
    """Whether a directory is read that DHCP hooks fill."""
    release = configuration.release
    statement = next((item for item in configuration.all("sourcedir") if DHCP_DIRECTORIES & set(item.texts)), None)
    if statement and release and release.chrony and release.chrony.dhcp_source_dir is None:
        return False, [_not_converted(statement, f"on {release.key} no DHCP hook writes to it")]
    return statement is not None, []
