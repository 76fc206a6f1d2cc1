"""chrony's sources of time: how many there are, each of them, and a server's own clock beside them."""

from collections.abc import Iterator

from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.file_findings import FileFinding, Stretch, report
from timepolicy.configs.statement import Statement
from timepolicy.findings.register.imports import (
    DUPLICATE_SOURCE,
    LOCAL_WITH_UPSTREAMS,
    NO_IBURST,
    NO_SOURCES,
    TWO_SOURCES,
)
from timepolicy.findings.wording import shortened


def check_count(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """No source keeps no time, and of two neither can outvote the other; a pool counts as several."""
    is_all = configuration.is_complete and not configuration.all("sourcedir")
    if is_all and all(map(configuration.lacks, ("server", "pool", "peer", "refclock", "local"))):
        yield report(Stretch(configuration.mains[0]), NO_SOURCES)
    sources = configuration.all("server", "peer")
    if len(sources) == 2 and is_all and not configuration.all("pool", "refclock"):  # noqa: PLR2004  # a tie
        yield report(sources[-1], TWO_SOURCES)


def check_sources(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """A source is there twice, or starts slowly."""
    first_of: dict[str, Statement] = {}
    for statement in configuration.all("server", "pool", "peer"):
        host = statement.texts[0]
        first = first_of.setdefault(host.lower(), statement)
        if first is not statement:
            yield report(statement, DUPLICATE_SOURCE, host=shortened(host), place=first.place_for(statement))
        elif statement.name != "peer" and "iburst" not in map(str.lower, statement.texts):
            yield report(statement, NO_IBURST, host=shortened(host))


def check_local(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """A server falls back to its own clock while others do the same."""
    local = configuration.last("local")
    if local and "orphan" not in map(str.lower, local.texts) and configuration.all("server", "pool", "peer"):
        yield report(local, LOCAL_WITH_UPSTREAMS)
