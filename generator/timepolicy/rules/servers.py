"""Rules about whom the cluster's servers answer."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from timepolicy.findings.finding import Finding
from timepolicy.findings.register.advice import ALLOWED_ALREADY, SERVER_NOT_ALLOWED, SERVES_THE_WORLD
from timepolicy.findings.register.firewall import NOTHING_TO_OPEN
from timepolicy.findings.register.sense import FAMILY_NOT_ALLOWED
from timepolicy.policy.model import Backend, Policy, TimeSource

NOT_PUBLIC = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # RFC 1918
        *("100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8"),  # RFC 6598, RFC 3927, RFC 1122
        *("fc00::/7", "fe80::/10"),  # RFC 4193, RFC 4291
    )
)
"""Networks that the internet does not route. Written down: what Python takes for private changes with its version."""

WIDEST_PUBLIC = {4: 16, 6: 32}
"""The shortest prefix, by IP version, of a public network that can be one organisation's own."""

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network


def family_not_allowed(policy: Policy) -> Iterator[Finding]:
    """A server's address of a family of which nobody may ask: an IPv4 network never opens IPv6 (chrony.conf(5))."""
    versions = {network.version for network in _allowed(policy)}
    for server, address in _addresses(policy):
        if versions and address.version not in versions:
            values = {"family": f"IPv{address.version}", "host": str(server.host)}
            yield Finding(rule=FAMILY_NOT_ALLOWED, span=server.origin.span, path=server.origin.path, values=values)


def server_not_allowed(policy: Policy) -> Iterator[Finding]:
    """A server that the others refuse, where there are others. A family that nobody may use is told elsewhere."""
    if len(policy.servers.addresses) == 1:
        return
    for server, address in _addresses(policy):
        same_family = [network for network in _allowed(policy) if network.version == address.version]
        if same_family and not any(address in network for network in same_family):
            values = {"host": str(server.host)}
            yield Finding(rule=SERVER_NOT_ALLOWED, span=server.origin.span, path=server.origin.path, values=values)


def serving_the_world(policy: Policy) -> Iterator[Finding]:
    """A network wider than any cluster: NTP servers that anybody may ask take part in attacks (RFC 8633, 2.1)."""
    for index, network in enumerate(_allowed(policy)):
        if network.prefixlen < WIDEST_PUBLIC[network.version] and not any(_within(network, own) for own in NOT_PUBLIC):
            origin = policy.origin(f"servers.allow[{index}]")
            values = {"network": str(network), "whom": "everybody" if not network.prefixlen else "much of the internet"}
            yield Finding(rule=SERVES_THE_WORLD, span=origin.span, path=origin.path, values=values)


def firewall_of_no_use(policy: Policy) -> Iterator[Finding]:
    """A firewall is stated, and no node of the cluster serves or has to be let out."""
    firewall = policy.firewall
    is_needed = policy.servers.allow or firewall.egress or firewall.backend is Backend.NONE
    if policy.states("firewall") and not is_needed:
        origin = policy.origin("firewall")
        yield Finding(rule=NOTHING_TO_OPEN, span=origin.span, path=origin.path)


def allowed_already(policy: Policy) -> Iterator[Finding]:
    """A network within another: it changes nothing, and reads as if it did."""
    networks = list(_allowed(policy))
    for index, network in enumerate(networks):
        wider = next((other for other in networks if other != network and _within(network, other)), None)
        if wider is not None:
            origin = policy.origin(f"servers.allow[{index}]")
            values = {"network": str(network), "wider": str(wider)}
            yield Finding(rule=ALLOWED_ALREADY, span=origin.span, path=origin.path, values=values)


def _allowed(policy: Policy) -> Iterator[_Network]:
    return (ip_network(network) for network in policy.servers.allow)


def _addresses(policy: Policy) -> Iterator[tuple[TimeSource, _Address]]:
    """The servers that the policy names by address; what a host name leads to is not known here."""
    for server in policy.servers.addresses:
        try:
            yield server, ip_address(server.host)
        except ValueError:
            continue


def _within(network: _Network, other: _Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and network.subnet_of(other)
    return isinstance(other, IPv6Network) and network.subnet_of(other)
