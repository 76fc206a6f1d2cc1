"""Rules about the addresses of sources: whether a time server can have them, and whether their family fits."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from timepolicy.distros.release import DaemonName
from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Policy, TimeSource
from timepolicy.policy.options import NTP_PORT
from timepolicy.policy.role import Role
from timepolicy.rules.rule import Violation, at, rule

NTPD_DRIVERS = ip_network("127.127.0.0/16")
"""What ntpd has for reference clocks: driver and number are the last two bytes (ntp.org, refclock)."""

THIS_NETWORK = ip_network("0.0.0.0/8")
"""RFC 1122, section 3.2.1.3: never a destination."""

LOCAL_NAMES = ("localhost", "localhost.localdomain", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback")
"""Names of the node itself in its /etc/hosts, as distributions write it. RFC 6761 has `localhost` and names below."""

ITSELF = "the node itself, and would make it follow its own clock"

ANOTHER_SERVER = "write the name or the address of another machine that serves time"


@rule(
    "TP133",
    Severity.ERROR,
    "`{host}` is {what}",
    "{advice}",
)
def unusable_address(policy: Policy) -> Iterator[Violation]:
    """An address that no time server can have."""
    for source in _named(policy):
        fault = _fault(source, is_checked_only=policy.clients.daemon is DaemonName.NONE and policy.role is Role.CLIENT)
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
        address, family = _address(source.host), source.options.family
        if address is not None and family is not None and family != f"ipv{address.version}":
            place = policy.origin(f"{source.origin.path}.family")
            values = {"own": f"IPv{address.version}", "family": family, "other": f"IPv{family.removeprefix('ipv')}"}
            yield at(place, host=source.host, **values)


def _named(policy: Policy) -> tuple[TimeSource, ...]:
    """All sources of the policy, also those of the other role."""
    return (*policy.upstreams, *policy.servers.addresses, *policy.clients.fallback)


def _fault(source: TimeSource, *, is_checked_only: bool) -> tuple[str, str] | None:
    """What the host of a source is instead of a server, and what to write; None for a usable one.

    A second time service on the node itself is usable on a port of its own, and with `is_checked_only` on any port: the
    node then runs no daemon of ours that it could be.
    """
    address = _address(source.host)
    is_own_service = is_checked_only or source.options.port != NTP_PORT
    if address is None:
        name = source.host.lower()
        is_local = name in LOCAL_NAMES or name.endswith(".localhost")
        return (ITSELF, ANOTHER_SERVER) if is_local and not is_own_service else None
    if address in NTPD_DRIVERS:
        what = "ntpd's name for a clock of the node; other daemons would send packets to the node itself"
        return what, "write a server; for servers that keep together without upstreams, `servers.orphan_stratum`"
    if address.is_loopback:
        return (ITSELF, ANOTHER_SERVER) if not is_own_service else None
    return next(((what, ANOTHER_SERVER) for what, is_true in _kinds(address).items() if is_true), None)


def _kinds(address: IPv4Address | IPv6Address) -> dict[str, bool]:
    """What an address of no server can be. 169.254.0.0/16 is link-local too, and clouds serve time there."""
    return {
        "a placeholder for any address, and not the address of a server": (
            address.is_unspecified or address in THIS_NETWORK
        ),
        "a multicast address, from which no server answers": address.is_multicast,
        "the broadcast address, and not that of a server": str(address) == "255.255.255.255",
        "a reserved address, to which no packet is sent": address.version == 4 and address.is_reserved,  # noqa: PLR2004  # IPv4
        "a link-local address, which is on another machine in each network and needs an interface": (
            address.version == 6 and address.is_link_local  # noqa: PLR2004  # IPv6
        ),
    }


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """The address of a host that is one; of an IPv4 address in IPv6's notation, the IPv4 address."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
