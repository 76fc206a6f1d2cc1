"""The firewall: who may ask a server for time, and where outbound packets are dropped, whom a node may ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from timepolicy.distros.release import Release
from timepolicy.findings.finding import Finding
from timepolicy.findings.register.firewall import FIREWALL_NOT_PACKAGED
from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.plan.snippets import render_snippet
from timepolicy.policy.model import Backend, Policy, TimeSource
from timepolicy.policy.options import NTP_PORT, NTS_PORT
from timepolicy.policy.role import Role
from timepolicy.tokens import AbsolutePath, Token, UnitName, Verbatim

SCRIPT = AbsolutePath("/usr/local/sbin/timepolicy-firewall")
UNIT = UnitName("timepolicy-firewall.service")
POLICIES = AbsolutePath("/etc/firewalld/policies")

RULESETS = ("nftables.service", "iptables.service", "ip6tables.service", "netfilter-persistent.service")
"""What loads rulesets at boot, by distribution; systemd passes over those that a node does not have."""

BACKENDS = (Backend.FIREWALLD, Backend.UFW, Backend.NFTABLES, Backend.IPTABLES)
"""In the order in which `auto` looks for them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """Packets that may pass: `IN` from `network`, or `OUT` to it; None is anywhere. A single address has no prefix."""

    way: Token
    protocol: Token
    port: int
    network: Token | None

    @property
    def family(self) -> Token:
        """The family of addresses as nft calls it: ip, ip6, or any."""
        return Token("any" if self.network is None else "ip6" if ":" in self.network else "ip")

    def to_data(self) -> dict[str, Any]:
        """Return the opening as JSON-like data."""
        return {"way": self.way, "protocol": self.protocol, "port": self.port, "network": self.network or "anywhere"}


def openings(policy: Policy) -> tuple[Opening, ...]:
    """Return what the node's firewall is to let through; nothing where the policy leaves the firewall alone."""
    if policy.firewall.backend is Backend.NONE:
        return ()
    return tuple(dict.fromkeys([*_inbound(policy), *_outbound(policy)]))


def objections(policy: Policy, release: Release) -> Iterator[Finding]:
    """A firewall by name that the release has no package of, where it would be needed."""
    backend = policy.firewall.backend
    if openings(policy) and backend in release.firewalls_missing:
        origin = policy.origin("firewall.backend")
        values = {"backend": str(backend), "release": release.key}
        yield Finding(rule=FIREWALL_NOT_PACKAGED, span=origin.span, path=origin.path, values=values)


def firewall_files(policy: Policy, release: Release) -> tuple[File, ...]:
    """Return the script, its unit, and the files that firewalld reads by itself; nothing where nothing is to pass."""
    rows = openings(policy)
    backend = policy.firewall.backend
    candidates = BACKENDS if backend is Backend.AUTO else (backend,)
    backends = [candidate for candidate in candidates if candidate not in release.firewalls_missing]
    if not rows or not backends:  # without a backend there is TP260
        return ()
    ways = tuple(dict.fromkeys(row.way for row in rows))
    policies = {way: _policy_name(way) for way in ways if Backend.FIREWALLD in backends}
    values: dict[str, Any] = {"openings": rows, "closed": _closed(rows), "script": SCRIPT, "ways": ways}
    contents = {
        SCRIPT: render_snippet(
            "shell/firewall/main.sh.j2",
            backends=[Token(name) for name in backends],
            is_auto=backend is Backend.AUTO,
            policy_of=policies,
            **values,
        ),
        AbsolutePath(f"{UNIT_FOLDER}/{UNIT}"): render_snippet(
            f"systemd/{UNIT}.j2", rulesets=Verbatim(" ".join(map(UnitName, RULESETS))), script=SCRIPT
        ),
        **{
            AbsolutePath(f"{POLICIES}/{name}.xml"): render_snippet("firewalld/policy.xml.j2", way=way, **values)
            for way, name in policies.items()
        },
    }
    return tuple(
        File(path=path, content=content, mode=0o755 if path == SCRIPT else 0o644) for path, content in contents.items()
    )


def firewall_units(policy: Policy) -> tuple[UnitName, ...]:
    """Return the unit that opens the firewall, where there is one."""
    return (UNIT,) if openings(policy) else ()


def _inbound(policy: Policy) -> Iterator[Opening]:
    if policy.role is not Role.SERVER:
        return
    services = [("udp", NTP_PORT), *([("tcp", NTS_PORT)] if policy.servers.nts else [])]
    for protocol, port in services:
        for network in policy.servers.allow:
            yield Opening(way=Token("IN"), protocol=Token(protocol), port=port, network=_shortest(network))


def _outbound(policy: Policy) -> Iterator[Opening]:
    """To addresses where all sources of a port are; a name, or what an NTS server names, may be anywhere."""
    if not policy.firewall.egress:
        return
    for protocol, port in dict.fromkeys(service for source in policy.sources for service in _services(source)):
        hosts = [source.host for source in policy.sources if (protocol, port) in _services(source)]
        uses_nts = protocol == "udp" and any(source.options.nts for source in policy.sources)
        anywhere = uses_nts or any(not _is_address(host) for host in hosts)
        for network in [None] if anywhere else map(_shortest, hosts):
            yield Opening(way=Token("OUT"), protocol=Token(protocol), port=port, network=network)


def _services(source: TimeSource) -> list[tuple[str, int]]:
    nts = [("tcp", source.options.nts_port)] if source.options.nts else []
    return [("udp", source.options.port), *nts]


def _closed(rows: tuple[Opening, ...]) -> list[tuple[Token, int]]:
    """What everybody else is refused at."""
    return list(dict.fromkeys((row.protocol, row.port) for row in rows if row.way == "IN"))


def _shortest(text: str) -> Token:
    """As firewalls print it back: ufw shows no prefix length where there is one address."""
    network = ip_network(text)
    return Token(str(network.network_address if network.prefixlen == network.max_prefixlen else network))


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _policy_name(way: str) -> Token:
    return Token("timepolicy" if way == "IN" else "timepolicy-out")
