"""Access lists, evaluated as chronyd does; tests/native compares them with a chronyd."""

from ipaddress import IPv4Network, IPv6Network, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.access_lists import ADDRESSES, LISTS, addresses_near, rules_of
from timepolicy.configs.access_table import AccessTable, Address, parse_subnet

UNHURRIED = settings(deadline=None)


@UNHURRIED
@given(LISTS, st.lists(ADDRESSES, min_size=1, max_size=200))
def test_the_networks_are_what_the_table_allows(lines: list[str], addresses: list[Address]) -> None:
    table = AccessTable(rules_of(lines))
    networks = table.networks()
    for address in addresses_near(lines) + addresses:
        assert table.is_allowed(address) == any(address in network for network in networks)


@UNHURRIED
@given(LISTS)
def test_the_networks_as_a_list_allow_the_same(lines: list[str]) -> None:
    networks = AccessTable(rules_of(lines)).networks()
    again = AccessTable(rules_of([f"allow {network}" for network in networks]))
    assert again.networks() == networks
    for address in addresses_near(lines):
        assert again.is_allowed(address) == any(address in network for network in networks)


NETWORKS = {
    "one": (["allow 10.2.0.0/16"], ["10.2.0.0/16"]),
    "a hole": (["allow 10.0.0.0/14", "deny 10.1.0.0/16"], ["10.0.0.0/16", "10.2.0.0/15"]),
    "everyone": (["allow"], ["0.0.0.0/0", "::/0"]),
    "undone": (["allow 10.2.0.0/16", "deny all"], []),
    "not undone": (["allow 10.2.0.0/16", "deny"], ["10.2.0.0/16"]),
    "other family": (["allow fd00::/8", "deny all 0/0"], ["fd00::/8"]),
    "short": (["allow 10.2"], ["10.2.0.0/16"]),
}


@pytest.mark.parametrize(("lines", "networks"), NETWORKS.values(), ids=NETWORKS)
def test_networks(lines: list[str], networks: list[str]) -> None:
    assert AccessTable(rules_of(lines)).networks() == tuple(
        IPv6Network(network) if ":" in network else IPv4Network(network) for network in networks
    )


@pytest.mark.parametrize(
    "text", ["10.2.0.0/", "10.2.0.0/-1", "10.2.0.0/16x", "300.1/16", "300", "ntp.example.org/16", "/16"]
)
def test_what_chronyd_rejects(text: str) -> None:
    with pytest.raises(ValueError, match="is no network"):
        parse_subnet(text)


@pytest.mark.parametrize("text", ["ntp.example.org", "10.2.3.4.5", "010.2.0.0", "fe80::1%eth0", "ALL"])
def test_what_chronyd_resolves_as_a_name(text: str) -> None:
    assert parse_subnet(text) is None


@pytest.mark.parametrize(
    ("text", "is_possible"), [("10.2.0.0/32", True), ("10.2.0.0/33", False), ("fd00::/129", False)]
)
def test_prefix_lengths(text: str, is_possible: bool) -> None:
    subnet = parse_subnet(text)
    assert subnet is not None
    assert subnet.is_possible == is_possible


def test_a_rule_for_one_family_allows_nothing_of_the_other() -> None:
    table = AccessTable(rules_of(["allow 0.0.0.0/0"]))
    assert table.is_allowed(ip_address("192.0.2.1"))
    assert not table.is_allowed(ip_address("2001:db8::1"))
