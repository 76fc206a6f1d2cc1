"""What is wrong with a chrony configuration that chronyd takes. Each rule is one function; CHRONY_RULES lists them."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from timepolicy.configs.access import parse_subnet
from timepolicy.configs.report import Report
from timepolicy.configs.statement import Statement
from timepolicy.distros.release import Release
from timepolicy.findings.finding import Rule
from timepolicy.findings.register.imports import (
    COMMAND_PORT_CLOSED,
    COMMAND_PORT_OPEN,
    DUPLICATE_SOURCE,
    INITSTEPSLEW,
    LOCAL_WITH_UPSTREAMS,
    MANUAL,
    NO_IBURST,
    NO_MAKESTEP,
    NO_RTCSYNC,
    NO_SOURCES,
    RTCFILE_AND_RTCSYNC,
    STEPS_AT_ANY_TIME,
    TWO_SOURCES,
)
from timepolicy.source import Source


@dataclass(frozen=True, kw_only=True, slots=True)
class ChronyConfiguration:
    """The statements that chronyd follows. `main` is the first file; `is_complete` if nothing was left unread.

    `names` are the directives of all lines, also of those that chronyd does not take.
    """

    main: Source
    statements: list[Statement]
    names: Collection[str]
    is_complete: bool
    release: Release | None = None

    def lacks(self, name: str) -> bool:
        """Whether nothing was left unread that could have the directive, not even a line with a mistake in it."""
        return self.is_complete and name not in self.names

    def all(self, *names: str) -> list[Statement]:
        """Return the statements of these names."""
        return [statement for statement in self.statements if statement.name in names]

    def last(self, name: str) -> Statement | None:
        """Return the statement that holds, of a directive that has one value."""
        return next(iter(self.all(name)[::-1]), None)

    @property
    def takes_dhcp_sources(self) -> bool:
        """Whether a directory is read that DHCP hooks may fill."""
        return bool(self.all("sourcedir"))


def judge(configuration: ChronyConfiguration, report: Report) -> None:
    """Report what every rule finds."""
    for rule in CHRONY_RULES:
        rule(configuration, report)


def flag_never_cleared(configuration: ChronyConfiguration, report: Report) -> None:
    """Chronyd leaves STA_UNSYNC set without rtcsync, and dies of rtcsync beside rtcfile."""
    rtcsync, rtcfile = configuration.last("rtcsync"), configuration.last("rtcfile")
    if rtcsync and rtcfile:
        report.line(rtcfile, RTCFILE_AND_RTCSYNC, place=rtcsync.place_for(rtcfile))
    elif configuration.lacks("rtcsync"):
        report.whole(configuration.main, NO_RTCSYNC)


def step_missing_or_unlimited(configuration: ChronyConfiguration, report: Report) -> None:
    """Without makestep a wrong clock takes minutes to days; without a limit any later offset is stepped."""
    makestep = configuration.last("makestep")
    if makestep is None:
        if configuration.lacks("makestep") and not configuration.all("initstepslew"):
            report.whole(configuration.main, NO_MAKESTEP)
    elif limit_of(makestep) < 0:
        report.line(makestep, STEPS_AT_ANY_TIME, statement=str(makestep))
    elif limit_of(makestep) == 0:
        report.line(makestep, NO_MAKESTEP)


def limit_of(makestep: Statement) -> int:
    """Return makestep's second value, as sscanf(3) reads it."""
    digits = makestep.texts[1].lstrip("+-")
    number = int("".join(_leading_digits(digits[:9])) or 0)
    return -number if makestep.texts[1].startswith("-") else number


def _leading_digits(text: str) -> Iterator[str]:
    for character in text:
        if character not in "0123456789":
            return
        yield character


def command_port(configuration: ChronyConfiguration, report: Report) -> None:
    """The command port belongs on the loopback addresses, and there it is needed."""
    for statement in configuration.all("bindcmdaddress"):
        address = statement.texts[0]
        if not address.startswith("/") and not _is_loopback(address):
            report.line(statement, COMMAND_PORT_OPEN, statement=str(statement))
    port = configuration.last("cmdport")
    if port and port.texts[0].lstrip("+-0") == "":
        report.line(port, COMMAND_PORT_CLOSED)


def _is_loopback(text: str) -> bool:
    try:
        subnet = parse_subnet(text)
    except ValueError:
        return False
    return subnet is not None and all(network.is_loopback for network in subnet.networks)


def sources_in_number(configuration: ChronyConfiguration, report: Report) -> None:
    """No source keeps no time; two cannot outvote each other; a pool is several."""
    sources = configuration.all("server", "pool", "peer", "refclock")
    is_all = configuration.is_complete and not configuration.takes_dhcp_sources
    if is_all and all(map(configuration.lacks, ("server", "pool", "peer", "refclock", "local"))):
        report.whole(configuration.main, NO_SOURCES)
    if len(sources) == 2 and is_all and not configuration.all("pool", "refclock"):  # noqa: PLR2004  # a tie
        report.line(sources[-1], TWO_SOURCES)


def source_by_source(configuration: ChronyConfiguration, report: Report) -> None:
    """A source that is named twice, or that begins slowly."""
    seen: dict[str, Statement] = {}
    for statement in configuration.all("server", "pool", "peer"):
        host = statement.texts[0]
        first = seen.setdefault(host.lower(), statement)
        if first is not statement:
            report.line(statement, DUPLICATE_SOURCE, host=host, place=first.place_for(statement))
        elif statement.name != "peer" and "iburst" not in map(str.lower, statement.texts):
            report.line(statement, NO_IBURST, host=host)


def local_reference(configuration: ChronyConfiguration, report: Report) -> None:
    """A server that takes its own clock for true while others do the same."""
    local = configuration.last("local")
    if local and "orphan" not in map(str.lower, local.texts) and configuration.all("server", "pool", "peer"):
        report.line(local, LOCAL_WITH_UPSTREAMS)


def outdated(configuration: ChronyConfiguration, report: Report) -> None:
    """Directives that a better one has replaced, or that open what should be shut."""
    rules: dict[str, Rule] = {"manual": MANUAL, "initstepslew": INITSTEPSLEW}
    for statement in configuration.all(*rules):
        report.line(statement, rules[statement.name])


CHRONY_RULES: tuple[Callable[[ChronyConfiguration, Report], None], ...] = (
    flag_never_cleared,
    step_missing_or_unlimited,
    command_port,
    sources_in_number,
    source_by_source,
    local_reference,
    outdated,
)
