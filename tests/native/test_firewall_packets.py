"""Which packets a real firewall passes to a chronyd that answers every address, in namespaces."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.cases import plan_of
from tests.helpers.firewalls import (
    BOTH,
    EVERYWHERE,
    FIREWALLS,
    INSIDE,
    INSIDE_IPV6,
    IPTABLES,
    IPV4_ONLY,
    OUTSIDE_IPV6,
    SCRIPT,
    Firewall,
    answered,
    apply_policy,
    assert_answered,
    connected,
    install_firewall,
    listening,
    load,
    ok,
    received,
    rules,
    two_nodes,
)
from tests.helpers.nodes import Node, until

CHOICES = [
    pytest.param(firewall, choice, id=f"{name}-{choice}")
    for name, firewall in FIREWALLS.items()
    for choice in ("auto", firewall.backend)
]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """A server whose chronyd answers every address, and a client; both are in two networks of each family."""
    with two_nodes(tmp_path) as (server, client):
        (server.root / "etc/chrony/chrony.conf").write_text("local stratum 2\nallow\n")
        server.start_chronyd()
        with listening(server):
            until(lambda: answered(client) == connected(client) == EVERYWHERE)
            yield server, client


@pytest.mark.parametrize(("firewall", "choice"), CHOICES)
def test_only_packets_of_the_allowed_networks_pass(world: tuple[Node, Node], firewall: Firewall, choice: str) -> None:
    server, client = world
    install_firewall(server, firewall)
    load(server, firewall)
    before = rules(server)
    assert_answered(client, set() if firewall.drops else EVERYWHERE)

    apply_policy(server, BOTH, choice)
    seen = received(server)
    assert answered(client, 3) == {INSIDE, INSIDE_IPV6}
    assert received(server) == seen + 2, "no other packet reached chronyd"
    assert connected(client) == {INSIDE, INSIDE_IPV6}
    assert ok(server, SCRIPT, "check") == f"open in {firewall.backend}\n"

    opened = rules(server)
    ok(server, SCRIPT, "open")
    assert rules(server) == opened, "the second run changes nothing"

    load(server, firewall)
    state = "open" if firewall.survives else "closed"
    assert f"{state} in {firewall.backend}" in ok(server, SCRIPT, "check").splitlines()
    if not firewall.survives:
        ok(server, SCRIPT, "open")
    assert "closed" not in ok(server, SCRIPT, "check")
    assert_answered(client, {INSIDE, INSIDE_IPV6}, "after a restart of the firewall")

    apply_policy(server, IPV4_ONLY, choice)
    assert_answered(client, {INSIDE}, "after a change that removes a network")

    (server.root / "etc/timepolicy/files").write_text("")
    ok(server, SCRIPT, "open")
    assert_answered(client, set() if firewall.drops else EVERYWHERE, "after a policy without a firewall")
    if not firewall.survives:
        assert rules(server) == before


def test_a_node_without_a_firewall_stays_without_one(world: tuple[Node, Node]) -> None:
    server, client = world
    before = rules(server)
    apply_policy(server, BOTH, "auto")
    assert rules(server) == before
    assert_answered(client, EVERYWHERE)
    assert ok(server, SCRIPT, "check") == "no firewall is active\n"
    assert client.run("chronyc", "-h", INSIDE, "tracking").returncode, "the command port is not on the network"


@pytest.mark.parametrize(
    "firewall", [pytest.param(row, id=name) for name, row in FIREWALLS.items() if row.load_without_egress]
)
@pytest.mark.parametrize(
    ("sources", "reached"),
    [
        pytest.param(f"[{INSIDE}, '{OUTSIDE_IPV6}']", {INSIDE, OUTSIDE_IPV6}, id="addresses"),
        pytest.param(f"[{INSIDE}, ntp.example.org]", EVERYWHERE, id="a-name"),
    ],
)
def test_packets_to_the_sources_pass(
    world: tuple[Node, Node], firewall: Firewall, sources: str, reached: set[str]
) -> None:
    _, client = world
    install_firewall(client, firewall)
    ok(client, "sh", "-euc", firewall.load_without_egress)
    assert_answered(client, set())
    client.install(plan_of(f"timezone: UTC\nupstreams: {sources}\nfirewall: {{egress: true}}\n"))
    ok(client, SCRIPT, "open")
    assert_answered(client, reached)
    opened = rules(client)
    ok(client, SCRIPT, "open")
    assert rules(client) == opened
    ok(client, SCRIPT, "close")
    assert_answered(client, set())


OTHERS = """
nft -f - <<'EOF'
table ip kube-proxy {
    chain services { type nat hook prerouting priority -100; udp dport 1230 dnat to 10.2.0.1:123; }
    chain local { type nat hook output priority -100; }
    chain input { type nat hook input priority 100; }
}
table inet cni { chain input { type filter hook forward priority 0; policy accept; }; }
EOF
iptables -t nat -A PREROUTING -p udp --dport 1231 -j DNAT --to-destination 10.2.0.1:123
iptables -t mangle -A INPUT -p udp --dport 123 -j MARK --set-mark 7
iptables -t mangle -A OUTPUT -p udp --sport 123 -j MARK --set-mark 7
iptables -t raw -A OUTPUT -p udp --dport 53 -j NOTRACK
iptables -t raw -A PREROUTING -p udp --dport 53 -j NOTRACK
"""
"""Chains as kube-proxy and network plugins make them, in tables whose chains translate and mark packets."""


def other_rules(server: Node) -> str:
    tables: list[tuple[str, ...]] = [
        ("nft", "-s", "list", "table", *name) for name in (("ip", "kube-proxy"), ("inet", "cni"))
    ]
    tables += [("iptables-save", "-t", name) for name in ("nat", "mangle", "raw")]
    texts = [ok(server, *command) for command in tables]
    return "\n".join(line for text in texts for line in text.splitlines() if not line.startswith("#"))


@pytest.mark.parametrize("name", ["nftables", "iptables"])
def test_chains_that_translate_or_mark_packets_are_left_alone(world: tuple[Node, Node], name: str) -> None:
    server, client = world
    ok(server, "sh", "-euc", FIREWALLS[name].load)
    ok(server, "sh", "-euc", OTHERS)
    before = other_rules(server)
    apply_policy(server, BOTH, "auto")
    assert_answered(client, {INSIDE, INSIDE_IPV6})
    assert other_rules(server) == before
    ok(server, SCRIPT, "close")
    assert other_rules(server) == before


ODD_NAMES = """
table inet a/b-c.d_e { chain in/put-1.x { type filter hook input priority 10; policy drop; meta l4proto 58 accept; }; }
"""


def test_tables_with_any_legal_name_are_opened_once_and_closed(world: tuple[Node, Node]) -> None:
    server, client = world
    ok(server, "sh", "-euc", f"nft -f - <<'EOF'\n{ODD_NAMES}EOF\n")
    before = rules(server)
    apply_policy(server, BOTH, "nftables")
    assert_answered(client, {INSIDE, INSIDE_IPV6})
    opened = rules(server)
    ok(server, SCRIPT, "open")
    assert rules(server) == opened
    ok(server, SCRIPT, "close")
    assert rules(server) == before


def test_a_table_with_an_owner_does_not_keep_the_others_closed(world: tuple[Node, Node]) -> None:
    server, client = world
    load(server, FIREWALLS["nftables"])
    owner = subprocess.Popen(server.command_line("nft", "-i"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert owner.stdin is not None
    owner.stdin.write(b"add table inet owned { flags owner; }\n")
    owner.stdin.write(b"add chain inet owned input { type filter hook input priority 5; policy accept; }\n")
    owner.stdin.flush()
    try:
        until(lambda: "owner" in ok(server, "nft", "list", "ruleset"))
        apply_policy(server, BOTH, "nftables")
        assert_answered(client, {INSIDE, INSIDE_IPV6})
        assert "closed" not in ok(server, SCRIPT, "check")
    finally:
        owner.stdin.close()
        owner.wait()


@pytest.mark.parametrize("name", ["nftables", "iptables", "ufw"])
def test_eight_runs_at_once_end_as_one_does(world: tuple[Node, Node], name: str) -> None:
    server, client = world
    install_firewall(server, FIREWALLS[name])
    load(server, FIREWALLS[name])
    apply_policy(server, BOTH, "auto")
    opened = rules(server)
    load(server, FIREWALLS[name])
    runs = [subprocess.Popen(server.command_line(SCRIPT, "open")) for _ in range(8)]
    assert [run.wait(120) for run in runs] == [0] * 8
    assert rules(server) == opened
    assert_answered(client, {INSIDE, INSIDE_IPV6})


NFT_DROP = "udp dport 123 drop"
CLOSED_LATER = {
    "nft-drop-on-top": ("nftables", f"nft insert rule inet filter input {NFT_DROP}"),
    "nft-jump-on-top": (
        "nftables",
        f"nft add chain inet filter cali-INPUT; nft add rule inet filter cali-INPUT {NFT_DROP}\n"
        "nft insert rule inet filter input jump cali-INPUT",
    ),
    "nft-drop-in-our-table": ("nftables", f"nft insert rule inet timepolicy input {NFT_DROP}"),
    "nft-our-table-replaced": (
        "nftables",
        f"nft flush table inet timepolicy\nnft add rule inet timepolicy input {NFT_DROP}",
    ),
    "nft-new-chain": (
        "nftables",
        "nft add table inet late\n"
        "nft add chain inet late input '{ type filter hook input priority 20; }'\n"
        f"nft add rule inet late input {NFT_DROP}",
    ),
    "nft-ruleset-again": ("nftables", FIREWALLS["nftables"].load),
    "iptables-drop-on-top": (
        "iptables",
        "for tool in iptables ip6tables; do $tool -I INPUT -p udp --dport 123 -j DROP; done",
    ),
    "iptables-jump-on-top": (
        "iptables",
        "for tool in iptables ip6tables; do $tool -N cali-INPUT; $tool -A cali-INPUT -p udp --dport 123 -j DROP\n"
        "$tool -I INPUT -j cali-INPUT; done",
    ),
    "iptables-accept-replaced": (
        "iptables",
        "for tool in iptables ip6tables; do $tool -R TIMEPOLICY-IN 2 -p udp --dport 123 -j DROP; done",
    ),
    "iptables-flushed": ("iptables", IPTABLES),
    "ufw-rule-deleted": (
        "ufw",
        "for net in 10.2.0.0/16 fd00:2::/64; do ufw delete allow from $net to any port 123 proto udp; done",
    ),
}
"""What somebody else does to a node's firewall while the node runs; each closes the port for everyone."""


