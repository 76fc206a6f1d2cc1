"""`timepolicy-node doctor`, `--fix`, and the doctor without root, on nodes in namespaces."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.boot.lab.ntp_server import Behaviour
from tests.helpers.cases import plan_of
from tests.helpers.command_line import timepolicy
from tests.helpers.doctor import CLIENT_CONF, POLICY, SERVER, SERVER_CONF, Cluster, ntp_server, write_program
from tests.helpers.nodes import Node, until

WITHOUT_RTCSYNC = CLIENT_CONF.replace("rtcsync\n", "")

KERNEL_FLAG = """#!/bin/sh
case "$*" in
  *NTPSynchronized*) if grep -q rtcsync /etc/chrony/chrony.conf; then echo yes; else echo no; fi ;;
  *) exit 1 ;;
esac
"""
"""Stands for timedatectl, which needs systemd, and for the kernel's flag, which chronyd -x does not clear."""

BROKEN_SYSTEMCTL = """#!/bin/sh
case "$*" in
  show*) printf 'Id=chrony.service\\nLoadState=loaded\\nActiveState=active\\nUnitFileState=enabled\\n' ;;
  *) echo "Failed to restart chrony.service: Access denied"; exit 1 ;;
esac
"""


def synchronized_without_rtcsync(node: Node, cluster: Cluster) -> None:
    cluster.start(node, WITHOUT_RTCSYNC)
    write_program(node, "timedatectl", KERNEL_FLAG)
    until(lambda: node.tracking()[2] == "Normal")


def fixed(cluster: Cluster, *hosts: str) -> tuple[int, list[str]]:
    """The exit status and the output of --fix."""
    done = timepolicy("doctor", "--ssh", str(cluster.folder / "ssh"), "--fix", *hosts)
    assert done.stderr == b""
    return done.returncode, done.stdout.decode().splitlines()


@contextmanager
def program_named(node: Node, name: str) -> Iterator[None]:
    """A process of that name on the node."""
    path = node.root / "local/bin" / name
    path.write_bytes(Path("/bin/sleep").read_bytes())
    path.chmod(0o755)
    process = subprocess.Popen(node.command_line(name, "60"))
    try:
        until(lambda: Path(f"/proc/{process.pid}/comm").read_text() == f"{name}\n")
        yield
    finally:
        process.kill()
        process.wait()


def test_the_doctor_on_the_node_has_its_own_usage_and_leaves_other_commands_alone(cluster: Cluster) -> None:
    wrong = cluster.client.agent("doctor", "--all")
    assert (wrong.returncode, wrong.stdout.partition("\n")[0]) == (2, "usage: timepolicy-node doctor [--fix]")
    assert cluster.client.agent("status").returncode == 3


