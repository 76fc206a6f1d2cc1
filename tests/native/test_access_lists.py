"""Access lists: `chronyc accheck` and our table give the same answer for each address."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.boot.lab.network import Network
from tests.helpers.access_lists import ADDRESSES, LISTS, addresses_near, rules_of
from tests.helpers.chronyd import chronyc, chronyd
from tests.helpers.programs import need, need_root
from timepolicy.configs.access_table import AccessTable, Address


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The command socket of a chronyd whose access list changes for each question."""
    need("ip")
    need("chronyc")
    need_root()
    with Network([]) as network, chronyd(network, tmp_path_factory.mktemp("chronyd"), []) as socket:
        yield socket


def chronyd_allows(socket: Path, lines: list[str], addresses: list[Address]) -> list[bool]:
    """Whether chronyd answers each address with the list `lines`."""
    questions = [f"accheck {address}" for address in addresses]
    answers = chronyc(socket, ["deny all", *lines, *questions])[len(lines) + 1 :]
    assert set(answers) <= {"208 Access allowed", "209 Access denied"}, answers
    return [answer == "208 Access allowed" for answer in answers]


@settings(max_examples=150, deadline=None)
@given(LISTS, st.lists(ADDRESSES, max_size=40))
@example(["allow 10.2.0.0/16", "deny all"], [])
@example(["deny all", "allow 10.2.0.0/16"], [])
@example(["allow 10.2.0.0/16", "deny"], [])
@example(["allow 10.0.0.0/28", "deny 10.0.0.0/25"], [])
@example(["deny 10.0.0.0/25", "allow 10.0.0.0/28"], [])
@example(["allow 10", "deny all 10.1.2"], [])
def test_chronyd_allows_the_same_addresses(oracle: Path, lines: list[str], addresses: list[Address]) -> None:
    addresses = addresses_near(lines) + addresses
    table = AccessTable(rules_of(lines))
    assert [table.is_allowed(address) for address in addresses] == chronyd_allows(oracle, lines, addresses)
