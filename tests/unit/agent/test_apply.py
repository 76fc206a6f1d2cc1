"""What `apply` does to a simulated node: files, the time daemon and its rivals, the timezone."""

import os
from pathlib import Path

import pytest

from tests.world.programs import unit
from tests.world.readings import happened, log
from tests.world.scenario import TIMESYNCD, world_of


def test_rivals_are_stopped_and_masked_and_an_alias_of_ours_is_not(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.units["ntpsec.service"] = unit(active=True)
    world.units["chronyd.service"] = {**unit(active=True), "Id": "chrony.service"}
    world.run("client", "apply")
    assert "systemctl stop ntpsec.service" in happened(world)
    assert os.readlink(world.path("/etc/systemd/system/ntpsec.service")) == "/dev/null"
    assert "made  /etc/systemd/system/ntpsec.service" in world.read("/etc/timepolicy/files")
    assert "systemctl stop chronyd.service" not in happened(world)
    assert not os.path.lexists(world.path("/etc/systemd/system/chronyd.service"))


def test_our_daemon_is_unmasked_enabled_and_restarted_with_a_new_policy(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.units["chrony.service"] = unit(active=True, enabled="disabled")
    world.daemons["chrony.service"].runs = True
    mask = world.path("/etc/systemd/system/chrony.service")
    os.makedirs(os.path.dirname(mask))
    os.symlink("/dev/null", mask)
    world.run("client", "apply")
    order = [what for what in happened(world) if "chrony" in what or what == "sync"]
    assert not os.path.lexists(mask)
    assert order[:4] == ["systemctl enable chrony.service", "systemctl stop chrony.service", "chrony stopped", "sync"]
    assert order[4:] == ["systemctl start chrony.service", "chrony started"]


def test_a_policy_that_was_applied_before_restarts_nothing(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.run("client", "apply")
    before = len(world.events)
    world.run("client", "apply")
    assert [what for what in happened(world)[before:] if "stop" in what or what == "sync"] == []
    assert world.read("/etc/timepolicy/files.applied") == "0123456789abcdef\n"


def test_the_timezone_is_set(tmp_path: Path) -> None:
    world = world_of({"contract": {"timezone": "Asia/Shanghai"}}, tmp_path)
    world.create("/usr/share/zoneinfo/Asia/Shanghai", "TZif2 shanghai")
    world.create("/etc/timezone", "Etc/UTC\n")
    world.run("client", "apply")
    assert os.readlink(world.path("/etc/localtime")) == "../usr/share/zoneinfo/Asia/Shanghai"
    assert world.read("/etc/timezone") == "Asia/Shanghai\n"


def test_a_timezone_that_the_node_lacks_is_said(tmp_path: Path) -> None:
    world = world_of({"contract": {"timezone": "Asia/Shanghai"}}, tmp_path)
    world.run("client", "apply")
    assert "timezone not set: no /usr/share/zoneinfo/Asia/Shanghai, install tzdata" in log(world)
    assert not os.path.lexists(world.path("/etc/timezone"))


@pytest.mark.parametrize(
    ("file", "route", "seconds"),
    [
        ("/proc/net/route", "eth0\t00000000\n", 30),
        ("/proc/net/ipv6_route", "fd000000 40 00 eth0\n", 30),
        ("/proc/net/ipv6_route", "fe800000 40 00 eth0\n", 120),
        ("/proc/net/ipv6_route", "ff000000 08 00 eth0\n", 120),
        ("/proc/net/ipv6_route", "00000000 00 00 lo\n", 120),
    ],
)
def test_nobody_is_asked_before_there_is_a_route(file: str, route: str, seconds: int, tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.create("/proc/net/route", "Iface\tDestination\n")
    world.plans = [(30, lambda: world.create(file, route))]
    world.run("client", "apply", seconds=200)
    assert seconds <= world.asked[0][0] < seconds + 1


def test_units_that_started_with_a_wrong_clock_are_restarted(tmp_path: Path) -> None:
    world = world_of({"clock": -3600}, tmp_path)
    world.units["kubelet.service"] = unit(active=True)
    world.run("client", "apply")
    assert "systemctl try-restart kubelet.service" in happened(world)
    assert "it started while the clock was wrong" in log(world)


def test_units_that_started_with_a_right_clock_are_not(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.units["kubelet.service"] = unit(active=True)
    world.run("client", "apply")
    assert "systemctl try-restart kubelet.service" not in happened(world)
    assert happened(world)[-1] == "systemctl restart timepolicy-gate.service"


def test_a_drift_file_that_is_not_to_be_believed_is_removed(tmp_path: Path) -> None:
    for skew, is_kept in (("999.0", True), ("1001.0", False)):
        world = world_of({}, tmp_path / skew)
        world.units["chrony.service"] = unit(active=True)
        world.daemons["chrony.service"].runs = True
        world.create("/var/lib/chrony/drift", f"-12.5 {skew}\n")
        world.run("client", "apply")
        assert bool(world.read("/var/lib/chrony/drift")) == is_kept


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("/etc/sysconfig/network", "NETWORKING=yes\nPEERNTP=yes\n", "NETWORKING=yes\nPEERNTP=no\n"),
        ("/etc/sysconfig/network/config", 'NETCONFIG_NTP_POLICY="auto"\n', 'NETCONFIG_NTP_POLICY=""\n'),
    ],
)
def test_the_servers_of_dhcp_are_kept_out_of_chrony(path: str, before: str, after: str, tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.create(path, before)
    world.run("client", "apply")
    assert world.read(path) == after
    assert world.read(f"{path}.before-timepolicy") == before
    world.run("client", "apply")
    assert world.read(f"{path}.before-timepolicy") == before


def test_the_servers_of_dhcp_are_used_where_the_policy_says_so(tmp_path: Path) -> None:
    daemon = {"name": "chrony", "unit": "chrony.service", "drift_file": "/d", "install": "false", "dhcp_sources": True}
    world = world_of({"contract": {"daemons": [daemon]}}, tmp_path)
    world.create("/etc/sysconfig/network", "PEERNTP=yes\n")
    world.run("client", "apply")
    assert world.read("/etc/sysconfig/network") == "PEERNTP=yes\n"


def test_networkd_drops_the_servers_of_dhcp_for_timesyncd(tmp_path: Path) -> None:
    world = world_of({"has": "systemd-timesyncd", "contract": {"daemons": [TIMESYNCD]}}, tmp_path)
    world.create("/run/systemd/netif/links/2", "NTP=192.0.2.9\nNETWORK_FILE=/run/systemd/network/10-eth0.network\n")
    world.create("/run/systemd/netif/links/3", "NTP=\nNETWORK_FILE=/run/systemd/network/10-eth1.network\n")
    world.run("client", "gate", seconds=60)
    drop_ins = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("etc/systemd/network/**/*.conf"))
    assert drop_ins == ["etc/systemd/network/10-eth0.network.d/timepolicy.conf"]
    assert world.read("/" + drop_ins[0]) == "[DHCPv4]\nUseNTP=no\n[DHCPv6]\nUseNTP=no\n"
    assert "networkctl reload" in happened(world)


def test_files_of_an_earlier_policy_are_removed_and_what_was_there_before_them_is_put_back(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.create("/etc/old.conf", "ours")
    world.create("/etc/replaced.conf", "ours")
    world.create("/etc/replaced.conf.before-timepolicy", "theirs")
    world.create("/etc/timepolicy/files.old", "0  /etc/old.conf\n0  /etc/replaced.conf\n")
    world.run("client", "apply")
    assert not os.path.exists(world.path("/etc/old.conf"))
    assert world.read("/etc/replaced.conf") == "theirs"
    assert "systemctl daemon-reload" in happened(world)
    assert not os.path.exists(world.path("/etc/timepolicy/files.old"))


# The choice between daemons


@pytest.mark.parametrize(
    ("chrony", "timesyncd", "chosen"),
    [
        (unit(active=True), unit(), "chrony"),
        (unit(enabled="disabled"), unit(), "systemd-timesyncd"),
        (unit(), None, "chrony"),
        (None, unit(enabled="disabled"), "systemd-timesyncd"),
        (unit(), unit(active=True), "systemd-timesyncd"),
        (unit(), unit(), "systemd-timesyncd"),
    ],
    ids=["that runs", "that is enabled", "that is installed", "that is installed: timesyncd", "runs", "the first"],
)
def test_the_node_uses_the_daemon(
    chrony: dict[str, str] | None, timesyncd: dict[str, str] | None, chosen: str, tmp_path: Path
) -> None:
    candidates = [TIMESYNCD, {"name": "chrony", "unit": "chrony.service", "drift_file": "/d", "install": "false"}]
    world = world_of({"has": "none", "contract": {"daemons": candidates}}, tmp_path)
    for name, state in (("chrony.service", chrony), ("systemd-timesyncd.service", timesyncd)):
        if state:
            world.units[name] = dict(state)
    world.run("client", "apply")
    started = [what for what in happened(world) if what.startswith("systemctl start ")]
    assert started == [f"systemctl start {chosen}.service"]


@pytest.mark.parametrize(
    ("chrony", "timesyncd", "chosen"),
    [
        ({**unit(enabled="masked"), "LoadState": "masked"}, unit(enabled="disabled"), "systemd-timesyncd"),
        ({**unit(enabled="masked"), "LoadState": "masked"}, None, "chrony"),
    ],
    ids=["that is not masked", "whose mask is not ours, before one that is missing"],
)
def test_the_node_prefers_the_daemon(
    chrony: dict[str, str], timesyncd: dict[str, str] | None, chosen: str, tmp_path: Path
) -> None:
    candidates = [TIMESYNCD, {"name": "chrony", "unit": "chrony.service", "drift_file": "/d", "install": "false"}]
    world = world_of({"has": "none", "contract": {"daemons": candidates}}, tmp_path)
    world.units["chrony.service"] = chrony
    if timesyncd:
        world.units["systemd-timesyncd.service"] = timesyncd
    world.run("client", "apply")
    assert [what for what in happened(world) if what.startswith("systemctl start ")] == [
        f"systemctl start {chosen}.service"
    ]


@pytest.mark.parametrize(
    "rival",
    ["systemd-timesyncd", "ntp", "ntpd", "ntpsec", "openntpd", "ntpd-rs", "timemaster", "phc2sys"],
)
def test_every_other_daemon_is_stopped(rival: str, tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.units[f"{rival}.service"] = unit(active=True)
    world.run("client", "apply")
    assert f"systemctl stop {rival}.service" in happened(world)
