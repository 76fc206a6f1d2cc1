"""Rules about sources: how many there are, whether they agree with each other, and how often they are asked."""

from collections.abc import Iterator
from itertools import combinations

from timepolicy.distros.release import DaemonName
from timepolicy.facts import time_services
from timepolicy.facts.presets import PRESETS
from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Policy, TimeSource
from timepolicy.policy.role import Role
from timepolicy.rules.rule import Violation, at, rule
from timepolicy.tokens import Duration, canonical_host

SHORTEST_PUBLIC_POLL = Duration.parse("64s")
"""What daemons have by default, and operators of public servers expect (RFC 8633, section 3.1)."""


CHRONYD_MIN_POLL = Duration.parse("64s")
"""chrony.conf(5): minpoll is 6 where a source does not set it."""


@rule(
    "TP080",
    Severity.ERROR,
    "{min_sources} sources must agree, but there are only {sources}: the clock would never be set",
    "set `min_sources` to at most {sources}, or add sources",
)
def too_few_to_agree(policy: Policy) -> Iterator[Violation]:
    """More sources must agree than there are. TP293 reports hardware clocks without any source."""
    count = sum(source.votes for source in policy.sources)
    if policy.min_sources > count and (policy.sources or not policy.clocks):
        origin = policy.origin("clients.min_sources")
        yield at(origin, min_sources=str(policy.clients.min_sources), sources=str(count))


@rule(
    "TP081",
    Severity.ERROR,
    "`min_poll` {min_poll} is longer than `max_poll` {max_poll}, so chronyd would ignore one of them",
    "lower `min_poll`, or raise `max_poll`",
)
def polls_out_of_order(policy: Policy) -> Iterator[Violation]:
    """A shortest poll interval above the longest: chronyd accepts the pair, and polls at another interval."""
    for source in (*policy.upstreams, *policy.clients.fallback):
        shortest, longest = source.options.min_poll, source.options.max_poll
        if shortest and longest and shortest > longest:
            origin = policy.origin(f"{source.origin.path}.min_poll")
            yield at(origin, min_poll=f"{shortest}s", max_poll=f"{longest}s")


@rule(
    "TP096",
    Severity.WARNING,
    "`max_poll` {max_poll} has no effect: without a `min_poll`, chronyd asks every {min_poll} and not more often",
    "write `min_poll: {max_poll}` too, or a `max_poll` of {min_poll} or more",
)
def max_poll_below_default_min_poll(policy: Policy) -> Iterator[Violation]:
    """A longest poll interval below the shortest that chronyd has by default: chronyd raises it (ntp_core.c)."""
    if policy.role is Role.CLIENT and policy.clients.daemon in (DaemonName.TIMESYNCD, DaemonName.NONE):
        return  # timesyncd asks every 32 s by default, and TP060 refuses what is below
    for source in policy.sources:
        longest = source.options.max_poll
        has_own_default = source.in_cluster or (source.preset and PRESETS[source.preset].polls)
        if longest and source.options.min_poll is None and longest < CHRONYD_MIN_POLL and not has_own_default:
            place = policy.origin(f"{source.origin.path}.max_poll")
            yield at(place, max_poll=f"{longest}s", min_poll=f"{CHRONYD_MIN_POLL}s")


@rule(
    "TP082",
    Severity.ERROR,
    "`fallback` has no effect without `servers`: clients ask the upstreams",
    "move these sources to `upstreams`, or add `servers`",
)
def fallback_without_servers(policy: Policy) -> Iterator[Violation]:
    """A fallback that no client ever asks."""
    if policy.clients.fallback and not policy.servers.addresses:
        yield at(policy.origin("clients.fallback"))


@rule(
    "TP084",
    Severity.ERROR,
    "`{host}` is one of the cluster's own servers, which get their time from these upstreams",
    "remove it from `upstreams`; the servers ask each other anyway",
)
def server_asks_itself(policy: Policy) -> Iterator[Violation]:
    """An upstream that is one of the servers that use it."""
    own = {canonical_host(server.host) for server in policy.servers.addresses}
    for source in policy.upstreams:
        if canonical_host(source.host) in own:
            yield at(source.origin, host=source.host)


@rule(
    "TP120",
    Severity.WARNING,
    "two sources have no majority: while they disagree, a node uses neither",
    "add a third source, or set `min_sources: 2` if both must agree",
)
def no_majority(policy: Policy) -> Iterator[Violation]:
    """Two votes: if they differ, chronyd selects neither (RFC 5905, section 11.2.1)."""
    if _votes(policy) == 2:  # noqa: PLR2004  # the smallest number with a tie
        yield at(policy.origin(_list_of_sources(policy)))


