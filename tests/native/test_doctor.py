"""`timepolicy doctor` on nodes in namespaces: real daemons, real firewalls, a fault each, and none on a right node."""

import base64
import json
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.boot.lab.ntp_server import Behaviour
from tests.helpers.certificates import LATER, NOW, issue, make_authority
from tests.helpers.command_line import timepolicy
from tests.helpers.doctor import CLIENT_CONF, SERVER, SERVER_CONF, Cluster, ntp_server
from tests.helpers.nodes import WITHOUT_CLOCK, until


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
    found = cluster.diagnoses("client")  # asked once: the kernel sends few such refusals
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
