"""chrony's sources of time: how many there are, each of them, and a server's own clock beside them."""

from collections.abc import Iterator

from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.chrony.grammar import is_address
from timepolicy.configs.file_findings import FileFinding, TextRange, report
from timepolicy.configs.own_clock import OWN_CLOCK, is_own_clock
from timepolicy.configs.public_sources import NamedSource, check_public, min_poll_of
from timepolicy.configs.statement import Statement
from timepolicy.findings.finding import error, warning
from timepolicy.findings.wording import shortened
from timepolicy.tokens import canonical_host

NO_SOURCES = error(
    "TP227",
    "no source of time is named: the clock drifts",
    "add a line such as `server ntp1.example.org iburst` for each of three or four servers",
)
TWO_SOURCES = warning(
    "TP228",
    "there are two sources: if they disagree, chronyd follows neither",
    "name one source, or better three or four",
)
DUPLICATE_SOURCE = warning(
    "TP229",
    "{host} is already a source ({place}): chronyd uses an address once, with the options of the first line",
    "remove one of the two lines, or name another server",
)
NAME_AGAIN = warning(
    "TP238",
    "{host} is named again ({place}): chronyd uses another address of the name, and ignores the line if there is none",
    "write `pool {host} iburst` for several addresses of a name, and other servers for other sources",
)
LOCAL_BESIDE_SOURCES = warning(
    "TP230",
    "`local` without `orphan`, beside sources: servers that lose their sources follow their own clocks and drift apart",
    "write `local stratum 10 orphan`",
)
NO_IBURST = warning(
    "TP233",
    "{host} has no `iburst`: the first correction takes minutes instead of seconds",
    "write `iburst` after it",
)


def check_count(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """There is no source, or there are two, of which neither can outvote the other; a pool counts as several."""
    is_all = configuration.is_complete and not configuration.all("sourcedir")
    if is_all and all(map(configuration.lacks, ("server", "pool", "peer", "refclock", "local"))):
        yield report(TextRange(configuration.mains[0]), NO_SOURCES)
    voters = configuration.all("server", "peer", "pool", "refclock")
    voters = [statement for statement in voters if "noselect" not in map(str.lower, statement.texts)]
    sources = [statement for statement in voters if statement.name in ("server", "peer")]
    if len(sources) == 2 and is_all and voters == sources:  # noqa: PLR2004  # a tie
        yield report(sources[-1], TWO_SOURCES)


def check_sources(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """A source is there twice, or starts slowly."""
    statements = configuration.all("server", "pool", "peer")
    yield from check_public(
        [NamedSource(line, line.texts[0], min_poll_of(line.texts[1:])) for line in statements if line.name != "peer"]
    )
    first_of: dict[str, Statement] = {}
    for statement in statements:
        host = statement.texts[0]
        first = first_of.setdefault(canonical_host(host), statement)
        if first is not statement:
            rule = DUPLICATE_SOURCE if is_address(host) else NAME_AGAIN
            yield report(statement, rule, host=shortened(host), place=first.place_for(statement))
        elif is_own_clock(host):
            effect = "chronyd takes it for an address, at which nobody answers"
            yield report(statement, OWN_CLOCK, host=host, effect=effect, right="local stratum 10 orphan")
        elif statement.name != "peer" and "iburst" not in map(str.lower, statement.texts):
            yield report(statement, NO_IBURST, host=shortened(host))


def check_local(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """A server falls back to its own clock while others do the same."""
    local = configuration.last("local")
    if local and "orphan" not in map(str.lower, local.texts) and configuration.all("server", "pool", "peer"):
        yield report(local, LOCAL_BESIDE_SOURCES)
