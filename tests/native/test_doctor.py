"""`timepolicy doctor` on nodes in namespaces: real daemons, real firewalls, a fault each, and none on a right node."""

import base64
import json
import os
import re
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.boot.lab.network import Network
from tests.boot.lab.ntp_server import Behaviour, Course, NtpServers
from tests.helpers.cases import ROOT
from tests.helpers.certificates import LATER, NOW, issue, make_authority
from tests.helpers.command_line import timepolicy
from tests.helpers.nodes import WITHOUT_CLOCK, Node, nodes, until
from tests.helpers.programs import need, need_root

SERVER, CLIENT = "10.2.12.1", "10.2.30.1"
CLIENT_CONF = f"server {SERVER} iburst minpoll 0 maxpoll 0\nrtcsync\nmakestep 1 3\ndriftfile /var/lib/chrony/drift\n"
SERVER_CONF = "local stratum 2\nallow 10.2.0.0/16\nrtcsync\n"

ENTER = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
host=$2
shift 2
exec "{folder}/$host" "$@"
"""
"""Stands for ssh: it enters the namespaces of a node instead of logging in to it."""


@dataclass
class Cluster:
    """A server, a client, and how `timepolicy doctor` reaches both."""

    server: Node
    client: Node
    folder: Path

    def doctor(self, *arguments: str) -> Any:
        """What the doctor says in JSON."""
        done = timepolicy("doctor", "--ssh", str(self.folder / "ssh"), "--format", "json", *arguments)
        assert done.stderr == b""
        return json.loads(done.stdout)

    def diagnoses(self, *hosts: str) -> dict[str, dict[str, str]]:
        """The diagnoses of the first host, by their names."""
        answer = self.doctor(*(hosts or ("client",)))
        assert answer["failures"] == []
        return {row["id"]: row for row in answer["nodes"][0]["diagnoses"]}

    def start(self, node: Node, configuration: str, rights: tuple[str, ...] = ()) -> None:
        """Start chronyd -x. It has CAP_SYS_TIME, as on a node, and does not use it."""
        (node.root / "etc/chrony/chrony.conf").write_text(configuration)
        line = [word for word in node.command_line("chronyd", "-x", "-d", "-u", "root") if word not in WITHOUT_CLOCK]
        line[line.index("env") : line.index("env")] = rights
        node.chronyd = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until((node.root / "run/chrony/chronyd.sock").exists)

    def load(self, node: Node, hook: str, priority: str, rules: str) -> None:
        """Load a chain of nftables on the node."""
        need("nft")
        chain = f"chain {hook} {{\n type filter hook {hook} priority {priority};\n {rules}\n}}"
        done = node.run("sh", "-c", 'echo "$1" | nft -f -', "sh", f"table inet site {{\n{chain}\n}}")
        assert done.returncode == 0, done.stderr


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    need("ip")
    need_root()
    with nodes(tmp_path, server=[f"{SERVER}/16"], client=[f"{CLIENT}/16"]) as (server, client):
        for name, node in (("server", server), ("client", client)):
            (tmp_path / f"enter-{name}").write_text("#!/bin/sh\nexec " + " ".join(node.command_line()) + ' "$@"\n')
            (node.root / "etc/localtime").symlink_to("/usr/share/zoneinfo/Asia/Shanghai")
            (node.root / "etc/alternatives").mkdir()
            (node.root / "etc/alternatives/awk").symlink_to(Path(need("awk")).resolve())
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("server", "client"):
            (tmp_path / f"enter-{name}").rename(folder / name)
        (folder / "ssh").write_text(ENTER.format(folder=folder))
        for path in folder.iterdir():
            path.chmod(0o755)
        yield Cluster(server, client, folder)


@contextmanager
def ntp_server(node: Node, behaviour: Behaviour) -> Iterator[None]:
    """A server on the node that answers as `behaviour` says."""
    network = Network([])
    network.name = node.name
    servers = NtpServers({SERVER: Course(((0.0, behaviour),))})
    servers.start(network.inside)
    try:
        yield
    finally:
        servers.stop()


def test_a_right_node_has_no_diagnosis(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    until(lambda: cluster.client.tracking()[2] == "Normal")
    answer = cluster.doctor("client", "server")
    client, server = answer["nodes"]
    assert client["diagnoses"] == []
    assert client["offset"] == pytest.approx(0, abs=0.1)
    assert client["offset_through_ssh"][0] == pytest.approx(0, abs=0.1)
    assert [source["address"] for source in client["sources"]] == [SERVER]
    assert [daemon["name"] for daemon in client["daemons"]] == ["chronyd"]
    assert [row["id"] for row in server["diagnoses"]] == ["no-sources"]


def test_a_node_without_a_daemon(cluster: Cluster) -> None:
    assert "no-daemon" in cluster.diagnoses()


def test_a_daemon_without_the_right_to_set_the_clock(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF, rights=WITHOUT_CLOCK)
    assert "cannot-set-clock" in cluster.diagnoses()


def test_two_daemons(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    # a program of that name, since a second real daemon could set this machine's clock
    (cluster.client.root / "local/bin/ntpd").write_bytes(Path("/bin/sleep").read_bytes())
    (cluster.client.root / "local/bin/ntpd").chmod(0o755)
    other = subprocess.Popen(cluster.client.command_line("ntpd", "60"))
    try:
        until(lambda: Path(f"/proc/{other.pid}/comm").read_text() == "ntpd\n")
        found = cluster.diagnoses()["two-daemons"]
    finally:
        other.kill()
        other.wait()
    assert found["evidence"] == "chronyd, ntpd"


def test_a_name_that_does_not_resolve(cluster: Cluster) -> None:
    cluster.start(cluster.client, "server ntp.invalid iburst\nrtcsync\n")
    found = cluster.diagnoses()
    assert found["does-not-resolve"]["cause"] == "the name of a source does not resolve on this node: ntp.invalid"
    assert found["does-not-resolve"]["weight"] == "error"


def test_a_closed_port(cluster: Cluster) -> None:
    cluster.start(cluster.client, CLIENT_CONF)
    found = cluster.diagnoses()
    assert found["port-closed"]["evidence"] == "Connection refused"
    assert SERVER in found["port-closed"]["cause"]


def test_the_nodes_own_firewall(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    cluster.load(cluster.client, "output", "0", "udp dport 123 drop")
    assert cluster.diagnoses()["blocked-here"]["evidence"] == "udp dport 123 drop"


def test_a_firewall_that_lets_no_answer_in(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    cluster.load(cluster.client, "input", "0", "policy drop; tcp dport 22 accept")
    assert "policy drop" in cluster.diagnoses()["blocked-here"]["evidence"]


def test_the_firewall_of_the_server(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    cluster.load(cluster.server, "input", "0", "udp dport 123 drop")
    assert "no-answer" in cluster.diagnoses("client")
    found = cluster.diagnoses("client", "server")
    assert "the firewall of server drops the packets" in found["server-silent"]["cause"]


def test_the_access_list_of_the_server(cluster: Cluster) -> None:
    cluster.start(cluster.server, "local stratum 2\nallow 10.2.0.0/16\ndeny all\n")
    cluster.start(cluster.client, CLIENT_CONF)
    found = cluster.diagnoses("client", "server")
    assert "the access list of server does not allow this node" in found["server-silent"]["cause"]
    assert found["server-silent"]["evidence"] == "allow 10.2.0.0/16; deny all"


def test_a_firewall_on_the_way(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    cluster.load(cluster.server, "prerouting", "-300", "meta l4proto udp ip saddr 10.2.30.1 drop")
    found = cluster.diagnoses("client", "server")
    assert "a firewall on the way drops the packets" in found["server-silent"]["cause"]


def test_no_route(cluster: Cluster) -> None:
    cluster.start(cluster.client, "server 192.0.2.77 iburst\nrtcsync\n")
    found = cluster.diagnoses()["no-route"]
    assert found["evidence"] == "unreachable"


@pytest.mark.parametrize(
    ("behaviour", "name", "evidence"),
    [
        pytest.param(Behaviour(leap=3), "server-unsynchronized", "stratum 2, leap indicator 3", id="leap 3"),
        pytest.param(Behaviour(stratum=16), "server-unsynchronized", "stratum 16, leap indicator 0", id="stratum 16"),
        pytest.param(Behaviour(kiss="DENY"), "refused", "stratum 0, code DENY", id="refuses"),
        pytest.param(Behaviour(silent=True), "no-answer", "asked once, no answer within 2 s", id="silent"),
    ],
)
def test_a_server_without_time(behaviour: Behaviour, name: str, evidence: str, cluster: Cluster) -> None:
    cluster.start(cluster.client, CLIENT_CONF)
    with ntp_server(cluster.server, behaviour):
        assert cluster.diagnoses()[name]["evidence"] == evidence


def test_a_clock_that_is_slewed(cluster: Cluster) -> None:
    cluster.start(cluster.client, CLIENT_CONF.replace("makestep 1 3\n", ""))
    with ntp_server(cluster.server, Behaviour(offset_s=60.0)):
        until(lambda: cluster.client.tracking()[2] == "Normal")
        found = cluster.diagnoses()
    assert re.match(r"the clock is -(60.0|59.9)\d\d s off, and chronyd slews it: ", found["slewing"]["cause"])
    assert "at least 12 min" in found["slewing"]["cause"]
    assert "chronyc makestep" in found["slewing"]["remedy"]


def test_sources_that_disagree(cluster: Cluster) -> None:
    cluster.start(cluster.client, CLIENT_CONF + "server 10.2.30.1 port 1123\n")
    with ntp_server(cluster.server, Behaviour(offset_s=7.0)):
        own = cluster.client.command_line("chronyd", "-x", "-d", "-u", "root", "-f", "/dev/stdin")
        lines = "port 1123\nlocal stratum 3\nallow\ncmdport 0\nbindcmdaddress /\npidfile /tmp/pid\n"
        other = subprocess.Popen(own, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert other.stdin is not None
        other.stdin.write(lines.encode())
        other.stdin.close()
        try:
            found = cluster.diagnoses()
        finally:
            other.kill()
            other.wait()
    assert re.match(r"sources disagree by (7.0|6.9)\d\d s: ", found["sources-disagree"]["cause"])


def test_mistakes_in_the_configuration(cluster: Cluster) -> None:
    cluster.start(cluster.client, f"server {SERVER} iburst\n")
    (cluster.client.root / "etc/chrony/chrony.conf").write_text(f"server {SERVER} iburts\n")
    found = cluster.diagnoses()["configuration"]
    assert found["cause"].startswith("/etc/chrony/chrony.conf, line 1: ")
    assert found["evidence"] == f"server {SERVER} iburts"


def test_a_configuration_that_nothing_reads(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    (cluster.client.root / "etc/chrony.conf").write_text(f"server {SERVER}\nrtcsync\n")
    cause = cluster.diagnoses()["unread-configuration"]["cause"]
    assert cause == "nothing reads /etc/chrony.conf: chronyd reads /etc/chrony/chrony.conf"


def test_sources_of_dhcp(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    (cluster.client.root / "run/chrony-dhcp").mkdir()
    (cluster.client.root / "run/chrony-dhcp/eth0.sources").write_text("server 10.2.0.9 iburst\n")
    assert cluster.diagnoses()["dhcp-sources"]["evidence"] == "/run/chrony-dhcp/eth0.sources: server 10.2.0.9 iburst"


def test_a_timezone_that_is_a_copy(cluster: Cluster) -> None:
    zone = cluster.client.root / "etc/localtime"
    zone.unlink()
    zone.write_bytes(b"TZif2")
    assert "localtime-is-a-copy" in cluster.diagnoses()


def test_certificates_and_tokens_of_a_wrong_clock(cluster: Cluster, tmp_path: Path) -> None:
    make_authority(tmp_path / "authority")
    for name, dates in (("etcd", NOW), ("apiserver", LATER)):
        issue(tmp_path / "authority", name, SERVER, dates)
        path = cluster.client.root / f"etc/kubernetes/pki/{name}.crt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((tmp_path / f"authority/{name}.pem").read_bytes())
    for name, made in (("right", 1_700_000_000), ("early", 2_461_449_600)):
        folder = cluster.client.root / f"var/lib/kubelet/pods/{name}/volumes/kubernetes.io~projected/api"
        folder.mkdir(parents=True)
        claims = base64.urlsafe_b64encode(json.dumps({"aud": ["a"], "iat": made}, separators=(",", ":")).encode())
        (folder / "token").write_bytes(b"eyJhbGciOiJSUzI1NiJ9." + claims.rstrip(b"=") + b".c2lnbmF0dXJl")
    found = cluster.diagnoses()
    certificate, token = found["certificate-from-the-future"], found["token-from-the-future"]
    assert certificate["evidence"] == "/etc/kubernetes/pki/apiserver.crt: notBefore 2048-01-01 00:00:00 UTC"
    assert certificate["cause"].startswith("1 of the certificates")
    assert token["evidence"].endswith(
        "/pods/early/volumes/kubernetes.io~projected/api/token: issued 2048-01-01 00:00:00 UTC"
    )


def test_the_bundle_has_every_probe_and_no_secret(cluster: Cluster, tmp_path: Path) -> None:
    cluster.start(cluster.client, CLIENT_CONF + "# password=hunter2\n")
    cluster.doctor("client", "--bundle", str(tmp_path / "bundle.tar.gz"))
    with tarfile.open(tmp_path / "bundle.tar.gz") as archive:
        assert archive.getnames() == ["report.txt", "nodes/client.txt"]
        member = archive.extractfile("nodes/client.txt")
        assert member is not None
        text = member.read().decode()
    assert "== file /etc/chrony/chrony.conf (exit status 0)\n" in text
    assert "hunter2" not in text
    assert "# password=[removed]" in text
    assert (tmp_path / "bundle.tar.gz").stat().st_mode & 0o777 == 0o600


def test_clocks_are_compared_before_an_installation(cluster: Cluster) -> None:
    done = timepolicy("doctor", "--ssh", str(cluster.folder / "ssh"), "--before-install", "client", "server")
    assert done.returncode == 0
    heading, *rows = done.stdout.decode().splitlines()
    assert heading.split("  ")[0] == "HOST"
    assert sorted(row.split()[0] for row in rows) == ["client", "server"]
    assert all("Asia/Shanghai" in row for row in rows)


SERVE = """
root=$1
passwd=$2
port=$3
mkdir -p /run/sshd
mount --bind "$passwd" /etc/passwd
exec setpriv --bounding-set=-sys_time --inh-caps=-sys_time "$4" -D -e -f /dev/null -h "$root/host" -p "$port" \\
  -o ListenAddress=127.0.0.1 -o UsePAM=no -o StrictModes=no -o PidFile=none -o AuthorizedKeysFile="$root/authorized"
