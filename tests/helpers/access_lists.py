"""Access lists and addresses that Hypothesis generates, so close to each other that they overlap."""

from ipaddress import IPv4Address, IPv6Address

from hypothesis import strategies as st

from timepolicy.configs.access_table import AccessRule, Address, Subnet, parse_subnet

FOURS = st.one_of(
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**12 - 1).map(lambda bits: 0x0A020000 + bits),
    st.sampled_from([0, 2**32 - 1, 0x0A000000, 0x0A020C0B, 0x7F000001]),
).map(IPv4Address)
SIXES = st.one_of(
    st.integers(0, 2**128 - 1),
    st.integers(0, 2**12 - 1).map(lambda bits: (0xFD000002 << 96) + bits),
    st.integers(0, 2**12 - 1).map(lambda bits: (0xFD000002 << 96) + (bits << 60)),
).map(IPv6Address)
ADDRESSES = st.one_of(FOURS, SIXES)


def _networks(addresses: st.SearchStrategy[Address], longest: int) -> st.SearchStrategy[str]:
    return st.builds(lambda address, length: f"{address}/{length}", addresses, st.integers(0, longest))


SHORT = st.lists(st.integers(0, 255), min_size=1, max_size=3).map(lambda numbers: ".".join(map(str, numbers)))
SUBNETS = st.one_of(
    _networks(FOURS, 32), _networks(SIXES, 128), ADDRESSES.map(str), SHORT, st.just(""),
    st.builds(lambda text, length: f"{text}/{length}", SHORT, st.integers(0, 32)),
)  # fmt: skip
LINES = st.builds(
    lambda verb, scope, subnet: " ".join(filter(None, (verb, scope, subnet))),
    st.sampled_from(["allow", "deny"]),
    st.sampled_from(["", "", "all"]),
    SUBNETS,
)
LISTS = st.lists(LINES, max_size=12)


def rules_of(lines: list[str]) -> list[AccessRule]:
    """Parse lines that chronyd accepts."""
    return [_rule(line.split()) for line in lines]


def _rule(line: list[str]) -> AccessRule:
    prunes = "all" in line
    rest = [word for word in line[1:] if word != "all"]
    subnet = parse_subnet(rest[0]) if rest else Subnet(None, 0, 0)
    assert subnet is not None
    return AccessRule(line[0] == "allow", subnet, prunes)


def addresses_near(lines: list[str]) -> list[Address]:
    """Return addresses at and next to the edges of each network, where an error in the evaluation shows first."""
    near: list[Address] = []
    for rule in rules_of(lines):
        for network in rule.subnet.networks:
            kind, top = type(network.network_address), 2**network.max_prefixlen - 1
            edges = (int(network.network_address), int(network.broadcast_address), rule.subnet.bits)
            near += [kind(edge + step) for edge in edges for step in (-1, 0, 1) if 0 <= edge + step <= top]
    return near
