"""What an imported policy's server answers: asked by packets, from addresses within and without."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.boot.lab.network import Network
from tests.helpers.access_lists import LISTS, addresses_near, rules_of
from tests.helpers.cases import TREES, file_of, plan_of
from tests.helpers.chronyd import chronyc, chronyd
from tests.helpers.config_import import import_case, import_sources
from tests.helpers.programs import need, need_root, run
from timepolicy.configs.access_table import AccessTable, Address
from timepolicy.policy.role import Role
from timepolicy.source import Source

CORPUS = TREES / "import"

V4, V6 = "10.2.12.11", "fd00:2::11"
REQUEST = bytes([0x23]) + bytes(47)
"""An NTP version 4 client's request (RFC 5905, figure 8)."""

ANSWER_TIME = 1.5
"""Seconds in which a chronyd on the same machine has answered."""


@contextmanager
def addressed(addresses: list[str]) -> Iterator[Network]:
    """A namespace of its own, with the server's addresses and those of its clients."""
    need("ip")
    need_root()
    with Network([]) as network:
        for address in dict.fromkeys([V4, V6, *addresses]):
            command = ["ip", "address", "add", f"{address}/{ip_address(address).max_prefixlen}", "dev", "lo"]
            subprocess.run(network.command(*command), check=True)
        _wait_until_usable(network)
        yield network


def _wait_until_usable(network: Network) -> None:
    """The kernel looks at each IPv6 address in its own time before a socket may have it."""
    deadline = time.monotonic() + 20
    command = network.command("ip", "-6", "-oneline", "address", "show", "tentative")
    while subprocess.run(command, check=True, capture_output=True).stdout:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answered(addresses: list[str]) -> dict[str, bool]:
    """Send a request from each of `addresses` to the server's address of the same family, and wait for all answers."""
    with ExitStack() as stack:
        clients = {address: _asking(address, stack) for address in addresses}
        time.sleep(ANSWER_TIME)
        return {address: _has_answer(client) for address, client in clients.items()}


def _asking(address: str, stack: ExitStack) -> socket.socket:
    family, server = (socket.AF_INET6, V6) if ":" in address else (socket.AF_INET, V4)
    client = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
    client.setblocking(False)
    client.bind((address, 0))
    client.connect((server, 123))
    client.send(REQUEST)
    return client


def _has_answer(client: socket.socket) -> bool:
    try:
        return len(client.recv(100)) >= 48
    except (BlockingIOError, ConnectionRefusedError):
        return False


def answers(folder: Path, lines: list[str], addresses: list[str]) -> dict[str, bool]:
    """Whom a real chronyd with this configuration answers."""
    with addressed(addresses) as network, chronyd(network, folder, lines):
        return network.inside(lambda: answered(addresses))


def served_lines(policy: str, release: str = "rocky-9") -> list[str]:
    """The configuration of the policy's server, without the files that it would keep."""
    text = file_of(plan_of(policy, release, Role.SERVER), "/etc/chrony.conf")
    return [line for line in text.splitlines() if not line.startswith("driftfile")]


def imported(lines: list[str]) -> str:
    """The policy of a server with an address of each family that may ask it, since another would be refused."""
    text = "\n".join(["server 192.0.2.1 iburst", "makestep 1 3", "rtcsync", *lines]) + "\n"
    servers = yaml.safe_load(_imported(text, (V4, V6))).get("servers", {"allow": []})
    versions = {ip_network(network).version for network in servers["allow"]}
    return _imported(text, tuple(address for address in (V4, V6) if ip_address(address).version in versions))


def _imported(text: str, addresses: tuple[str, ...]) -> str:
    policy = import_sources([Source(name="chrony.conf", text=text)], addresses=addresses).policy
    assert policy is not None
    return policy


CLIENTS = {"10.2.0.1": True, "10.2.255.254": True, "10.3.0.1": False, "192.168.1.1": False, "fd00:2::99": False}


def test_the_guides_server_answers_nobody_and_the_imported_one_its_network(tmp_path: Path) -> None:
    case = CORPUS / "guide-server"
    before = (case / "root/etc/chrony.conf").read_text().splitlines()
    own = [line for line in before if not line.startswith(("driftfile", "bindcmdaddress"))]
    (tmp_path / "before").mkdir()
    (tmp_path / "after").mkdir()
    assert not any(answers(tmp_path / "before", own, list(CLIENTS)).values())
    policy = import_case(case).policy
    assert policy is not None
    assert answers(tmp_path / "after", served_lines(policy), list(CLIENTS)) == CLIENTS


LISTED = {
    "a hole": ["allow 10.0.0.0/8", "deny 10.1.0.0/16", "allow 10.1.2"],
    "both families": ["allow fd00:2::/64", "allow 10.2/16", "deny fd00:2::8000/113"],
    "prefixes within a level": ["allow 10.2.12.0/28", "deny 10.2.12.0/25", "allow 10.2.12.128/26"],
    "everyone but some": ["allow", "deny 10.3.0.0/16", "deny all fd00:9::/32", "allow fd00:9:1::/48"],
}


