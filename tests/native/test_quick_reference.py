"""The commands of docs/quick-reference.md say the same as ours on the same node, with the real programs."""

import os
import re
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.boot.lab.ntp_server import Behaviour
from tests.helpers.cases import ROOT, plan_of
from tests.helpers.doctor import POLICY, SERVER, SERVER_CONF, Cluster, ntp_server
from tests.helpers.nodes import TOLERANCE_S, until
from tests.helpers.programs import need

STA_UNSYNC = 0x40
"""The kernel's flag (adjtimex(2))."""

BUS = """<busconfig>
<type>system</type> <listen>unix:path=/run/dbus/system_bus_socket</listen> <auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/> <allow receive_sender="*"/> <allow own="*"/></policy>
</busconfig>"""
ASK_TIMEDATED = """
mkdir -p /run/dbus /run/systemd/system
dbus-daemon --config-file=/bus.conf --nofork --nopidfile &
bus=$!
while ! [ -S /run/dbus/system_bus_socket ]; do sleep 0.1; done
SYSTEMD_TIMEDATED_NTP_SERVICES=" " /lib/systemd/systemd-timedated &
timedated=$!
until timeout 5 timedatectl show; do sleep 0.2; done
kill $timedated $bus
"""
"""The real timedatectl and its daemon, on a bus of the node's own, where no systemd can be asked about services."""


@pytest.fixture
def client(cluster: Cluster) -> Cluster:
    """The client with an installed policy and a synchronized chronyd -x."""
    cluster.client.install(plan_of(POLICY))
    zone = cluster.client.root / "etc/localtime"
    zone.unlink()
    zone.symlink_to("/usr/share/zoneinfo/Etc/UTC")
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, cluster.client.file("etc/chrony/chrony.conf"))
    until(lambda: cluster.client.tracking()[2] == "Normal")
    return cluster


def report(cluster: Cluster) -> Any:
    """What `timepolicy-node verify` measures now, as data."""
    done = cluster.client.agent("verify")
    assert done.returncode in (0, 1), done.stderr
    return cluster.client.report()


def verdict(found: Any, name: str) -> str:
    return str(next(row["verdict"] for row in found["checks"] if row["id"] == name))


def answers(address: str) -> bool:
    with suppress(OSError):
        urllib.request.urlopen(f"http://{address}/").close()
        return True
    return False


@contextmanager
def ntp_server_instead(cluster: Cluster) -> Iterator[None]:
    """A server in place of chronyd whose clock is 7 s ahead."""
    cluster.server.stop_chronyd()
    with ntp_server(cluster.server, Behaviour(offset_s=7.0)):
        yield


def test_timedatectl(client: Cluster) -> None:
    need("dbus-daemon")
    (client.client.root / "bus.conf").write_text(BUS)
    done = client.client.run("timeout", "30", "sh", "-c", ASK_TIMEDATED)
    said = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    found = report(client)
    assert said["Timezone"] in {"UTC", "Etc/UTC"}, done.stderr
    assert verdict(found, "timezone") == "pass"
    assert (said["NTPSynchronized"] == "yes") == (verdict(found, "kernel-flag") == "pass")
    assert (said["LocalRTC"] == "no") == (verdict(found, "rtc") == "pass")


def test_chronyc_sources(client: Cluster) -> None:
    rows = [line.split(",") for line in client.client.run("chronyc", "-c", "sources").stdout.splitlines()]
    assert [(row[1], row[2]) for row in rows] == [("*", SERVER)]
    found = report(client)
    assert verdict(found, "sources") == "pass"
    assert [source["address"] for source in found["sources"]] == [SERVER]
    (node,) = client.doctor("client")["nodes"]
    assert [(source["address"], source["stratum"]) for source in node["sources"]] == [(SERVER, int(rows[0][3]))]


def test_chronyc_tracking(client: Cluster) -> None:
    row = client.client.run("chronyc", "-c", "tracking").stdout.strip().split(",")
    assert (row[1], row[13]) == (SERVER, "Normal")
    (node,) = client.doctor("client")["nodes"]
    assert node["offset"] == pytest.approx(float(row[4]), abs=0.05)
    assert verdict(report(client), "offset") == "pass"


def test_ntpdate(client: Cluster, tmp_path: Path) -> None:
    unpacked = Path(need("ntpdig")).resolve().parents[3] / "python3-ntp/usr/lib"  # where tests/run unpacks packages
    shutil.copytree(unpacked / "python3/dist-packages/ntp", tmp_path / "ntp")
    shutil.copy(unpacked / "x86_64-linux-gnu/ntp/libntpc.so", tmp_path / "ntp")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with ntp_server_instead(client):
        command = ["ip", "netns", "exec", client.client.name, need("ntpdate"), "-q", SERVER]
        asked = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
        (node,) = client.doctor("client")["nodes"]
        (source,) = report(client)["sources"]
    said = re.search(r"([+-]\d+\.\d+) \+/- \d+\.\d+ .*\bs(\d+)\b", asked.stdout)
    assert said, asked.stdout + asked.stderr
    assert float(said[1]) == pytest.approx(7, abs=TOLERANCE_S)
    assert -source["offset"] == pytest.approx(float(said[1]), abs=TOLERANCE_S)
    assert node["sources"][0]["stratum"] == int(said[2])


def test_adjtimex(client: Cluster) -> None:
    done = subprocess.run([need("adjtimex"), "--print"], capture_output=True, text=True, check=True)
    said = re.search(r"status: (\d+)", done.stdout)
    assert said
    assert (not int(said[1]) & STA_UNSYNC) == (verdict(report(client), "kernel-flag") == "pass")


def test_the_metric_of_node_exporter(client: Cluster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [need("prometheus-node-exporter"), f"--web.listen-address={address}", "--collector.disable-defaults"]
    process = subprocess.Popen([*command, "--collector.timex"], stderr=subprocess.DEVNULL)
    try:
        until(lambda: answers(address))
        with urllib.request.urlopen(f"http://{address}/metrics") as page:
            said = re.search(r"^node_timex_sync_status (\d)$", page.read().decode(), flags=re.MULTILINE)
    finally:
        process.kill()
        process.wait()
    assert said
    assert (said[1] == "1") == (verdict(report(client), "kernel-flag") == "pass")


def test_the_commands_that_set_something(client: Cluster) -> None:
    """set-timezone, set-ntp and a restart: the policy's zone, and the policy's daemon, started and alone."""
    (client.client.root / "etc/localtime").unlink()
    (client.client.root / "etc/localtime").symlink_to("../usr/share/zoneinfo/Asia/Shanghai")
    assert verdict(report(client), "timezone") == "fail"
    assert client.client.agent("apply").returncode == 0
    assert os.readlink(client.client.root / "etc/localtime") == "../usr/share/zoneinfo/UTC"
    calls = client.client.file("calls").splitlines()
    assert "--no-block start chrony.service" in calls
    assert verdict(report(client), "timezone") == "pass"


COMMANDS = {
    "timedatectl",
    "timedatectl set-timezone ZONE",
    "timedatectl set-ntp true",
    "systemctl restart systemd-timesyncd",
    "chronyc sources -v",
    "chronyc tracking",
    "ntpdate -q ADDRESS",
    "adjtimex --print",
    "curl localhost:9100/metrics",
}


def test_the_page_has_every_command() -> None:
    page = (ROOT / "docs/quick-reference.md").read_text()
    assert set(re.findall(r"^\| `([^`]+)` \|", page, flags=re.MULTILINE)) == COMMANDS
