"""Which packets a real firewall passes to a chronyd that answers every address, in namespaces."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.cases import plan_of
from tests.helpers.nodes import ASK, Node, nodes, until
from tests.helpers.programs import need, need_root
from timepolicy.plan.types import NodePlan
from timepolicy.policy.role import Role

SCRIPT = "/usr/local/sbin/timepolicy-firewall"

POLICY = """
timezone: UTC
upstreams: [10.2.0.99]
servers:
  addresses: [10.2.0.1]
  allow: [{allow}]
  nts: {{certificate: /etc/chrony/certificate.pem, key: /etc/chrony/key.pem}}
firewall: {{backend: {backend}}}
"""
BOTH, IPV4_ONLY = "10.2.0.0/16, 'fd00:2::/64'", "10.2.0.0/16"

INSIDE, INSIDE_IPV6, OUTSIDE, OUTSIDE_IPV6 = "10.2.0.1", "fd00:2::1", "192.0.2.1", "fd00:3::1"
EVERYWHERE = {INSIDE, INSIDE_IPV6, OUTSIDE, OUTSIDE_IPV6}


LISTEN = """
import socket
with socket.create_server(("::", 4460), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
    while True:
        listener.accept()[0].close()
"""
CONNECT = """
import concurrent.futures, socket, sys
def connects(host):
    try:
        socket.create_connection((host, 4460), 1).close()
        return True
    except OSError:
        return False
with concurrent.futures.ThreadPoolExecutor() as threads:
    print(*(host for host, does in zip(sys.argv[1:], threads.map(connects, sys.argv[1:])) if does))
"""


@dataclass(frozen=True)
class Firewall:
    """A firewall as a distribution or an operator sets it up; `load` does what its service does at each start."""

    backend: str
    programs: tuple[str, ...]
    load: str
    drops: bool = True
    survives: bool = False
    """Whether it restores our rules at its own start."""
    load_without_egress: str = ""
    """As `load`, and the firewall drops outgoing packets except replies."""


NFTABLES = """flush ruleset
table inet filter {
    chain input {
        type filter hook input priority 0; policy drop;
        iif lo accept
        ct state established,related accept
        meta l4proto 58 accept
        tcp dport 22 accept
        reject
    }
}
"""
IPTABLES = "".join(
    f"{tool} -F INPUT; {tool} -P INPUT DROP; {tool} -A INPUT -i lo -j ACCEPT; {tool} -A INPUT -p {icmp} -j ACCEPT\n"
    f"{tool} -A INPUT -p tcp --dport 22 -j ACCEPT; {tool} -A INPUT -j REJECT\n"
    for tool, icmp in (("iptables", "icmp"), ("ip6tables", "ipv6-icmp"))
)
UFW = "ufw allow ssh; ufw --force disable; ufw --force enable"
FIREWALLD = """
mkdir -p /run/dbus
# only that of this node: other tests run at the same time
pkill -x --ns $$ --nslist net firewalld || true
[ -S /run/dbus/system_bus_socket ] || dbus-daemon --system --fork --nopidfile
firewalld --nopid --log-file=/run/firewalld.log
until firewall-cmd --state; do sleep 0.1; done
"""
NFTABLES_OUT = """
table inet out {
    chain output { type filter hook output priority 0; policy drop; meta l4proto ipv6-icmp accept; oif lo accept; }
    chain input { type filter hook input priority 0; policy accept; }
}
"""
IPTABLES_OUT = "".join(
    f"{tool} -P OUTPUT DROP; {tool} -A OUTPUT -o lo -j ACCEPT; {tool} -A OUTPUT -p {icmp} -j ACCEPT\n"
    f"{tool} -A OUTPUT -j REJECT\n"
    for tool, icmp in (("iptables", "icmp"), ("ip6tables", "ipv6-icmp"))
)
FIREWALLD_OUT = """
cat >/etc/firewalld/policies/closed.xml <<'EOF'
<policy target="DROP"><ingress-zone name="HOST"/><egress-zone name="ANY"/><protocol value="ipv6-icmp"/></policy>
EOF
"""
FIREWALLS = {
    "nftables": Firewall(
        "nftables",
        ("nft",),
        f"nft -f - <<'EOF'\n{NFTABLES}EOF\n",
        load_without_egress=f"nft -f - <<'EOF'\n{NFTABLES_OUT}EOF\n",
    ),
    "nftables-that-accepts": Firewall(
        "nftables",
        ("nft",),
        "nft -f - <<'EOF'\nflush ruleset\n"
        "table inet filter { chain input { type filter hook input priority 0; tcp dport 22 accept; }; }\nEOF\n",
        drops=False,
    ),
    "iptables": Firewall("iptables", ("iptables", "ip6tables"), IPTABLES, load_without_egress=IPTABLES_OUT),
    "ufw": Firewall("ufw", ("ufw",), UFW, survives=True, load_without_egress=f"ufw default deny outgoing; {UFW}"),
    "firewalld": Firewall(
        "firewalld",
        ("firewalld", "dbus-daemon"),
        FIREWALLD,
        survives=True,
        load_without_egress=FIREWALLD_OUT + FIREWALLD,
    ),
}
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


@contextmanager
def two_nodes(folder: Path) -> Iterator[tuple[Node, Node]]:
    need_root()
    for program in ("ip", "nft", "iptables", "ip6tables"):
        need(program)
    own = [f"{INSIDE}/16", f"{INSIDE_IPV6}/64", f"{OUTSIDE}/24", f"{OUTSIDE_IPV6}/64"]
    other = ["10.2.0.2/16", "fd00:2::2/64", "192.0.2.2/24", "fd00:3::2/64"]
    with nodes(folder, server=own, client=other) as (server, client):
        create_files(server)
        create_files(client)
        client.install(plan_of("timezone: UTC\nupstreams: [10.2.0.1]\n"))
        yield server, client


def create_files(server: Node) -> None:
    """Create what firewalls need in /etc and /var, which each node has for itself."""
    for name in ("alternatives", "ufw", "default/ufw", "nsswitch.conf", "protocols", "services"):
        copy(Path("/etc") / name, server.root / "etc" / name)
    with (server.root / "etc/passwd").open("a") as users:
        users.write("messagebus:x:100:100::/:/bin/false\n")
    (server.root / "etc/group").write_text("root:x:0:\nmessagebus:x:100:\n")
    for folder in ("var/lib/ufw", "var/lib/dbus", "var/log", "run/lock"):
        (server.root / folder).mkdir(parents=True, exist_ok=True)


def install_firewalld(node: Node) -> None:
    """Copy firewalld into the node: its package would filter the packets of this machine."""
    usr = Path(need("firewalld")).parent.parent
    need("dbus-daemon")
    copy(usr / "sbin/firewalld", node.root / "local/sbin/firewalld")
    copy(usr / "bin/firewall-cmd", node.root / "local/bin/firewall-cmd")
    copy(usr / "lib/firewalld", node.root / "etc/firewalld")
    copy(usr / "share/dbus-1/system.d/FirewallD.conf", node.root / "etc/dbus-1/system.d/FirewallD.conf")


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif source.exists():
        shutil.copy(source, target)


def install_firewall(node: Node, firewall: Firewall) -> None:
    if firewall.backend == "firewalld":
        install_firewalld(node)
    for program in firewall.programs:
        need(program)


def answered(client: Node, seconds: float = 1.2) -> set[str]:
    """The server's addresses at which the client is answered."""
    hosts = sorted(EVERYWHERE)
    done = client.run("/usr/bin/python3", "-IS", "-c", ASK, str(seconds), *hosts)
    by_host = zip(hosts, json.loads(done.stdout), strict=True)
    return {host for host, answer in by_host if not isinstance(answer, str)}


def assert_answered(client: Node, hosts: set[str], when: str = "") -> None:
    """The client is answered at these addresses alone; what a busy machine answers late is asked for again."""
    seen = answered(client)
    if seen < hosts:
        seen |= answered(client, 3)
    assert seen == hosts, when


@contextmanager
def listening(server: Node) -> Iterator[None]:
    """Accept connections on the port of NTS key exchange."""
    listener = subprocess.Popen(server.command_line("/usr/bin/python3", "-IS", "-c", LISTEN))
    try:
        yield
    finally:
        listener.kill()
        listener.wait()


def connected(client: Node) -> set[str]:
    """The server's addresses that the client can connect to."""
    return set(ok(client, "/usr/bin/python3", "-IS", "-c", CONNECT, *sorted(EVERYWHERE)).split())


def received(server: Node) -> int:
    """How many NTP packets chronyd has seen (chronyc(1), serverstats)."""
    return int(ok(server, "chronyc", "-c", "serverstats").split(",")[0])


def apply_policy(server: Node, allow: str, backend: str) -> None:
    """Install a server's policy except for its chrony.conf, and open the firewall."""
    configuration = server.file("etc/chrony/chrony.conf")
    install_plan(server, plan_of(POLICY.format(allow=allow, backend=backend), role=Role.SERVER))
    (server.root / "etc/chrony/chrony.conf").write_text(configuration)
    ok(server, SCRIPT, "open")


def install_plan(node: Node, plan: NodePlan) -> None:
    """Install the files as a boot does, before it starts units."""
    node.install(plan)
    (node.root / "etc/timepolicy/files").write_text("".join(f"digest  {file.path}\n" for file in plan.files))


def ok(server: Node, *command: str) -> str:
    done = server.run(*command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def load(server: Node, firewall: Firewall) -> None:
    ok(server, "sh", "-euc", firewall.load)


def rules(server: Node) -> str:
    """All rules that are loaded, without counters."""
    commands = (("nft", "-s", "list", "ruleset"), ("iptables", "-S"), ("ip6tables", "-S"))
    return "".join(ok(server, *command) for command in commands)


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
    install_plan(client, plan_of(f"timezone: UTC\nupstreams: {sources}\nfirewall: {{egress: true}}\n"))
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