@pytest.mark.parametrize("lines", LISTED.values(), ids=LISTED)
def test_an_imported_server_answers_the_same_clients(tmp_path: Path, lines: list[str]) -> None:
    addresses = [
        *("10.0.0.1", "10.1.0.1", "10.1.2.9", "10.2.12.1", "10.2.12.64", "10.2.12.130", "10.2.12.200", "10.3.0.1"),
        *("192.0.2.77", "fd00:2::1", "fd00:2::8001", "fd00:2::7fff", "fd00:9::1", "fd00:9:1::1", "2001:db8::1"),
    ]
    folders = [tmp_path / "before", tmp_path / "after"]
    for folder in folders:
        folder.mkdir()
    before = answers(folders[0], lines, addresses)
    assert before == answers(folders[1], served_lines(imported(lines)), addresses)
    assert any(before.values())
    assert not all(before.values())


def is_carried(lines: list[str]) -> bool:
    """Whether a policy can have the list: some networks, not only the server itself, and not too many."""
    networks = AccessTable(rules_of(lines)).networks()
    return len(networks) <= 64 and not all(network.is_loopback for network in networks)


def thousand_addresses(chance: Random) -> list[Address]:
    """Return 1000 addresses, from anywhere and from the networks that the lists are about."""
    fours = [IPv4Address(chance.getrandbits(32)) for _ in range(250)]
    fours += [IPv4Address(0x0A020000 + chance.getrandbits(12)) for _ in range(250)]
    sixes = [IPv6Address(chance.getrandbits(128)) for _ in range(250)]
    return [*fours, *sixes, *(IPv6Address((0xFD000002 << 96) + chance.getrandbits(12)) for _ in range(250))]


@settings(max_examples=60, deadline=None)
@given(LISTS, st.randoms(use_true_random=False))
def test_the_rendered_list_lets_the_same_addresses_in(lines: list[str], chance: Random) -> None:
    assume(is_carried(lines))
    addresses = thousand_addresses(Random(chance.getrandbits(32)))
    rendered = [line for line in served_lines(imported(lines)) if line.startswith(("allow", "deny"))]
    assert all(line.startswith("allow ") for line in rendered)
    before, after = AccessTable(rules_of(lines)), AccessTable(rules_of(rendered))
    for address in addresses_near(lines) + addresses:
        assert before.is_allowed(address) == after.is_allowed(address)


FOR_NOBODY = {"a closed port": ["port 0", "allow 10.2.0.0/16"], "itself": ["allow 127.0.0.0/8", "allow ::1"]}


@pytest.mark.parametrize("lines", FOR_NOBODY.values(), ids=FOR_NOBODY)
def test_who_answers_no_other_node_becomes_no_server(tmp_path: Path, lines: list[str]) -> None:
    assert not any(answers(tmp_path, lines, list(CLIENTS)).values())
    assert "servers:" not in imported(lines)


UNDONE = {
    "one network": (["allow 10.2/16", "deny all"], ["10.2.0.0/16"]),
    "one network with a hole": (["allow 10.2/16", "deny 10.2.0.0/17", "deny all"], ["10.2.128.0/17"]),
    "what follows holds": (["allow 10.2/16", "deny all", "allow 10.3/16"], ["10.3.0.0/16"]),
    "what everyone was allowed before": (["allow", "deny all", "allow 10.3/16"], ["10.3.0.0/16"]),
    "everyone": (["allow", "deny all"], []),
    "everyone of a family": (["allow 10.2/16", "allow ::/0", "deny all"], []),
    "a network within": (["allow 10.2/16", "deny all 10.0.0.0/8"], []),
}
"""Lists with a `deny` that undoes an `allow`, and the networks that servers of the imported policy allow."""


@pytest.mark.parametrize(("lines", "networks"), UNDONE.values(), ids=UNDONE)
def test_an_undone_list(lines: list[str], networks: list[str]) -> None:
    statements = [line for line in served_lines(imported(lines)) if line.startswith("allow")] if networks else []
    assert statements == [f"allow {network}" for network in networks]
    assert ("servers:" in imported(lines)) == bool(networks)


CARRIED = sorted(path.parent for path in CORPUS.glob("*/policy.yaml") if "servers:" in path.read_text())


@pytest.mark.parametrize("case", CARRIED, ids=lambda case: str(case.name))
def test_chronyd_takes_the_server_of_each_imported_policy(tmp_path: Path, case: Path) -> None:
    lines = served_lines((case / "policy.yaml").read_text())
    (tmp_path / "chrony.conf").write_text("\n".join(lines) + "\n")
    done = run([need("chronyd"), "-p", "-f", tmp_path / "chrony.conf"])
    assert done.returncode == 0, done.stderr
    networks = [ip_network(line.split()[1]) for line in lines if line.startswith("allow ")]
    questions = [f"accheck {network[0]}" for network in networks] + ["accheck 198.51.100.1"]
    own = yaml.safe_load((case / "policy.yaml").read_text())["servers"].get("extra", {"chrony": []})["chrony"]
    common = [line for line in lines if line not in own]  # only the node has the devices of `extra`
    with addressed([]) as network, chronyd(network, tmp_path, common) as command_socket:
        answers = chronyc(command_socket, questions)
    assert answers[:-1] == ["208 Access allowed"] * len(networks)
    assert (answers[-1] == "208 Access allowed") == any(ip_address("198.51.100.1") in network for network in networks)
