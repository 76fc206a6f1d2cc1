"""How chronyd corrects the clock: the kernel's synchronised flag, steps, and setting it by hand."""

from collections.abc import Iterator

from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.chrony.grammar import number_of
from timepolicy.configs.file_findings import FileFinding, TextRange, report
from timepolicy.configs.statement import Statement
from timepolicy.findings.finding import error, warning

NO_RTCSYNC = warning(
    "TP223",
    "there is no `rtcsync`: the kernel keeps its STA_UNSYNC flag, and what waits for the flag waits forever",
    "add the line `rtcsync`",
)
RTCFILE_AND_RTCSYNC = error(
    "TP224",
    "`rtcfile` and `rtcsync` ({place}) exclude each other: chronyd exits at start, but `chronyd -p` accepts them",
    "remove `rtcfile`",
)
NO_MAKESTEP = warning(
    "TP225",
    "a wrong clock is never stepped: chronyd slews it by 1 s in 12 s, which takes 12 hours for 1 hour",
    "add the line `makestep 1 3`",
)
STEPS_AT_ANY_TIME = warning(
    "TP226",
    "`{statement}` steps a running clock at any time: time can go back while programs run",
    "limit steps to the first updates, as in `makestep 1 3`, unless the machine is paused and resumed",
)
MANUAL = warning(
    "TP231",
    "`manual` lets `chronyc settime` set the clock to a time that no source confirms",
    "remove the line",
)
INITSTEPSLEW = warning(
    "TP232",
    "`initstepslew` is deprecated: it queries its servers once, and if they do not answer the clock stays wrong",
    "write `makestep 1 3`, and `iburst` after each source",
)


def check_flag(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """Without rtcsync chronyd leaves STA_UNSYNC set; with rtcfile beside it chronyd exits."""
    rtcsync, rtcfile = configuration.last("rtcsync"), configuration.last("rtcfile")
    if rtcsync and rtcfile:
        yield report(rtcfile, RTCFILE_AND_RTCSYNC, place=rtcsync.place_for(rtcfile))
    elif configuration.lacks("rtcsync"):
        yield report(TextRange(configuration.mains[0]), NO_RTCSYNC)


def check_steps(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """A wrong clock is never stepped, or a running clock at any time."""
    makestep = configuration.last("makestep")
    if makestep is None:
        if configuration.lacks("makestep") and not configuration.all("initstepslew"):
            yield report(TextRange(configuration.mains[0]), NO_MAKESTEP)
    elif step_limit(makestep) < 0:
        yield report(makestep, STEPS_AT_ANY_TIME, statement=makestep.quote)
    elif step_limit(makestep) == 0:
        yield report(makestep, NO_MAKESTEP)


def check_outdated(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """Setting the clock by hand, and a directive that makestep has replaced."""
    rules = {"manual": MANUAL, "initstepslew": INITSTEPSLEW}
    for statement in configuration.all(*rules):
        yield report(statement, rules[statement.name])


def step_limit(makestep: Statement) -> int:
    """Return for how many updates a `makestep` steps: -1 for all, 0 for none; numbers as sscanf(3) reads them."""
    return number_of(makestep.texts[1])
