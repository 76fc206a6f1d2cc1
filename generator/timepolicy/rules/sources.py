"""Rules about sources: how many, which, and whether they go together."""

from collections.abc import Iterator
from itertools import combinations

from timepolicy.document.addresses import canonical
from timepolicy.facts import time_services
from timepolicy.findings.finding import Finding, Rule
from timepolicy.findings.register.advice import (
    NO_MAJORITY,
    ONE_SOURCE,
    POOL_ELSEWHERE,
    SAME_SERVER_TWICE,
    SMEARS_AMONG_OTHERS,
    SOURCES_OVERLAP,
    VENDOR_ZONE,
)
from timepolicy.findings.register.sense import SERVER_ASKS_ITSELF
from timepolicy.policy.model import Policy, Role, TimeSource

NO_MAJORITY_OF = 2


def too_few_to_vote(policy: Policy) -> Iterator[Finding]:
    """One source is believed blindly, two block each other. Who states `min_sources` has decided on it.

    One address of a cloud is no single machine.
    """
    voters = [source for source in policy.sources if source.votes]
    if policy.use_dhcp_sources or policy.states("clients.min_sources") or not voters:
        return
    asks_others_only = policy.role is Role.SERVER
    if asks_others_only and not policy.upstreams:
        return
    count = sum(source.votes for source in voters) - (asks_others_only and bool(policy.servers.addresses))
    origin = policy.origin(voters[0].origin.path.partition("[")[0])
    if count == 1 and not voters[0].preset:
        values = {"host": str(voters[0].host)}
        yield Finding(rule=ONE_SOURCE, span=origin.span, path=origin.path, values=values)
    elif count == NO_MAJORITY_OF:
        yield Finding(rule=NO_MAJORITY, span=origin.span, path=origin.path)


def server_that_asks_itself(policy: Policy) -> Iterator[Finding]:
    """An upstream that is one of the servers whose upstream it is."""
    own = {canonical(server.host) for server in policy.servers.addresses}
    for source in policy.upstreams:
        if canonical(source.host) in own:
            yield _about(SERVER_ASKS_ITSELF, source, host=source.host)


def same_server_twice(policy: Policy) -> Iterator[Finding]:
    """Two spellings of one name or address: chronyd would drop one, and a count of votes would be wrong."""
    for listed in (policy.upstreams, policy.servers.addresses + policy.clients.fallback):
        for first, second in combinations(listed, 2):
            if _address(first) == _address(second):
                line = str(first.origin.span.line)
                yield _about(SAME_SERVER_TWICE, second, host=second.host, line=line)


def sources_that_overlap(policy: Policy) -> Iterator[Finding]:
    """A name that stands for the same machines as another."""
    for first, second in combinations(policy.sources, 2):
        for whole, part in ((first, second), (second, first)):
            if canonical(part.host) in time_services.PARTS.get(canonical(whole.host), ()):
                yield _about(SOURCES_OVERLAP, second, host=second.host, other=first.host)


def smearing_among_others(policy: Policy) -> Iterator[Finding]:
    """Sources that smear leap seconds beside others; the cluster's own servers follow their upstreams."""
    outside = [source for source in policy.sources if not source.in_cluster]
    smearing = [source for source in outside if canonical(source.host) in time_services.SMEARING]
    others = [source for source in outside if source not in smearing]
    if smearing and others:
        yield _about(SMEARS_AMONG_OTHERS, smearing[0], smearing=smearing[0].host, other=others[0].host)


def pool_of_another_region(policy: Policy) -> Iterator[Finding]:
    """A pool's zone of another part of the world than the timezone's."""
    here = time_services.area_of_timezone(policy.timezone)
    for source in policy.sources:
        there = time_services.areas_of_zone(time_services.pool_zone(canonical(source.host)) or "")
        if here and there and here not in there:
            yield _about(POOL_ELSEWHERE, source, host=source.host, timezone=policy.timezone)


def vendor_zone(policy: Policy) -> Iterator[Finding]:
    """A zone of pool.ntp.org that is a vendor's: ntppool.org/vendors."""
    for source in policy.sources:
        zone = time_services.pool_zone(canonical(source.host))
        if zone and not time_services.areas_of_zone(zone):
            yield _about(VENDOR_ZONE, source, zone=zone)


def _address(source: TimeSource) -> tuple[str, object]:
    return canonical(source.host), source.options.port


def _about(rule: Rule, source: TimeSource, **values: str) -> Finding:
    return Finding(rule=rule, span=source.origin.span, path=source.origin.path, values=values)
