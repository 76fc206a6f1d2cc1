"""Which sources chronyd can use, and whether they are enough to set the clock (sources.c)."""

from collections.abc import Iterator

from timepolicy.configs.chrony.authentication import is_required
from timepolicy.configs.chrony.configuration import ChronyConfiguration
from timepolicy.configs.chrony.grammar import number_of
from timepolicy.configs.file_findings import FileFinding, report
from timepolicy.configs.statement import Statement
from timepolicy.findings.finding import error, warning
from timepolicy.findings.wording import shortened
from timepolicy.policy.options import POOL_SOURCES

NEVER_SET = error(
    "TP264",
    "chronyd never sets the clock: {reason}",
    "{correction}",
)
NEVER_USED = warning(
    "TP265",
    "chronyd never uses {host}: {reason}",
    "{correction}",
)


def check_selection(configuration: ChronyConfiguration) -> Iterator[FileFinding]:
    """Sources that are never used, and more that must agree than there are."""
    required = is_required(configuration)
    usable: list[Statement] = []
    for statement in configuration.all("server", "pool", "peer"):
        words = [word.lower() for word in statement.texts[1:]]
        values = {"host": shortened(statement.texts[0])}
        if required and not {"nts", "key"} & set(words):
            reason, correction = "`authselectmode require` refuses what is not authenticated", "add `nts` or `key`"
            yield report(
                statement,
                NEVER_USED,
                reason=f"{reason}, and it has neither `nts` nor `key`",
                **values,
                correction=f"{correction}, or remove the source",
            )
        elif "key" in words and "nts" not in words and configuration.lacks("keyfile"):
            yield report(
                statement,
                NEVER_USED,
                reason="no `keyfile` has its key",
                **values,
                correction="add a line such as `keyfile /etc/chrony/chrony.keys`",
            )
        else:
            usable.append(statement)
    clocks = [clock for clock in configuration.all("refclock") if "noselect" not in map(str.lower, clock.texts)]
    if configuration.is_complete and not configuration.all("sourcedir"):
        yield from _too_few(configuration, sum(map(source_votes, usable)) + len(clocks))


def source_votes(statement: Statement) -> int:
    """Return how many addresses of a `server`, `peer` or `pool` take part in the selection."""
    words = [word.lower() for word in statement.texts[1:]]
    if "noselect" in words:
        return 0
    if statement.name != "pool":
        return 1
    return number_of(words[words.index("maxsources") + 1]) if "maxsources" in words else POOL_SOURCES


def _too_few(configuration: ChronyConfiguration, votes: int) -> Iterator[FileFinding]:
    minsources, mode = configuration.last("minsources"), configuration.last("authselectmode")
    sources = configuration.all("server", "pool", "peer", "refclock")
    if minsources and votes and number_of(minsources.texts[0]) > votes:
        reason = f"{minsources.texts[0]} sources must agree, and there are {votes}"
        yield report(minsources, NEVER_SET, reason=reason, correction=f"write a number of at most {votes // 2 + 1}")
    elif sources and not votes and mode and is_required(configuration):
        correction = "add `nts` or `key` to the sources"
        yield report(mode, NEVER_SET, reason="it may use none of its sources", correction=correction)
    elif sources and all("noselect" in map(str.lower, source.texts) for source in sources):
        correction = "remove `noselect` from the sources"
        yield report(sources[0], NEVER_SET, reason="it may use none of its sources", correction=correction)
