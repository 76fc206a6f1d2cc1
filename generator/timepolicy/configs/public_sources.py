"""Public servers among the sources of a file: whether they agree about leap seconds, and how often they are asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from timepolicy.configs.file_findings import FileFinding, FilePlace, report
from timepolicy.facts import time_services
from timepolicy.findings.finding import warning
from timepolicy.findings.wording import shortened
from timepolicy.tokens import canonical_host

SMEARING_AMONG_OTHERS = warning(
    "TP267",
    "{smearing} smears leap seconds and {other} may not: around a leap second they differ by up to 0.5 s",
    "use only sources that smear in the same way, or only sources that do not smear",
)
ASKED_TOO_OFTEN = warning(
    "TP268",
    "{host} is a public server, and is asked every {interval} s: its operators can refuse to answer",
    "write `minpoll {shortest}` or leave it out; shorter intervals are for servers of your own",
)

SHORTEST = 6
"""The shortest poll interval for servers of others, as a power of two of seconds: what daemons have by default."""


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A source where a file names it. `min_poll` is a power of two of seconds, None for the daemon's default."""

    place: FilePlace
    host: str
    min_poll: int | None = None


def check_public(sources: Sequence[NamedSource]) -> Iterator[FileFinding]:
    """Yield sources that smear leap seconds beside others that do not, and public ones that are asked too often."""
    smearing = [source for source in sources if canonical_host(source.host) in time_services.SMEARING]
    others = [source for source in sources if source not in smearing]
    if smearing and others:
        values = {"smearing": shortened(smearing[0].host), "other": shortened(others[0].host)}
        yield report(smearing[0].place, SMEARING_AMONG_OTHERS, **values)
    for source in sources:
        poll = source.min_poll
        if poll is not None and poll < SHORTEST and time_services.is_public(canonical_host(source.host)):
            interval = str(2**poll) if poll >= 0 else f"1/{2**-poll}"
            values = {"interval": interval, "shortest": str(SHORTEST)}
            yield report(source.place, ASKED_TOO_OFTEN, host=shortened(source.host), **values)


def min_poll_of(words: Sequence[str]) -> int | None:
    """Return the `minpoll` among the options of chrony or ntpd, if it is a number that they accept."""
    lower = [word.lower() for word in words]
    text = lower[lower.index("minpoll") + 1] if "minpoll" in lower[:-1] else ""
    return int(text) if text.lstrip("+-").isdecimal() and len(text) <= 3 else None  # noqa: PLR2004  # -32 to 32
