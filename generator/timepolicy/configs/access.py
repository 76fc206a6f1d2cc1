"""Whom a server answers: an access list, evaluated as chronyd does (chrony's addrfilt.c)."""

import re
from collections.abc import Iterator
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
"""Bits for each level of chronyd's table (NBITS)."""

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
        """Whether an address has that many bits; chronyd reads a longer prefix, and then dies of it."""
        return self.version is None or self.length <= LENGTHS[self.version]

    @property
    def networks(self) -> list[Network]:
        """The networks that are meant, without host bits."""
        versions = [self.version] if self.version else [4, 6]
        return [network_of(version, self.bits, self.length) for version in versions]

    @property
    def has_host_bits(self) -> bool:
        """Whether bits after the prefix are set; chronyd ignores them."""
        return self.version is not None and self.bits != int(self.networks[0].network_address)


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One `allow` or `deny`; `prunes` for the form with `all`, which deletes what earlier rules say below it."""

    allow: bool
    subnet: Subnet
    prunes: bool = False


def parse_subnet(text: str) -> Subnet | None:
    """Read an address, `address/length` or a shortened `10.2` (cmdparse.c, CPS_ParseAllowDeny); None for a host name.

    Raises ValueError for what chronyd takes for no argument at all.
    """
    host, slash, length_text = text.partition("/")
    length = _length(length_text) if slash else None
    address = _address(host)
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


def _length(text: str) -> int:
    if not re.fullmatch(r"\+?[0-9]{1,9}", text, re.ASCII):
        raise ValueError(f"{text!r} is no network")
    return int(text)


def _address(text: str) -> Address | None:
    """An address as inet_pton(3) takes it, which knows no zone."""
    try:
        return ip_address(text) if "%" not in text else None
    except ValueError:
        return None


def network_of(version: int, bits: int, length: int) -> Network:
    """Return the network of `length` bits that holds the address `bits`."""
    kept = bits >> (LENGTHS[version] - length) << (LENGTHS[version] - length)
    return IPv4Network((kept, length)) if version == 4 else IPv6Network((kept, length))  # noqa: PLR2004  # IP's version


@dataclass(slots=True)
class _Node:
    """A stretch of addresses: what is said of it, None for what its parent says, and its sixteenths."""

    allow: bool | None = None
    parts: dict[int, "_Node"] = field(default_factory=dict)

    def part(self, index: int) -> "_Node":
        return self.parts.setdefault(index, _Node())


class AccessTable:
    """chronyd's table of both families; nothing is allowed at first."""

    def __init__(self, rules: list[AccessRule]) -> None:
        self._roots = {4: _Node(False), 6: _Node(False)}
        for rule in rules:
            for network in rule.subnet.networks:
                self._set(network, rule)

    def is_allowed(self, address: Address) -> bool:
        """Return whether chronyd answers `address`."""
        node, shift, state = self._roots[address.version], LENGTHS[address.version], False
        while True:
            state = state if node.allow is None else node.allow
            shift -= STEP
            following = node.parts.get(int(address) >> shift & 15) if shift >= 0 else None
            if following is None:
                return state
            node = following

    def networks(self) -> list[Network]:
        """Return the addresses that are allowed, as the fewest networks, IPv4 first."""
        fours = [IPv4Network(place) for place in self._allowed(self._roots[4], 4)]
        sixes = [IPv6Network(place) for place in self._allowed(self._roots[6], 6)]
        return [*collapse_addresses(fours), *collapse_addresses(sixes)]

    def _set(self, network: Network, rule: AccessRule) -> None:
        """A prefix that ends within a level sets several nodes there."""
        bits, length = int(network.network_address), network.prefixlen
        node, shift = self._roots[network.version], LENGTHS[network.version]
        while length >= STEP:
            shift, length = shift - STEP, length - STEP
            node = node.part(bits >> shift & 15)
        count = 1 << (STEP - length)
        first = bits >> (shift - STEP) & 15 if length else 0
        for part in [node] if not length else [node.part(index) for index in range(first, first + count)]:
            part.allow = rule.allow
            if rule.prunes:
                part.parts.clear()

    def _allowed(self, root: _Node, version: int) -> Iterator[tuple[int, int]]:
        """Address and prefix length of every stretch that is allowed as a whole."""
        pending = [(root, False, 0, 0)]
        while pending:
            node, inherited, bits, length = pending.pop()
            state = inherited if node.allow is None else node.allow
            if not node.parts:
                if state:
                    yield bits, length
                continue
            shift = LENGTHS[version] - length - STEP
            pending += [
                (node.parts.get(index, _NOTHING), state, bits | index << shift, length + STEP) for index in range(16)
            ]


_NOTHING = _Node()
"""A sixteenth of which nothing is said."""
