"""Which addresses a server answers: chronyd's table of `allow` and `deny` rules (addrfilt.c), also for ntpd's."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_address,
)
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

STEP = 4
"""Bits of an address for each level of the table (addrfilt.c, NBITS)."""

LENGTHS = {4: 32, 6: 128}
"""Bits of an address, by IP version."""


@dataclass(frozen=True, slots=True)
class Subnet:
    """What stands after `allow` and `deny`: an address and its prefix length. `version` is None for every address."""

    version: int | None
    bits: int
    length: int

    @property
    def is_possible(self) -> bool:
        """Whether an address has that many bits. chronyd parses a longer prefix, and exits when it applies it."""
        return self.version is None or self.length <= LENGTHS[self.version]

    @property
    def networks(self) -> list[Network]:
        """The networks without host bits; one of each family for every address."""
        versions = [self.version] if self.version else [4, 6]
        return [network_of(version, self.bits, self.length) for version in versions]

    @property
    def has_host_bits(self) -> bool:
        """Whether bits after the prefix are set; chronyd ignores them."""
        return self.version is not None and self.bits != int(self.networks[0].network_address)


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One `allow` or `deny`; `prunes` for the form with `all`, which deletes earlier rules for networks within."""

    allow: bool
    subnet: Subnet
    prunes: bool = False


def parse_subnet(text: str) -> Subnet | None:
    """Parse an address, `address/length` or a shortened `10.2` (cmdparse.c, CPS_ParseAllowDeny); None for a host name.

    Raises ValueError for what chronyd rejects.
    """
    host, slash, length_text = text.partition("/")
    if slash and not re.fullmatch(r"\+?[0-9]{1,9}", length_text):
        raise ValueError(f"{text!r} is no network")
    length = int(length_text) if slash else None
    try:
        address = ip_address(host) if "%" not in host else None  # inet_pton(3) knows no zone
    except ValueError:
        address = None
    if address is not None:
        return Subnet(address.version, int(address), LENGTHS[address.version] if length is None else length)
    if match := re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.([0-9]{1,9}))?", host):
        numbers = [int(number) for number in match.groups() if number]
        if max(numbers) > 255:  # noqa: PLR2004  # a byte
            raise ValueError(f"{text!r} is no network")
        bits = int.from_bytes(bytes(numbers).ljust(4, b"\0"), "big")
        return Subnet(4, bits, len(numbers) * 8 if length is None else length)
    if slash or not host:
        raise ValueError(f"{text!r} is no network")
    return None


def network_of(version: int, bits: int, length: int) -> Network:
    """Return the network of `length` bits that holds the address `bits`."""
    host_bits = LENGTHS[version] - length
    first = bits >> host_bits << host_bits
    return IPv4Network((first, length)) if version == 4 else IPv6Network((first, length))  # noqa: PLR2004  # IP's version


@dataclass(slots=True)
class _Node:
    """A range of addresses. `allow` is None where the parent's holds; `parts` are its sixteenths with rules.

    `last_deny` is the index of the last `deny` for exactly this range, -1 for none. `allows_any` and `last_deny_within`
    sum up the node and everything below it.
    """

    allow: bool | None = None
    last_deny: int = -1
    parts: dict[int, "_Node"] = field(default_factory=dict)
    allows_any: bool = False
    last_deny_within: int = -1


class AccessTable:
    """chronyd's table for both families, after all of `rules` in their order. At first nothing is allowed."""

    def __init__(self, rules: Sequence[AccessRule]) -> None:
        self._roots = {version: _Node(False) for version in LENGTHS}
        for index, rule in enumerate(rules):
            for network in rule.subnet.networks:
                for node in self._nodes_to_set(network):
                    node.allow = rule.allow
                    if not rule.allow:
                        node.last_deny = index
                    if rule.prunes:
                        node.parts.clear()
        for root in self._roots.values():
            _sum_up(root, is_allowed=False)

    def is_allowed(self, address: Address) -> bool:
        """Return whether chronyd answers `address`."""
        return self._range(address.version, int(address), LENGTHS[address.version])[0]

    def allows_any(self, network: Network) -> bool:
        """Return whether chronyd answers any address of `network`."""
        is_allowed, _, nodes = self._range(network.version, int(network.network_address), network.prefixlen)
        return any(is_allowed if node is None else node.allows_any for node in nodes)

    def last_deny(self, network: Network) -> int:
        """Return the index of the last `deny` that has addresses of `network`; -1 for none.

        A `deny` that a later rule with `all` has deleted does not count.
        """
        _, last, nodes = self._range(network.version, int(network.network_address), network.prefixlen)
        return max(last, *(-1 if node is None else node.last_deny_within for node in nodes))

    def networks(self) -> tuple[Network, ...]:
        """Return the addresses that are allowed, as the fewest networks, IPv4 first."""
        fours = [IPv4Network(place) for place in _allowed(self._roots[4], 4)]
        sixes = [IPv6Network(place) for place in _allowed(self._roots[6], 6)]
        return (*collapse_addresses(fours), *collapse_addresses(sixes))

    def _nodes_to_set(self, network: Network) -> list[_Node]:
        """The nodes that make up a network: several where its prefix ends within a level."""
        bits, length = int(network.network_address), network.prefixlen
        node, shift = self._roots[network.version], LENGTHS[network.version]
        while length >= STEP:
            shift, length = shift - STEP, length - STEP
            node = node.parts.setdefault(bits >> shift & 15, _Node())
        if not length:
            return [node]
        first = bits >> (shift - STEP) & 15
        return [node.parts.setdefault(index, _Node()) for index in range(first, first + (1 << (STEP - length)))]

    def _range(self, version: int, bits: int, length: int) -> tuple[bool, int, list[_Node | None]]:
        """What surrounds a network: whether it is allowed and its last deny; and the network's nodes, None without."""
        node, shift, is_allowed, last_deny = self._roots[version], LENGTHS[version], False, -1
        while True:
            is_allowed = is_allowed if node.allow is None else node.allow
            if not length:
                return is_allowed, last_deny, [node]
            last_deny = max(last_deny, node.last_deny)
            shift -= STEP
            first = bits >> shift & 15
            if length < STEP:
                return is_allowed, last_deny, [node.parts.get(first + i) for i in range(1 << (STEP - length))]
            part = node.parts.get(first)
            if part is None:
                return is_allowed, last_deny, [None]
            node, length = part, length - STEP


def _sum_up(node: _Node, *, is_allowed: bool) -> None:
    """Fill `allows_any` and `last_deny_within` of `node` and below it: at most 32 levels for IPv6."""
    is_allowed = is_allowed if node.allow is None else node.allow
    node.allows_any, node.last_deny_within = is_allowed and len(node.parts) < 1 << STEP, node.last_deny
    for part in node.parts.values():
        _sum_up(part, is_allowed=is_allowed)
        node.allows_any |= part.allows_any
        node.last_deny_within = max(node.last_deny_within, part.last_deny_within)


def _allowed(root: _Node, version: int) -> Iterator[tuple[int, int]]:
    """Yield address and prefix length of every range that is allowed as a whole."""
    pending: list[tuple[_Node | None, bool, int, int]] = [(root, False, 0, 0)]
    while pending:
        node, inherited, bits, length = pending.pop()
        is_allowed = inherited if node is None or node.allow is None else node.allow
        if node is None or not node.parts:
            if is_allowed:
                yield bits, length
            continue
        if not node.allows_any:
            continue
        shift = LENGTHS[version] - length - STEP
        pending += [
            (node.parts.get(index), is_allowed, bits | index << shift, length + STEP) for index in range(1 << STEP)
        ]
