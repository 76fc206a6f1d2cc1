"""Rules about the addresses of sources: whether a time server can have them, and whether their family fits."""

from collections.abc import Iterator

from timepolicy.distros.release import DaemonName
from timepolicy.facts.special_hosts import address_of, is_of_family, no_server
from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Policy
from timepolicy.policy.options import NTP_PORT
from timepolicy.policy.role import Role
from timepolicy.rules.rule import Violation, at, rule


@rule(
    "TP133",
    Severity.ERROR,
    "`{host}` is {what}",
    "{advice}",
)
def unusable_address(policy: Policy) -> Iterator[Violation]:
    """An address that no time server can have."""
    is_checked_only = policy.clients.daemon is DaemonName.NONE and policy.role is Role.CLIENT
    for source in (*policy.upstreams, *policy.servers.addresses, *policy.clients.fallback):
        fault = no_server(source.host, may_be_own=is_checked_only or source.options.port != NTP_PORT)
        if fault is not None:
            what, advice = fault
            yield at(source.origin, host=source.host, what=what, advice=advice)


@rule(
    "TP134",
    Severity.ERROR,
    "`{host}` is an {own} address, and `family: {family}` excludes it: nodes would never ask this source",
    "remove `family`, or write the server's {other} address or its name",
)
def address_of_another_family(policy: Policy) -> Iterator[Violation]:
    """An address that chronyd refuses with the source's own `ipv4` or `ipv6` (chrony.conf(5), server)."""
    for source in policy.sources:
        family, address = source.options.family, address_of(source.host)
        if address is not None and family is not None and not is_of_family(source.host, family):
            place = policy.origin(f"{source.origin.path}.family")
            values = {"own": f"IPv{address.version}", "family": family, "other": f"IPv{family.removeprefix('ipv')}"}
            yield at(place, host=source.host, **values)
