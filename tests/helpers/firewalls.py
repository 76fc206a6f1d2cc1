"""Firewalls as distributions and operators set them up, in nodes whose packets are counted."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.cases import plan_of
from tests.helpers.nodes import ASK, Node, nodes
from tests.helpers.programs import need, need_root
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
    server.install(plan_of(POLICY.format(allow=allow, backend=backend), role=Role.SERVER))
    (server.root / "etc/chrony/chrony.conf").write_text(configuration)
    ok(server, SCRIPT, "open")


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