"""
"""sshd on loopback in a mount namespace of its own, where nothing can set the clock."""

LIBWRAP = ROOT / ".tools/libwrap0/usr/lib/x86_64-linux-gnu"
PASSWD = "root:x:0:0::/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n"


@dataclass
class SshServer:
    """A real sshd, and the options with which it is reached."""

    folder: Path
    port: int

    def doctor(self, *arguments: str, host: str = "root@127.0.0.1", key: str = "user") -> tuple[int, str]:
        """The exit status and the output of the doctor for the host that the server stands for."""
        options = f"-p {self.port} -i {self.folder / key} -o IdentitiesOnly=yes -o IdentityAgent=none"
        options += f" -o UserKnownHostsFile={self.folder / 'known'} -o GlobalKnownHostsFile=/dev/null"
        done = timepolicy("doctor", "--ssh", f"{need('ssh')} -F none {options}", *arguments, host)
        return done.returncode, done.stdout.decode()


@pytest.fixture
def ssh_server(tmp_path: Path) -> Iterator[SshServer]:
    need_root()
    sshd = need("sshd")
    for name in ("host", "user", "stranger"):
        subprocess.run([need("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    (tmp_path / "authorized").write_bytes((tmp_path / "user.pub").read_bytes())
    (tmp_path / "passwd").write_text(PASSWD)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    key = (tmp_path / "host.pub").read_text().rsplit(" ", 1)[0]
    (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {key}\n")
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", SERVE, "sh"]
    environment = {**os.environ, "LD_LIBRARY_PATH": str(LIBWRAP)}
    arguments = [str(tmp_path), str(tmp_path / "passwd"), str(port), sshd]
    server = subprocess.Popen([*command, *arguments], env=environment, stderr=subprocess.DEVNULL)
    until(lambda: _is_open(port))
    yield SshServer(tmp_path, port)
    server.kill()
    server.wait()


def _is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def test_a_node_is_reached_by_the_real_ssh(ssh_server: SshServer) -> None:
    status, output = ssh_server.doctor("--format", "json")
    (node,) = json.loads(output)["nodes"]
    assert node["host"] == "root@127.0.0.1"
    assert node["offset_through_ssh"][0] == pytest.approx(0, abs=0.1)
    assert status == (1 if node["diagnoses"] else 0)


@pytest.mark.parametrize(
    ("known", "key", "reason"),
    [
        pytest.param("", "user", "its host key is unknown or has changed", id="unknown host key"),
        pytest.param("stranger.pub", "user", "its host key is unknown or has changed", id="changed host key"),
        pytest.param("host.pub", "stranger", "ssh could not log in: no key was accepted", id="key not accepted"),
    ],
)
def test_why_ssh_does_not_get_in(known: str, key: str, reason: str, ssh_server: SshServer) -> None:
    text = (ssh_server.folder / known).read_text().rsplit(" ", 1)[0] if known else ""
    (ssh_server.folder / "known").write_text(f"[127.0.0.1]:{ssh_server.port} {text}\n" if known else "")
    status, output = ssh_server.doctor(key=key)
    assert status == 3
    assert output.startswith(f"root@127.0.0.1: not examined: {reason}")


def test_a_port_where_nothing_listens(ssh_server: SshServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        ssh_server.port = int(free.getsockname()[1])
    assert ssh_server.doctor() == (3, "root@127.0.0.1: not examined: nothing listens on its ssh port\n")


def test_a_host_that_hangs(ssh_server: SshServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ssh_server.port = int(silent.getsockname()[1])
        begun = time.monotonic()
        status, output = ssh_server.doctor("--timeout", "4")
    assert (status, output) == (3, "root@127.0.0.1: not examined: it does not answer on its ssh port\n")
    assert time.monotonic() - begun < 10
