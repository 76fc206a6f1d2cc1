"""From a chrony configuration to settings that a policy can have; what a policy cannot have is reported."""

import re
from collections.abc import Sequence

from timepolicy.configs.access_table import Network
from timepolicy.configs.chrony.authentication import convert_authentication, is_required
from timepolicy.configs.chrony.clock import step_limit
from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.chrony.grammar import is_number, number_of
from timepolicy.configs.chrony.includes import DHCP_DIRECTORIES
from timepolicy.configs.chrony.source_conversion import convert_sources
from timepolicy.configs.file_findings import FileFinding, loss, report
from timepolicy.configs.settings import (
    DETAIL_LOST,
    MOST_MUST_AGREE,
    MOST_SOURCES,
    NOT_A_LINE,
    NOT_NEEDED,
    Conversion,
    Settings,
    accepted_min_sources,
    is_extra_line,
    not_converted,
)
from timepolicy.configs.source_options import duration
from timepolicy.configs.statement import Statement
from timepolicy.distros.release import DaemonName
from timepolicy.facts.chrony_options import DIRECTIVES, REFCLOCK_OPTIONS, REPEATABLE, Directive
from timepolicy.facts.decided_directives import DECIDED_OF_CHRONY
from timepolicy.facts.refclocks import clock_at
from timepolicy.findings.finding import note
from timepolicy.policy.options import NTP_PORT

STEP_LIMIT_CHANGES = note(
    "TP253",
    "the policy steps the clock at the first 3 updates, as all policies do, instead of `{statement}`",
    "no action is needed",
)

STEP_LIMIT = 3
"""makestep's second value as timepolicy writes it."""

COMMAND_PORT = 323
"""chrony.conf(5), cmdport."""

DEVICE = r"/dev/[A-Za-z0-9_][A-Za-z0-9_-]*"
"""A device of a policy (device of its schema)."""

CLOCK_DEFAULTS = {"poll": 4, "dpoll": 0, "offset": 0, "stratum": 0, "filter": 64}
"""Values that a refclock has without the option (conf.c, parse_refclock)."""

ORPHAN_MODE = "the policy has orphan mode, in which the servers agree on one clock"

FOR_ITSELF = "it lets in no other node, and nodes of a policy need no server for themselves"


def convert(configuration: ChronyConfiguration) -> Conversion:
    """Return what a policy can hold of `configuration`."""
    sources, findings = convert_sources(configuration)
    authentication, authentication_findings = convert_authentication(configuration, sources)
    clocks, clock_findings = _clocks(configuration, MOST_SOURCES - len(sources))
    step, step_findings = _step(configuration)
    orphan_stratum, local_findings = _orphan_stratum(configuration)
    min_sources, minsources_findings = _min_sources(configuration, sum(source.votes for source in sources))
    use_dhcp_sources, sourcedir_findings = _use_dhcp_sources(configuration)
    command_port = configuration.last("cmdport")
    networks, access_findings = _networks(configuration)
    extra, other_findings = _other_directives(configuration)
    settings = Settings(
        daemon=DaemonName.CHRONY,
        sources=sources,
        clocks=clocks,
        authentication=authentication,
        networks=networks,
        orphan_stratum=orphan_stratum,
        step=step,
        min_sources=min_sources,
        use_dhcp_sources=use_dhcp_sources,
        extra=extra,
        # without `allow` no other port is open
        listens=command_port is None or number_of(command_port.texts[0]) != 0,
    )
    findings += [
        *clock_findings,
        *authentication_findings,
        *access_findings,
        *step_findings,
        *local_findings,
        *minsources_findings,
    ]
    return Conversion(settings, (*other_findings, *findings, *sourcedir_findings))


def _other_directives(configuration: ChronyConfiguration) -> tuple[tuple[str, ...], list[FileFinding]]:
    """Directives for which policies have no key: the lines of `extra`, and findings about the others."""
    lines: dict[str, str] = {}
    findings: list[FileFinding] = []
    for statement in configuration.statements:
        directive, decision = DIRECTIVES[statement.name], DECIDED_OF_CHRONY.get(statement.name)
        is_extra = _is_clock_of_extra(statement) if statement.name == "refclock" else not directive.is_supported
        if _is_default(statement, directive):
            findings.append(report(statement, NOT_NEEDED, what=statement.quote, why="it is chronyd's default"))
        elif directive.harmless:
            findings.append(report(statement, NOT_NEEDED, what=statement.quote, why=directive.harmless))
        elif is_extra and decision:
            findings.append(not_converted(statement, decision.reason))
        elif is_extra and not is_extra_line(str(statement)):
            findings.append(not_converted(statement, NOT_A_LINE))
        elif is_extra:  # chronyd keeps the last line of a directive that cannot be repeated
            lines[str(statement) if statement.name in REPEATABLE else statement.name] = str(statement)
        elif statement.name == "cmdport" and number_of(statement.texts[0]) not in (0, COMMAND_PORT):
            findings.append(not_converted(statement, f"nodes of a policy have the command port {COMMAND_PORT}"))
    return tuple(lines.values()), findings


def _is_clock_of_extra(statement: Statement) -> bool:
    """Whether a policy has no key for this hardware clock: it is not a PTP clock, or it is only measured."""
    driver, device, *options = statement.texts
    is_phc = driver.upper() == "PHC" and re.fullmatch(DEVICE, device) is not None
    return not is_phc or "noselect" in map(str.lower, options)