@pytest.mark.parametrize(("name", "command"), [pytest.param(*row, id=key) for key, row in CLOSED_LATER.items()])
def test_a_port_that_somebody_closes_is_seen_and_opened_again(
    world: tuple[Node, Node], name: str, command: str
) -> None:
    server, client = world
    install_firewall(server, FIREWALLS[name])
    load(server, FIREWALLS[name])
    apply_policy(server, BOTH, "auto")
    assert_answered(client, {INSIDE, INSIDE_IPV6})
    ok(server, "sh", "-euc", command)
    assert answered(client) == set()
    assert f"closed in {name}" in ok(server, SCRIPT, "check").splitlines()
    ok(server, SCRIPT, "open")
    assert_answered(client, {INSIDE, INSIDE_IPV6})
    assert "closed" not in ok(server, SCRIPT, "check")


def test_rules_that_others_add_behind_ours_are_no_change(world: tuple[Node, Node]) -> None:
    server, client = world
    load(server, FIREWALLS["nftables"])
    apply_policy(server, BOTH, "auto")
    ok(server, "nft", "add", "rule", "inet", "filter", "input", "udp", "dport", "53", "counter", "accept")
    ok(server, "nft", "add", "table", "inet", "other")
    assert "closed" not in ok(server, SCRIPT, "check")
    assert_answered(client, {INSIDE, INSIDE_IPV6})


def test_a_firewall_that_is_switched_on_later_is_seen_and_opened(world: tuple[Node, Node]) -> None:
    server, client = world
    apply_policy(server, BOTH, "auto")
    load(server, FIREWALLS["nftables"])
    assert answered(client) == set()
    assert ok(server, SCRIPT, "check") == "closed in nftables\n"
    assert ok(server, "env", "PATH=/usr/bin:/bin", SCRIPT, "check") == "closed in nftables\n", "cron has no sbin"
    ok(server, SCRIPT, "open")
    assert_answered(client, {INSIDE, INSIDE_IPV6})


def test_a_table_of_iptables_that_iptables_cannot_read_is_opened_by_nft(world: tuple[Node, Node]) -> None:
    server, client = world
    rules = (
        "table ip filter { chain INPUT { type filter hook input priority 0; policy drop; tcp dport { 22, 80 } accept\n"
        "ct state vmap { established : accept, invalid : drop }; }; }"
    )
    ok(server, "nft", rules)
    assert answered(client) & {INSIDE} == set()
    apply_policy(server, BOTH, "auto")
    assert ok(server, SCRIPT, "check") == "open in nftables\n"
    assert INSIDE in answered(client)
