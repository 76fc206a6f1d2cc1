"""Which addresses a server answers: chronyd's table of `allow` and `deny` rules (addrfilt.c), also for ntpd's."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, summarize_address_range
from itertools import chain
from operator import itemgetter
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
class _Entry:
    """What the table has for one range of addresses. Rules are known by their index, -1 is none.

    `index` is the rule that `allow` is from. `pruned` is the last rule that deleted everything earlier in ranges within
    this one; `denied` is the last `deny`, deleted or not.
    """

    allow: bool = False
    index: int = -1
    pruned: int = -1
    denied: int = -1


class AccessTable:
    """chronyd's table for both families, after all of `rules` in their order. At first nothing is allowed.

    chronyd has a tree with a level for each STEP bits. Here the nodes with a rule are in a dict, by prefix length and
    prefix; what lies between them costs nothing, also for IPv6.
    """

    def __init__(self, rules: Sequence[AccessRule]) -> None:
        self._entries: dict[int, dict[tuple[int, int], _Entry]] = {version: {} for version in LENGTHS}
        for index, rule in enumerate(rules):
            for network in rule.subnet.networks:
                for key in _keys(network):
                    entry = self._entries[network.version].setdefault(key, _Entry())
                    entry.allow, entry.index = rule.allow, index
                    entry.pruned = index if rule.prunes else entry.pruned
                    entry.denied = entry.denied if rule.allow else index
        self._places = {version: _in_order(entries, version) for version, entries in self._entries.items()}
        self._ranges = {version: _allowed_ranges(places, version) for version, places in self._places.items()}
        self._last_denies: dict[Network, int] = {}

    def is_allowed(self, address: Address) -> bool:
        """Return whether chronyd answers `address`."""
        return self._allows(address.version, int(address), int(address))

    def allows_any(self, network: Network) -> bool:
        """Return whether chronyd answers any address of `network`."""
        return self._allows(network.version, int(network.network_address), int(network.broadcast_address))

    def networks(self) -> tuple[Network, ...]:
        """Return the addresses that are allowed, as the fewest networks, IPv4 first."""
        fours = [summarize_address_range(IPv4Address(first), IPv4Address(last)) for first, last in self._ranges[4]]
        sixes = [summarize_address_range(IPv6Address(first), IPv6Address(last)) for first, last in self._ranges[6]]
        return tuple(chain.from_iterable((*fours, *sixes)))

    def last_deny(self, network: Network) -> int:
        """Return the index of the last `deny` that has addresses of `network`; -1 for none."""
        if network not in self._last_denies:
            entries, places = self._entries[network.version], self._places[network.version]
            first, last = int(network.network_address), int(network.broadcast_address)
            around = [
                entries.get((above, prefix >> (length - above)))
                for length, prefix in _keys(network)
                for above in range(0, length, STEP)
            ]
            within = places[_index(places, first) : _index(places, last + 1)]
            denies = [*(entry.denied for entry in around if entry), *(entry.denied for _, _, entry in within)]
            self._last_denies[network] = max(denies, default=-1)
        return self._last_denies[network]

    def _allows(self, version: int, first: int, last: int) -> bool:
        """Whether any address from `first` to `last` is allowed."""
        ranges = self._ranges[version]
        index = _index(ranges, last + 1)
        return index > 0 and ranges[index - 1][1] >= first


_Place = tuple[int, int, _Entry]
"""The first address of an entry's range, its prefix length, and the entry."""


def _keys(network: Network) -> list[tuple[int, int]]:
    """Prefix length and prefix of each node that makes up a network: several where its prefix ends within a level."""
    host_bits, missing = LENGTHS[network.version] - network.prefixlen, -network.prefixlen % STEP
    prefix, length = int(network.network_address) >> host_bits << missing, network.prefixlen + missing
    return [(length, prefix + index) for index in range(1 << missing)]


def _in_order(entries: Mapping[tuple[int, int], _Entry], version: int) -> list[_Place]:
    """Entries by their first address, each before those within it."""
    bits = LENGTHS[version]
    return sorted((prefix << (bits - length), length, entry) for (length, prefix), entry in entries.items())


def _index(ranges: Sequence[tuple[int, ...]] | Sequence[_Place], address: int) -> int:
    """The index of the first of `ranges` that begins at `address` or later."""
    return bisect_left(ranges, address, key=itemgetter(0))


def _allowed_ranges(places: Sequence[_Place], version: int) -> list[tuple[int, int]]:
    """The first and the last address of every range that is allowed, in order, none next to another."""
    bits = LENGTHS[version]
    ranges: list[tuple[int, int]] = []
    begin = 0

    def cover(last: int, *, is_allowed: bool) -> None:
        nonlocal begin
        if is_allowed and begin <= last:
            joins = ranges and ranges[-1][1] == begin - 1
            ranges[-1:] = [(ranges[-1][0], last)] if joins else [*ranges[-1:], (begin, last)]
        begin = max(begin, last + 1)

    surrounding = [((1 << bits) - 1, False, -1)]  # of the ranges around an address: last address, state, last pruning
    for first, length, entry in places:
        while surrounding[-1][0] < first:
            last, is_allowed, _ = surrounding.pop()
            cover(last, is_allowed=is_allowed)
        _, is_allowed, pruned = surrounding[-1]
        cover(first - 1, is_allowed=is_allowed)
        is_allowed = entry.allow if entry.index > pruned else is_allowed
        surrounding.append((first + (1 << (bits - length)) - 1, is_allowed, max(pruned, entry.pruned)))
    for last, is_allowed, _ in reversed(surrounding):
        cover(last, is_allowed=is_allowed)
    return ranges