def _is_default(statement: Statement, directive: Directive) -> bool:
    """Whether a line sets what chronyd has without it."""
    if directive.default is None or len(statement.texts) != 1:
        return False
    text = statement.texts[0].lower()
    return text == directive.default or (is_number(text) and float(text) == float(directive.default))


def _clocks(configuration: ChronyConfiguration, most: int) -> tuple[tuple[str, ...], list[FileFinding]]:
    """The devices of PTP hardware clocks, at most `most`; chronyd reads them as timepolicy configures it."""
    clocks: list[str] = []
    findings: list[FileFinding] = []
    for statement in configuration.all("refclock"):
        _, device, *options = statement.texts
        if _is_clock_of_extra(statement):
            continue
        if device in clocks or len(clocks) == most:
            findings.append(not_converted(statement, f"a policy has a clock once, and at most {MOST_SOURCES} sources"))
        else:
            clocks.append(device)
            own = clock_at(device).options
            if _options_of(options) != _options_of(own.split()):
                findings.append(not_converted(statement, f"the policy has this clock, with `{own}`"))
    return tuple(clocks), findings


def _options_of(words: Sequence[str]) -> dict[str, float | str]:
    """Options of a refclock, and the values of those that are not chronyd's defaults."""
    rest = iter(map(str.lower, words))
    options = {word: next(rest, "") if REFCLOCK_OPTIONS[word].value else "" for word in rest}
    return {
        name: float(value) if is_number(value) else value
        for name, value in options.items()
        if name != "refid" and not (is_number(value) and float(value) == CLOCK_DEFAULTS.get(name))
    }


def _step(configuration: ChronyConfiguration) -> tuple[dict[str, str] | None, list[FileFinding]]:
    """The policy's `step`; None, for its default, where the files are incomplete or their threshold is no time."""
    makestep = configuration.last("makestep")
    if makestep is None:
        return {"when": "never"} if configuration.lacks("makestep") else None, []
    limit, threshold = step_limit(makestep), duration(makestep.texts[0])
    if limit == 0:
        return {"when": "never"}, []
    if threshold is None:
        return None, [not_converted(makestep, "its threshold is no time above 0")]
    step = {"threshold": threshold, "when": "boot" if limit > 0 else "always"}
    is_other = limit > 0 and limit != STEP_LIMIT
    return step, [report(makestep, STEP_LIMIT_CHANGES, statement=makestep.quote)] if is_other else []


def _min_sources(configuration: ChronyConfiguration, votes: int) -> tuple[int | None, list[FileFinding]]:
    """The policy's `min_sources`, of sources that have `votes` together; None for its default."""
    statement = configuration.last("minsources")
    if statement is None:
        return None, []
    accepted = accepted_min_sources(statement.texts[0], votes)
    if accepted is None:
        most = min(MOST_MUST_AGREE, votes)
        return None, [not_converted(statement, f"with these sources a policy accepts 1 to {most}")]
    return accepted if accepted > 1 else None, []


def _orphan_stratum(configuration: ChronyConfiguration) -> tuple[int | None, list[FileFinding]]:
    local = configuration.last("local")
    if local is None:
        return None, []
    text = " ".join(local.texts).lower()
    match = re.fullmatch(r"(?:stratum ([0-9]{1,2})( orphan)?|orphan stratum ([0-9]{1,2})|(orphan)?)", text)
    if match is None:
        return None, [not_converted(local, "servers of a policy have `orphan_stratum` and nothing else")]
    stratum = int(match[1] or match[3] or 10)
    return stratum, [] if "orphan" in text else [loss(local, DETAIL_LOST, what=local.quote, why=ORPHAN_MODE)]


def _networks(configuration: ChronyConfiguration) -> tuple[tuple[Network, ...], list[FileFinding]]:
    """The networks that are served: none through a closed port, and a server for the node itself is none."""
    networks = configuration.access.served_networks
    lines = [
        line for line, rule in zip(configuration.access.lines, configuration.access.rules, strict=True) if rule.allow
    ]
    port = configuration.last("port")
    if port and number_of(port.texts[0]) == 0:
        why = "`port 0` closes the port of the server"
        return (), [report(port, NOT_NEEDED, what=port.quote, why="clients of a policy open no port")] + [
            report(line, NOT_NEEDED, what=line.quote, why=why) for line in lines
        ]
    findings = []
    if port and number_of(port.texts[0]) != NTP_PORT:
        findings.append(not_converted(port, f"servers of a policy listen on port {NTP_PORT}"))
    if networks and all(network.is_loopback for network in networks):
        findings += [report(line, NOT_NEEDED, what=line.quote, why=FOR_ITSELF) for line in lines]
        networks = ()
    return networks, findings


def _use_dhcp_sources(configuration: ChronyConfiguration) -> tuple[bool, list[FileFinding]]:
    """Whether a directory is read that DHCP hooks fill."""
    release = configuration.release
    statement = next((item for item in configuration.all("sourcedir") if DHCP_DIRECTORIES & set(item.texts)), None)
    if statement and is_required(configuration):
        why = "with `authselectmode require`, chronyd uses none of DHCP's servers"
        return False, [report(statement, NOT_NEEDED, what=statement.quote, why=why)]
    if statement and release and release.chrony and release.chrony.dhcp_source_dir is None:
        return False, [not_converted(statement, f"on {release.key} no DHCP hook writes to it")]
    return statement is not None, []
