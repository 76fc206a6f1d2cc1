"""The firewall: which networks a server answers and, where outbound packets are dropped, which hosts a node asks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from timepolicy.agent.interface import FIREWALL_COMMAND
from timepolicy.distros.release import Release
from timepolicy.findings.finding import Finding, error
from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.plan.snippets import render_snippet
from timepolicy.policy.model import Backend, Policy, TimeSource
from timepolicy.policy.options import NTP_PORT, NTS_PORT
from timepolicy.policy.role import Role
from timepolicy.tokens import AbsolutePath, Token, UnitName, Verbatim

SCRIPT = AbsolutePath(FIREWALL_COMMAND)
UNIT = UnitName("timepolicy-firewall.service")
POLICIES = AbsolutePath("/etc/firewalld/policies")

POLICY_NAMES = {"IN": Token("timepolicy"), "OUT": Token("timepolicy-out")}
"""Names of firewalld's policies by direction."""

RULESETS = ("nftables.service", "iptables.service", "ip6tables.service", "netfilter-persistent.service")
"""Units that load rulesets at boot, by distribution; systemd ignores those that a node does not have."""

BACKENDS = (Backend.FIREWALLD, Backend.UFW, Backend.NFTABLES, Backend.IPTABLES)
"""In the order in which `auto` looks for them."""

FIREWALL_NOT_PACKAGED = error(
    "TP260",
    "{release} has no usable package of {backend}, so the node's firewall would not be opened",
    "write `backend: auto`, which opens the firewall that is active on the node",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """Packets that may pass: `IN` from `network`, or `OUT` to it; None is anywhere. A single address has no prefix."""

    way: Token
    protocol: Token
    port: int
    network: Token | None

    @property
    def family(self) -> Token:
        """The family of addresses by nft's name: ip, ip6, or any."""
        return Token("any" if self.network is None else "ip6" if ":" in self.network else "ip")

    def to_data(self) -> dict[str, Any]:
        """Return the opening as JSON-like data."""
        return {"way": self.way, "protocol": self.protocol, "port": self.port, "network": self.network or "anywhere"}


def openings(policy: Policy) -> tuple[Opening, ...]:
    """Return what the node's firewall has to let through; nothing for `backend: none`."""
    if policy.firewall.backend is Backend.NONE:
        return ()
    return tuple(dict.fromkeys([*_inbound(policy), *_outbound(policy)]))


def _inbound(policy: Policy) -> Iterator[Opening]:
    if policy.role is not Role.SERVER:
        return
    services = [("udp", NTP_PORT), *([("tcp", NTS_PORT)] if policy.servers.nts else [])]
    for protocol, port in services:
        for network in policy.servers.allow:
            yield Opening(way=Token("IN"), protocol=Token(protocol), port=port, network=_shortest(network))


def _outbound(policy: Policy) -> Iterator[Opening]:
    """To the addresses of a port's sources. A host name, or a server that an NTS server names, can be anywhere."""
    if not policy.firewall.egress:
        return
    for protocol, port in dict.fromkeys(service for source in policy.sources for service in _services(source)):
        hosts = [source.host for source in policy.sources if (protocol, port) in _services(source)]
        uses_nts = protocol == "udp" and any(source.options.nts for source in policy.sources)
        anywhere = uses_nts or not all(map(_is_address, hosts))
        for network in [None] if anywhere else map(_shortest, hosts):
            yield Opening(way=Token("OUT"), protocol=Token(protocol), port=port, network=network)


def _services(source: TimeSource) -> list[tuple[str, int]]:
    """The protocols and ports that a source is asked at."""
    nts = [("tcp", source.options.nts_port)] if source.options.nts else []
    return [("udp", source.options.port), *nts]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _shortest(text: str) -> Token:
    """The form in which firewalls print it: ufw shows a single address without its prefix length."""
    network = ip_network(text)
    return Token(str(network.network_address if network.prefixlen == network.max_prefixlen else network))


def unsupported_firewall(policy: Policy, release: Release) -> Iterator[Finding]:
    """Yield an error where the policy names a firewall that it needs and the release has no package of."""
    backend = policy.firewall.backend
    if openings(policy) and backend in release.firewalls_missing:
        yield FIREWALL_NOT_PACKAGED.at(policy.origin("firewall.backend"), backend=backend, release=release.key)


def firewall_files(policy: Policy, release: Release) -> tuple[File, ...]:
    """Return the script, its unit, and firewalld's policy files; nothing where no opening is needed.

    The policy must be supported: a firewall that it names has a package on the release.
    """
    rows = openings(policy)
    if not rows:
        return ()
    backend = policy.firewall.backend
    candidates = BACKENDS if backend is Backend.AUTO else (backend,)
    backends = [candidate for candidate in candidates if candidate not in release.firewalls_missing]
    ways = tuple(dict.fromkeys(row.way for row in rows))
    policies = {way: POLICY_NAMES[way] for way in ways if Backend.FIREWALLD in backends}
    closed = list(dict.fromkeys((row.protocol, row.port) for row in rows if row.way == "IN"))  # for all other networks
    values: dict[str, Any] = {"openings": rows, "closed": closed, "script": SCRIPT, "ways": ways}
    script = render_snippet(
        "shell/firewall/main.sh.j2",
        backends=[Token(name) for name in backends],
        is_auto=backend is Backend.AUTO,
        policy_of=policies,
        **values,
    )
    script = re.sub(r"(?m)^ +", lambda indent: indent[0][::4], script)  # user-data is limited: one space a level
    unit = render_snippet(
        f"systemd/{UNIT}.j2",
        rulesets=Verbatim(" ".join(map(UnitName, RULESETS))),
        script=SCRIPT,
        systemd=release.systemd,
    )
    return (
        File(path=SCRIPT, content=script, mode=0o755),
        File(path=AbsolutePath(f"{UNIT_FOLDER}/{UNIT}"), content=unit),
        *(
            File(
                path=AbsolutePath(f"{POLICIES}/{name}.xml"),
                content=render_snippet("firewalld/policy.xml.j2", way=way, **values),
            )
            for way, name in policies.items()
        ),
    )


def firewall_units(policy: Policy) -> tuple[UnitName, ...]:
    """Return the unit that opens the firewall, if an opening is needed."""
    return (UNIT,) if openings(policy) else ()