def test_a_right_node_says_so_itself(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    until(lambda: cluster.client.tracking()[2] == "Normal")
    done = cluster.client.agent("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("localhost: right: ")
    assert done.stdout.endswith(" ms off 1 source (chronyd)\n")


def test_a_missing_rtcsync_is_found_and_fixed(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    synchronized_without_rtcsync(cluster.client, cluster)
    found = cluster.diagnoses()
    assert set(found) == {"no-rtcsync", "unsynchronized"}
    assert found["unsynchronized"]["fix"] == ""
    status, lines = fixed(cluster, "client")
    assert lines[-2] == f"client: fixing no-rtcsync: {found['no-rtcsync']['fix']}"
    assert (status, lines[-1]) == (0, "client: fixed")
    assert cluster.client.file("etc/chrony/chrony.conf") == WITHOUT_RTCSYNC + "rtcsync\n"
    assert cluster.client.file("etc/chrony/chrony.conf.before-doctor") == WITHOUT_RTCSYNC
    assert cluster.client.file("calls") == "restart chrony.service\n"
    assert cluster.diagnoses() == {}


def test_the_node_fixes_itself(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    synchronized_without_rtcsync(cluster.client, cluster)
    done = cluster.client.agent("doctor", "--fix")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "localhost: fixed")
    assert cluster.client.file("etc/chrony/chrony.conf").endswith("rtcsync\n")


def test_nothing_more_is_fixed_after_a_failure(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    for node in (cluster.client, cluster.third):
        synchronized_without_rtcsync(node, cluster)
    write_program(cluster.client, "systemctl", BROKEN_SYSTEMCTL)
    status, lines = fixed(cluster, "client", "third")
    assert (status, lines[-1].partition(": ")[2].partition(": ")[0]) == (1, "this failed, and nothing more is fixed")
    assert lines[-1].endswith("Failed to restart chrony.service: Access denied")
    assert cluster.third.file("etc/chrony/chrony.conf") == WITHOUT_RTCSYNC


def test_a_clock_that_would_be_stepped_is_not_fixed(cluster: Cluster) -> None:
    cluster.start(cluster.client, CLIENT_CONF.replace("makestep 1 3\n", ""))
    with ntp_server(cluster.server, Behaviour(offset_s=60.0)):
        until(lambda: cluster.client.tracking()[2] == "Normal")
        status, lines = fixed(cluster, "client")
    assert "[slewing]" in lines[0]
    assert (status, lines[-1]) == (0, "client: nothing that is safe to fix")


def test_a_stopped_daemon_is_started_only_on_a_right_clock(cluster: Cluster) -> None:
    (cluster.client.root / "etc/chrony/chrony.conf").write_text(CLIENT_CONF)
    for offset, fix in ((0.0, "systemctl enable --now chrony.service"), (60.0, "")):
        with ntp_server(cluster.server, Behaviour(offset_s=offset)):
            assert cluster.diagnoses()["no-daemon"]["fix"] == fix


def test_without_root_the_doctor_says_what_it_cannot_see(cluster: Cluster) -> None:
    """As on a node with `clients: {listen: none}`."""
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF + "port 0\ncmdport 0\n")
    until(lambda: cluster.client.tracking()[2] == "Normal")
    (node,) = cluster.doctor("client-as-user")["nodes"]
    assert node["diagnoses"] == []
    assert node["offset"] == pytest.approx(0, abs=0.1)
    assert node["hidden"] == (
        "not examined as root: firewall rules, logs and certificates may be hidden; "
        "chronyd answers root only (its command port is closed), so that its state is not known"
    )
    (root,) = cluster.doctor("client")["nodes"]
    assert (root["hidden"], root["diagnoses"]) == ("", [])


def test_without_root_no_state_of_chronyd_is_made_up(cluster: Cluster) -> None:
    cluster.start(cluster.client, CLIENT_CONF.replace("makestep 1 3\n", "") + "port 0\ncmdport 0\n")
    with ntp_server(cluster.server, Behaviour(offset_s=60.0)):
        until(lambda: cluster.client.tracking()[2] == "Normal")
        (node,) = cluster.doctor("client-as-user")["nodes"]
    (found,) = node["diagnoses"]
    assert found["id"] == "clock-wrong"
    assert found["cause"].endswith(" s off the sources, and chronyd does not say what it does about it")


def test_without_root_nothing_is_fixed(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    synchronized_without_rtcsync(cluster.client, cluster)
    status, lines = fixed(cluster, "client-as-user")
    assert (status, lines[-1]) == (1, "client-as-user: not fixed: only root can; with ssh, see --sudo")
    assert cluster.client.file("etc/chrony/chrony.conf") == WITHOUT_RTCSYNC


# Faults around the daemon


ENTER_AS_ANOTHER_USER = """
for folder in usr dev proc; do mount --rbind "/$folder" "$1/$folder"; done
exec chroot "$1" /lib/systemd/systemd-timesyncd
"""
"""In a user namespace of its own, where a daemon that has CAP_SYS_TIME cannot set this machine's clock."""


def test_timesyncd_that_waits_for_networkd(cluster: Cluster) -> None:
    """The real systemd-timesyncd, which reads this file of networkd and sends nothing."""
    client = cluster.client
    with (client.root / "etc/passwd").open("a") as accounts:
        accounts.write("systemd-timesync:x:0:0::/:/usr/sbin/nologin\n")
    (client.root / "etc/systemd").mkdir()
    (client.root / "etc/systemd/timesyncd.conf").write_text(f"[Time]\nNTP={SERVER}\n")
    (client.root / "run/systemd/netif").mkdir(parents=True)
    (client.root / "run/systemd/netif/state").write_text("OPER_STATE=no-carrier\nCARRIER_STATE=no-carrier\n")
    own = [
        "ip",
        "netns",
        "exec",
        client.name,
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "--kill-child",
        "--fork",
    ]
    daemon = subprocess.Popen([*own, "sh", "-euc", ENTER_AS_ANOTHER_USER, "sh", str(client.root)])
    try:
        with ntp_server(cluster.server, Behaviour()):
            until(lambda: "systemd-timesyn" in client.run("sh", "-c", "cat /proc/[0-9]*/comm").stdout)
            time.sleep(2)
            found = cluster.diagnoses()
    finally:
        daemon.kill()
        daemon.wait()
    assert "cannot-set-clock" not in found
    assert found["timesyncd-waits-for-networkd"]["evidence"] == "/run/systemd/netif/state: OPER_STATE=no-carrier"


def test_tools_of_a_hypervisor_that_set_the_clock_are_switched_off(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    write_program(
        cluster.client,
        "vmware-toolbox-cmd",
        "#!/bin/sh\ncase $2 in disable) touch /off ;; *) [ -e /off ] && echo Disabled || echo Enabled ;; esac\n",
    )
    with program_named(cluster.client, "vmtoolsd"):
        assert set(cluster.diagnoses()) == {"hypervisor-tools"}
        status, lines = fixed(cluster, "client")
        assert (status, lines[-2:]) == (
            0,
            ["client: fixing hypervisor-tools: vmware-toolbox-cmd timesync disable", "client: fixed"],
        )
        assert cluster.diagnoses() == {}


def test_what_a_security_module_denies(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    line = (
        'type=AVC msg=audit(1795700000.123:42): avc:  denied  { read } for  pid=612 comm="chronyd" name="chrony.keys" '
        "scontext=system_u:system_r:chronyd_t:s0 tcontext=system_u:object_r:var_lib_t:s0 tclass=file"
    )
    log = cluster.client.root / "var/log/audit/audit.log"
    log.parent.mkdir(parents=True)
    log.write_text(f"type=SERVICE_START msg=audit(1): unit=chronyd\n{line}\n")
    assert cluster.diagnoses()["denied"]["evidence"] == line
    refused = "type=FANOTIFY msg=audit(1795700001.1:43): resp=2 path=/usr/local/sbin/timepolicy-node"
    log.write_text(refused + "\n")
    assert cluster.diagnoses()["denied"]["evidence"] == refused


def test_what_kubelet_complains_about(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    line = "kubelet[812]: E1127 x509: certificate has expired or is not yet valid: current time is before 2026-11-27"
    write_program(cluster.client, "journalctl", f"#!/bin/sh\ncase \"$*\" in *kubelet*) echo '{line}' ;; esac\n")
    found = cluster.diagnoses()
    assert (set(found), found["kubelet-complains"]["evidence"]) == ({"kubelet-complains"}, line)


def test_the_agents_own_verification(cluster: Cluster) -> None:
    cluster.client.install(plan_of(POLICY))
    assert cluster.client.agent("verify").returncode == 1
    assert cluster.diagnoses()["verification-failed"]["evidence"].startswith("fail")


# Clocks


def test_hardware_clocks(cluster: Cluster) -> None:
    cluster.start(cluster.server, SERVER_CONF)
    cluster.start(cluster.client, CLIENT_CONF)
    (cluster.client.root / "etc/adjtime").write_text("0.0 0 0.0\n0\nLOCAL\n")
    reading = cluster.client.root / "sys/class/rtc/rtc0/since_epoch"
    reading.parent.mkdir(parents=True)
    reading.write_text(f"{int(time.time())}\n")
    found = cluster.diagnoses()
    assert set(found) == {"hardware-clock-in-local-time", "hardware-clock-frozen"}
    assert found["hardware-clock-in-local-time"]["fix"] == "timedatectl set-local-rtc 0"
    (cluster.client.root / "etc/adjtime").unlink()
    stop = threading.Event()

    def tick() -> None:
        while not stop.wait(0.2):
            reading.with_name("next").write_text(f"{int(time.time()) - 3600}\n")
            reading.with_name("next").rename(reading)

    clock = threading.Thread(target=tick)
    clock.start()
    try:
        until(lambda: int(reading.read_text()) < time.time() - 3000)
        found = cluster.diagnoses()
    finally:
        stop.set()
        clock.join()
    assert set(found) == {"hardware-clock-wrong"}
    assert found["hardware-clock-wrong"]["fix"] == "hwclock --systohc --utc"


def test_one_node_with_another_timezone(cluster: Cluster) -> None:
    zone = cluster.third.root / "etc/localtime"
    zone.unlink()
    zone.symlink_to("../usr/share/zoneinfo/America/New_York")
    found = cluster.diagnoses("third", "client", "server")["other-timezone"]
    assert found["cause"] == "the timezone is America/New_York, on most of the nodes it is Asia/Shanghai"
    assert "other-timezone" not in cluster.diagnoses("client", "third", "server")


def test_a_clock_that_is_off_those_of_the_other_nodes(cluster: Cluster) -> None:
    """Namespaces share the clock, so that a program between says another time."""
    write_program(cluster.third, "date", '#!/bin/sh\nexec /usr/bin/date -d "3 seconds" "$@"\n')
    found = cluster.diagnoses("third", "client", "server")["off-the-median"]
    assert found["cause"].startswith(("the clock is +3.0", "the clock is +2.9"))
    assert "off-the-median" not in cluster.diagnoses("client", "third", "server")
    done = timepolicy("doctor", "--ssh", str(cluster.folder / "ssh"), "--before-install", "third", "client", "server")
    assert done.returncode == 1
    assert done.stdout.decode().splitlines()[1].split()[0] == "third"
