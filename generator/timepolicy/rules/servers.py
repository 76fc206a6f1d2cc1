"""Rules about the cluster's own servers: whether they have time, and which networks they answer."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Backend, Policy, TimeSource
from timepolicy.policy.role import Role
from timepolicy.rules.rule import Violation, at, rule

USUAL_STRATUM = 4
"""Of servers below public ones, which are at stratum 3 or less. Orphan mode has to be above it."""

HIGHEST_STRATUM = 15
"""The highest that still means synchronised (RFC 5905, 7.3)."""

NOT_PUBLIC = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # RFC 1918
        *("100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8"),  # RFC 6598, RFC 3927, RFC 1122
        *("fc00::/7", "fe80::/10"),  # RFC 4193, RFC 4291
    )
)
"""Networks that the internet does not route. Not `is_private` of ipaddress, which differs between Python versions."""

WIDEST_PUBLIC = {4: 16, 6: 32}
"""The shortest prefix length, by IP version, of a public network that can belong to one organisation."""

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network


@rule(
    "TP085",
    Severity.ERROR,
    "the allow list has no {family} network, so the server `{host}` refuses every client",
    "add the clients' {family} network to `allow`, or remove this address",
)
def family_not_allowed(policy: Policy) -> Iterator[Violation]:
    """An address of a family without an allowed network: an IPv4 network never permits IPv6 (chrony.conf(5), allow)."""
    versions = {network.version for network in _networks(policy)}
    for server, address in _addresses(policy):
        if versions and address.version not in versions:
            yield at(server.origin, family=f"IPv{address.version}", host=server.host)


@rule(
    "TP124",
    Severity.WARNING,
    "`{network}` lets {clients} query these servers, and use them to attack others",
    "allow only the networks of the cluster's nodes",
)
def open_to_the_internet(policy: Policy) -> Iterator[Violation]:
    """A network larger than any cluster: open NTP servers are misused in attacks (RFC 8633, section 2.1)."""
    for index, network in enumerate(_networks(policy)):
        if network.prefixlen < WIDEST_PUBLIC[network.version] and not any(_within(network, own) for own in NOT_PUBLIC):
            clients = "much of the internet" if network.prefixlen else "everybody"
            yield at(policy.origin(f"servers.allow[{index}]"), network=str(network), clients=clients)


@rule(
    "TP125",
    Severity.NOTE,
    "`{network}` is part of `{wider}`, which is allowed as a whole",
    "remove it, or allow less than `{wider}`",
)
def network_allowed_already(policy: Policy) -> Iterator[Violation]:
    """A network within another one: it has no effect."""
    networks = _networks(policy)
    for index, network in enumerate(networks):
        wider = next((other for other in networks if other != network and _within(network, other)), None)
        if wider is not None:
            yield at(policy.origin(f"servers.allow[{index}]"), network=str(network), wider=str(wider))


@rule(
    "TP126",
    Severity.WARNING,
    "`{host}` is in no allowed network, so the other servers refuse its requests",
    "add its network to `allow`",
)
def server_not_allowed(policy: Policy) -> Iterator[Violation]:
    """A server that the other servers refuse. TP085 reports a family without any network."""
    if len(policy.servers.addresses) == 1:
        return
    for server, address in _addresses(policy):
        same_family = [network for network in _networks(policy) if network.version == address.version]
        if same_family and not any(address in network for network in same_family):
            yield at(server.origin, host=server.host)


@rule(
    "TP162",
    Severity.ERROR,
    "the servers have no allow list, so they answer no client",
    "add `allow` to `servers`, with the networks of the cluster's nodes",
)
def no_network_allowed(policy: Policy) -> Iterator[Violation]:
    """A server without `allow`: chronyd does not open UDP port 123."""
    if policy.role is Role.SERVER and policy.servers.addresses and not policy.servers.allow:
        yield at(policy.origin("servers"))


@rule(
    "TP163",
    Severity.ERROR,
    "the servers have no time to serve: there are no `upstreams`, and `orphan_stratum` is not set",
    "add `upstreams`; or, in an isolated cluster, `orphan_stratum: 10` to `servers`",
)
def servers_without_time(policy: Policy) -> Iterator[Violation]:
    """Neither an upstream nor orphan mode: the servers ask each other, and none of them has the time."""
    if policy.servers.allow and not policy.upstreams and policy.servers.orphan_stratum is None:
        yield at(policy.origin("servers"))


@rule(
    "TP165",
    Severity.ERROR,
    "in orphan mode the other servers are one stratum higher, and clients reject stratum 16",
    "write 14 or less; 10 leaves room on both sides",
)
def orphan_stratum_too_high(policy: Policy) -> Iterator[Violation]:
    """The server that leads has the stratum of the policy, the others the next one (chrony.conf(5), orphan)."""
    stratum = policy.servers.orphan_stratum
    if stratum is not None and stratum > HIGHEST_STRATUM - 1 and len(policy.servers.addresses) > 1:
        yield at(policy.origin("servers.orphan_stratum"))


@rule(
    "TP166",
    Severity.WARNING,
    "no upstream has a stratum below 1, so with `orphan_stratum: 1` the servers ignore them, and serve their own clock",
    "write a stratum higher than that of the upstreams, such as 10",
)
def orphan_stratum_of_a_reference_clock(policy: Policy) -> Iterator[Violation]:
    """No chronyd uses a source at or above its orphan stratum (chrony.conf(5), local; tried with 4.3)."""
    if policy.servers.orphan_stratum == 1 and policy.upstreams and not policy.upstream_clocks:
        yield at(policy.origin("servers.orphan_stratum"))


@rule(
    "TP167",
    Severity.WARNING,
    "if an upstream is at stratum {stratum} or higher, the servers ignore it, and serve their own clock",
    "write a stratum that the servers never have with upstreams, such as 10",
)
def orphan_stratum_within_reach(policy: Policy) -> Iterator[Violation]:
    """A stratum that servers have with ordinary upstreams."""
    stratum = policy.servers.orphan_stratum
    lowest = 1 if policy.upstream_clocks else 2
    if stratum is not None and lowest <= stratum <= USUAL_STRATUM and policy.upstreams:
        yield at(policy.origin("servers.orphan_stratum"), stratum=str(stratum))


@rule(
    "TP168",
    Severity.ERROR,
    "the policy has no `servers`, so no node is a server",
    "add `servers` with `addresses` and `allow`, or ask for the role client",
)
def role_without_servers(policy: Policy) -> Iterator[Violation]:
    """A server of a policy whose cluster has none."""
    if policy.role is Role.SERVER and not policy.servers.addresses:
        yield at(policy.origin("servers"))


@rule(
    "TP261",
    Severity.WARNING,
    "no node's firewall needs an opening: the servers have no allow list, and `egress` is not set",
    "remove `firewall`; replies to a client's own requests need no opening",
)
def firewall_without_use(policy: Policy) -> Iterator[Violation]:
    """A firewall where no node serves time or needs an opening for its requests."""
    firewall = policy.firewall
    is_needed = policy.servers.allow or firewall.egress or firewall.backend is Backend.NONE
    if policy.is_set("firewall") and not is_needed:
        yield at(policy.origin("firewall"))


def _networks(policy: Policy) -> list[_Network]:
    return [ip_network(network) for network in policy.servers.allow]


def _addresses(policy: Policy) -> Iterator[tuple[TimeSource, _Address]]:
    """The servers with an IP address in the policy. What a host name resolves to is not known here."""
    for server in policy.servers.addresses:
        try:
            yield server, ip_address(server.host)
        except ValueError:
            continue


def _within(network: _Network, other: _Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and network.subnet_of(other)
    return isinstance(other, IPv6Network) and network.subnet_of(other)
