"""Names and addresses that belong to no time server: the node itself, multicast, reserved and link-local addresses."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

NTPD_DRIVERS = ip_network("127.127.0.0/16")
"""What ntpd has for reference clocks: driver and number are the last two bytes (ntp.org, refclock)."""

THIS_NETWORK = ip_network("0.0.0.0/8")
"""RFC 1122, section 3.2.1.3: never a destination."""

LOCAL_NAMES = ("localhost", "localhost.localdomain", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback")
"""Names of the node itself in its /etc/hosts, as distributions write it. RFC 6761 has `localhost` and names below."""

ITSELF = "the node itself, and would make it follow its own clock"

ANOTHER_SERVER = "write the name or the address of another machine that serves time"


def no_server(host: str, *, may_be_own: bool) -> tuple[str, str] | None:
    """Return what `host` is instead of a time server, and what to write; None for one that a server can have.

    With `may_be_own`, the node itself may be one: it has another time service than the daemon that is configured.
    """
    address = address_of(host)
    if address is None:
        name = host.lower()
        is_local = name in LOCAL_NAMES or name.endswith(".localhost")
        return (ITSELF, ANOTHER_SERVER) if is_local and not may_be_own else None
    if address in NTPD_DRIVERS:
        what = "ntpd's name for a clock of the node; other daemons would send packets to the node itself"
        return what, "write a server; for servers that keep together without upstreams, `servers.orphan_stratum`"
    if address.is_loopback:
        return (ITSELF, ANOTHER_SERVER) if not may_be_own else None
    return next(((what, ANOTHER_SERVER) for what, is_true in _kinds(address).items() if is_true), None)


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that `host` is, None for a name; of an IPv4 address in IPv6's notation, the IPv4 address."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_of_family(host: str, family: str) -> bool:
    """Return whether `host` is a name or an address of `family`, ipv4 or ipv6; chronyd refuses others (server)."""
    address = address_of(host)
    return address is None or family == f"ipv{address.version}"


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