@rule(
    "TP121",
    Severity.NOTE,
    "`{host}` is the only source, so a node uses its time even if it is wrong",
    "list three or more sources, so that a wrong one is outvoted",
)
def only_source(policy: Policy) -> Iterator[Violation]:
    """One vote. The single address of a preset is not counted: it leads to many machines."""
    if _votes(policy) == 1 and not (voter := _voters(policy)[0]).preset:
        yield at(policy.origin(_list_of_sources(policy)), host=voter.host)


@rule(
    "TP122",
    Severity.WARNING,
    "`{host}` is the same server as in line {line}, so its opinion would count twice",
    "keep one of the two",
)
def same_server_twice(policy: Policy) -> Iterator[Violation]:
    """Two spellings of one name or address: chronyd ignores the second one, so it has no vote."""
    for sources in (policy.upstreams, policy.servers.addresses + policy.clients.fallback):
        for first, second in combinations(sources, 2):
            if _address(first) == _address(second):
                yield at(second.origin, host=second.host, line=str(first.origin.span.line))


@rule(
    "TP123",
    Severity.WARNING,
    "`{smearing}` smears leap seconds and `{other}` may not: around a leap second they differ by up to 0.5 s",
    "use only sources that smear in the same way, or only sources that do not smear",
)
def smearing_among_others(policy: Policy) -> Iterator[Violation]:
    """Sources that smear leap seconds together with others. The cluster's own servers have their upstreams' time."""
    outside = [source for source in policy.sources if not source.in_cluster]
    smearing = [source for source in outside if canonical_host(source.host) in time_services.SMEARING]
    others = [source for source in outside if source not in smearing]
    if smearing and others:
        yield at(smearing[0].origin, smearing=smearing[0].host, other=others[0].host)


@rule(
    "TP130",
    Severity.NOTE,
    "`{host}` is a pool in another part of the world than {timezone}; the distance makes the time less accurate",
    "use the pool zone of your country or continent",
)
def pool_of_another_region(policy: Policy) -> Iterator[Violation]:
    """A pool zone in another part of the world than the timezone."""
    here = time_services.area_of_timezone(policy.timezone)
    for source in policy.sources:
        there = time_services.areas_of_zone(time_services.pool_zone(canonical_host(source.host)) or "")
        if here and there and here not in there:
            yield at(source.origin, host=source.host, timezone=policy.timezone)


@rule(
    "TP131",
    Severity.NOTE,
    "`{zone}.pool.ntp.org` is for the products of one vendor, not for a country",
    "use the pool zone of your country; a vendor can request a zone of its own",
)
def vendor_zone(policy: Policy) -> Iterator[Violation]:
    """A zone of pool.ntp.org that belongs to a vendor (ntppool.org/vendors)."""
    for source in policy.sources:
        zone = time_services.pool_zone(canonical_host(source.host))
        if zone and not time_services.areas_of_zone(zone):
            yield at(source.origin, zone=zone)


@rule(
    "TP132",
    Severity.NOTE,
    "`{host}` and `{other}` lead to the same machines, so they cannot outvote each other",
    "keep one of the two, or replace one with another server",
)
def sources_overlap(policy: Policy) -> Iterator[Violation]:
    """Two names that lead to the same machines."""
    for first, second in combinations(policy.sources, 2):
        for whole, part in ((first, second), (second, first)):
            if canonical_host(part.host) in time_services.PARTS.get(canonical_host(whole.host), ()):
                yield at(second.origin, host=second.host, other=first.host)


@rule(
    "TP135",
    Severity.WARNING,
    "`{host}` is a public server, and every node asks it every {min_poll}: its operators can refuse to answer",
    "write 64s or more, or remove `min_poll`; shorter intervals are for servers of your own",
)
def public_server_asked_too_often(policy: Policy) -> Iterator[Violation]:
    """A short poll interval at a server of others."""
    for source in policy.sources:
        interval = source.options.min_poll
        if interval and interval < SHORTEST_PUBLIC_POLL and time_services.is_public(canonical_host(source.host)):
            yield at(policy.origin(f"{source.origin.path}.min_poll"), host=source.host, min_poll=f"{interval}s")


def _votes(policy: Policy) -> int:
    """How many votes a node compares. 0 if `min_sources` says that it is intended, or if DHCP adds unknown ones.

    A server's own address is among its sources, but a server does not ask itself.
    """
    is_server = policy.role is Role.SERVER
    if policy.use_dhcp_sources or policy.is_set("clients.min_sources") or (is_server and not policy.upstreams):
        return 0
    return sum(source.votes for source in policy.sources) - (is_server and bool(policy.servers.addresses))


def _voters(policy: Policy) -> list[TimeSource]:
    return [source for source in policy.sources if source.votes]


def _list_of_sources(policy: Policy) -> str:
    """The path of the list that the first source with a vote stands in."""
    return _voters(policy)[0].origin.path.partition("[")[0]


def _address(source: TimeSource) -> tuple[str, object]:
    return canonical_host(source.host), source.options.port
