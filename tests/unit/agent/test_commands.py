"""What each command of the agent does to a simulated node, and what it leaves alone."""

import json
import os
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.world.programs import unit
from tests.world.scenario import RECORD, STATE, TIMESYNCD, world_of
from tests.world.world import CONTRACT, World

REPORT = "/run/timepolicy/report.json"


def happened(world: World) -> list[str]:
    return [what for _, what in world.events]


def log(world: World) -> str:
    return "\n".join(line for _, line in world.lines)


def checks(world: World) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in json.loads(world.read(REPORT))["checks"]}


def verified(root: Path, kind: str = "client", **row: Any) -> dict[str, dict[str, str]]:
    """The checks of a node after its gate has opened and it was verified again."""
    world = booted(root, kind, **row)
    world.run(kind, "verify", seconds=60)
    return checks(world)


def booted(root: Path, kind: str = "client", **row: Any) -> World:
    world = world_of(row, root)
    world.run(kind, "apply", seconds=200)
    world.run(kind, "gate", seconds=60)
    return world


# apply


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


# The gate and the daemon


def test_a_waiting_gate_says_a_new_reason_at_once_and_an_old_one_once_a_minute(tmp_path: Path) -> None:
    silent = {f"10.0.0.{number}": {"silent": True} for number in range(1, 5)}
    unsynchronised = {address: {"silent": False, "leap": 3} for address in silent}
    row = {"servers": silent, "daemon_hears_nothing": True, "plan": [{"at": 40, "servers": unsynchronised}]}
    world = world_of(row, tmp_path)
    world.run("client", "apply", seconds=200)
    begun = world.now
    world.run("client", "gate", seconds=230)
    said = [(when, text) for when, text in world.lines if "waiting for the correct time" in text and when >= begun]
    old, new = ([when for when, text in said if word in text] for word in ("no answer", "unsynchronised"))
    assert len(old) == 1
    assert 40 <= new[0] < 50
    assert [round((later - when) / 10) for when, later in pairwise(new)] == [6] * 3


def test_a_waiting_gate_keeps_what_it_measured(tmp_path: Path) -> None:
    world = world_of({"clock": 5, "contract": {"step": {"when": "never", "threshold": 0.1}}}, tmp_path)
    world.daemon_hears_nothing = True
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=30)
    facts = json.loads(world.read(STATE))
    assert facts["offset"] == pytest.approx(-5, abs=0.1)
    assert "opened" not in facts


def test_steps_of_a_boot_add_up(tmp_path: Path) -> None:
    world = booted(tmp_path, plan=[{"at": 20, "set_clock": -500}, {"at": 150, "set_clock": -300}])
    world.run("client", "gate", seconds=200)
    assert json.loads(world.read(STATE))["stepped"] == pytest.approx(800, abs=0.5)


def test_a_chronyd_that_does_not_listen_yet_is_told_later_that_it_may_not_step(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.run("client", "apply", seconds=200)
    makestep, failures = world.programs._makestep, iter(range(8))

    def makestep_once_it_listens(limits: list[str]) -> str:
        return "" if next(failures, None) is not None else makestep(limits)

    world.programs._makestep = makestep_once_it_listens  # type: ignore[method-assign]
    world.run("client", "gate", seconds=6)
    assert world.daemons["chrony.service"].steps_left == 0


def test_a_node_that_may_not_set_its_clock_says_how_far_it_is_off(tmp_path: Path) -> None:
    world = world_of({"clock": -50, "may_set_clock": False}, tmp_path)
    world.run("client", "apply", seconds=200)
    assert "clock is -50.0" in log(world)


def test_after_a_step_the_sources_are_reset(tmp_path: Path) -> None:
    world = booted(tmp_path, plan=[{"at": 30, "set_clock": -500}])
    commands = [what for what in happened(world) if what.startswith("chronyc ")]
    assert commands == ["chronyc reset sources", "chronyc refresh", "chronyc online", "chronyc burst 3/6"]


def test_a_server_that_is_slow_to_answer_makes_the_daemon_ask_again(tmp_path: Path) -> None:
    world = world_of({"daemon_hears_nothing": True}, tmp_path)
    world.run("client", "apply")
    world.run("client", "gate", seconds=100)
    helped = [when for when, what in world.events if what in ("chronyc burst 3/6", "chrony stopped")]
    assert [round(second - first) for first, second in pairwise(helped)] == [10, 20, 40]
    assert "chronyc reset sources" not in happened(world)


def test_chronyd_may_not_step_from_the_moment_that_the_gate_opens(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.remove("/run/dbus/system_bus_socket")
    world.run("client", "apply")
    world.run("client", "gate", seconds=10)
    assert "ready" in happened(world)
    assert world.daemons["chrony.service"].steps_left == 0


def test_the_drift_of_the_hardware_clock_is_learned_at_a_boot(tmp_path: Path) -> None:
    """0.5 s in a day and the second of its resolution; the error is that of the record, which is kept hourly."""
    world = world_of(
        {"contract": {"gate": {"holdover": 5}}, "hardware": 0.5, "record": {"time": -86400, "error": 0}}, tmp_path
    )
    world.run("client", "apply")
    world.run("client", "gate", seconds=30)
    record = json.loads(world.read(RECORD))
    assert len(record["drifts"]) == 1
    assert 1 / 86400 <= record["drifts"][0] <= 2 / 86400


def test_with_holdover_the_hardware_clock_is_recorded_once_the_clock_is_right(tmp_path: Path) -> None:
    world = world_of({"contract": {"gate": {"holdover": 5}}, "hardware": 7}, tmp_path)
    world.run("client", "apply")
    world.run("client", "gate", seconds=30)
    assert 6 <= json.loads(world.read(RECORD))["error"] <= 7


def test_without_holdover_nothing_is_recorded(tmp_path: Path) -> None:
    world = booted(tmp_path)
    assert "ready" in happened(world)
    assert world.read(RECORD) == ""


# verify


def test_a_node_that_is_right_passes(tmp_path: Path) -> None:
    rows = verified(tmp_path)
    assert {name: row["verdict"] for name, row in rows.items()} == {
        "timezone": "pass",
        "gate": "pass",
        "daemon": "pass",
        "sources": "pass",
        "kernel-flag": "pass",
        "offset": "pass",
        "rtc": "pass",
        "files": "pass",
    }
    assert {row["hint"] for row in rows.values()} == {""}


@pytest.mark.parametrize("seconds", [-0.2, 0.2])
def test_a_clock_that_is_wrong_fails(seconds: float, tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.daemon_hears_nothing = True
    world.offset += seconds
    world.run("client", "verify")
    row = checks(world)["offset"]
    assert (row["verdict"], row["expected"], row["hint"]) == ("fail", "within 0.1 s", "the daemon corrects it")
    assert row["seen"].startswith(f"{seconds:+.2f}")


def test_sources_that_disagree_are_named_as_the_cause(tmp_path: Path) -> None:
    world = booted(tmp_path)
    for address, offset in (("10.0.0.1", 5), ("10.0.0.2", 5)):
        world.servers[address].offset = offset
    world.run("client", "verify")
    row = checks(world)["offset"]
    assert row["verdict"] == "fail"
    assert re.fullmatch(r"sources disagree: 10\.0\.0\.1 [+-]\d\.\d{3} s, .*", row["seen"])
    assert row["hint"] == "one of them is wrong: compare them with `chronyc -n sources`"


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"silent": True}, "open UDP 123 to the sources"),
        ({"leap": 3}, "these servers have no time themselves"),
        ({"kiss": "DENY"}, "these servers refuse this node"),
    ],
)
def test_the_cause_decides_the_hint(change: dict[str, Any], hint: str, tmp_path: Path) -> None:
    world = booted(tmp_path)
    for server in world.servers.values():
        for key, value in change.items():
            setattr(server, key, value)
    world.run("client", "verify", seconds=60)
    assert checks(world)["offset"]["hint"] == hint


def test_a_daemon_that_follows_nobody_fails(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.programs.selects = False
    world.run("client", "verify")
    row = checks(world)["sources"]
    assert row["verdict"] == "fail"
    assert row["hint"] == "the daemon has selected no source"
    assert row["seen"] == "uses 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4; follows none"


def test_a_daemon_that_lacks_a_source_which_answers_fails(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.programs.deleted = {"10.0.0.2"}
    world.run("client", "verify")
    row = checks(world)["sources"]
    assert (row["verdict"], row["hint"]) == ("fail", "restart the daemon")
    world.servers["10.0.0.2"].silent = True
    world.run("client", "verify", seconds=60)
    assert checks(world)["sources"]["verdict"] == "pass"


def test_two_names_of_one_address_are_one_source_of_the_daemon(tmp_path: Path) -> None:
    names = {"a.example.org": ["10.0.0.1"], "b.example.org": ["10.0.0.1"], "c.example.org": ["10.0.0.2"]}
    rows = verified(tmp_path, names=names, sources=[{"host": name} for name in names])
    assert rows["sources"]["seen"] == "uses a.example.org c.example.org; follows a.example.org"
    assert rows["sources"]["verdict"] == "pass"


def test_a_source_of_somebody_else_is_seen_after_chronyd_was_killed(tmp_path: Path) -> None:
    """A chronyd that has not read its configuration yet has no sources; that does not make chronyc an old one."""
    world = world_of({}, tmp_path)
    chronyd = world.daemons["chrony.service"]

    def kill() -> None:
        chronyd.stop()
        world.create("/run/chrony/chronyd.sock")

    world.plans += [(100, kill), (400, lambda: chronyd.foreign.append("198.51.100.7"))]
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=900)
    assert "deleted 198.51.100.7" in happened(world)


def test_a_source_of_somebody_else_fails(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.daemons["chrony.service"].foreign.append("198.51.100.7")
    world.run("client", "verify")
    assert checks(world)["sources"]["hint"] == "not in the policy: 198.51.100.7"


def test_two_daemons_fail(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.units["ntpd.service"] = unit(active=True)
    world.run("client", "verify")
    row = checks(world)["daemon"]
    assert (row["verdict"], row["seen"]) == ("fail", "chrony.service ntpd.service")


def test_the_kernels_flag_fails(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.is_synchronised = False
    world.run("client", "verify")
    assert checks(world)["kernel-flag"] == {
        "id": "kernel-flag",
        "verdict": "fail",
        "seen": "set",
        "expected": "clear",
        "hint": "STA_UNSYNC is set",
    }


def test_a_hardware_clock_in_local_time_fails(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.create("/etc/adjtime", "0.0 0 0.0\n0\nLOCAL\n")
    world.run("client", "verify")
    assert checks(world)["rtc"]["verdict"] == "fail"


@pytest.mark.parametrize(
    ("units", "found", "verdict", "hint"),
    [
        (["kubelet.service"], ["kubelet.service"], "pass", ""),
        (["kublet.service"], ["kubelet.service"], "fail", "this node has kubelet.service: add it to gate.units"),
        (["kubelet.service"], ["k3s.service"], "fail", "this node has k3s.service: add it to gate.units"),
        (["kubelet.service"], [], "fail", "write the names in gate.units"),
        ([], [], "pass", ""),
    ],
)
def test_a_gate_that_holds_nothing_fails(
    units: list[str], found: list[str], verdict: str, hint: str, tmp_path: Path
) -> None:
    world = world_of({"contract": {"gate": {"units": units}}}, tmp_path)
    del world.units["kubelet.service"]
    world.units.update({name: unit() for name in found})
    world.run("client", "verify")
    assert (checks(world)["gate"]["verdict"], checks(world)["gate"]["hint"]) == (verdict, hint)


def test_another_timezone_fails_and_another_name_of_the_same_does_not(tmp_path: Path) -> None:
    for content, verdict in (("TZif2 india", "pass"), ("TZif2", "fail")):
        world = world_of({"contract": {"timezone": "Asia/Calcutta"}}, tmp_path / verdict)
        world.create("/usr/share/zoneinfo/Asia/Calcutta", "TZif2 india")
        world.create("/etc/localtime", content)
        world.run("client", "verify")
        assert checks(world)["timezone"]["verdict"] == verdict


def test_a_changed_file_fails_and_is_named(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.create("/etc/chrony/chrony.conf", "something else\n")
    world.run("client", "verify")
    assert checks(world)["files"]["seen"] == "changed: /etc/chrony/chrony.conf"


# status


@pytest.mark.parametrize(
    ("age", "words", "status", "verdict"),
    [
        (100, [], 0, "pass"),
        (200, [], 1, "stale"),
        (200, ["--max-age", "300s"], 0, "pass"),
        (200, ["--max-age", "100"], 1, "stale"),
        (100, ["--short"], 0, "pass"),
    ],
)
def test_status(age: int, words: list[str], status: int, verdict: str, tmp_path: Path) -> None:
    world = booted(tmp_path)
    since = world.now - json.loads(world.read(REPORT))["boottime"]
    world.limit = 1e9
    world.advance(age - since)
    world.lines.clear()
    assert world.run("client", "status", *words) == status
    first, *others = log(world).splitlines()
    assert first.startswith(f"{verdict}: policy test on debian-12, client, {age} s ago")
    assert bool(others) == ("--short" not in words)


@pytest.mark.parametrize("words", [["--max-age", "3m"], ["--max-age"], ["--bogus"], ["--short", "all"]])
def test_status_with_wrong_options_prints_the_usage(words: list[str], tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.lines.clear()
    assert world.run("client", "status", *words) == 2
    assert "pass: policy test" not in log(world)


def test_the_unit_of_a_rival_that_an_administrator_wrote_comes_back(tmp_path: Path) -> None:
    """A file of /etc/systemd/system stands where the mask goes."""
    path = "/etc/systemd/system/ntpd.service"
    world = world_of({}, tmp_path)
    world.units["ntpd.service"] = unit(active=True)
    world.create(path, "[Service]\nExecStart=/opt/ntpd\n")
    world.run("client", "apply", seconds=200)
    assert world.read(path + ".before-timepolicy") == "[Service]\nExecStart=/opt/ntpd\n"
    world.run("client", "remove", seconds=60)
    assert world.read(path) == "[Service]\nExecStart=/opt/ntpd\n"


def test_status_without_a_report(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    assert world.run("client", "status") == 2
    assert log(world) == "there is no report yet"


def test_status_of_a_node_that_fails(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.is_synchronised = False
    assert world.run("client", "verify") == 1
    assert world.run("client", "status", "--short") == 1
    assert "fail kernel-flag: set (expected: clear) STA_UNSYNC is set" in log(world)


# wait


def test_a_unit_waits_for_the_gate_and_asks_nobody(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    assert world.run("client", "wait", "kubelet.service", seconds=100) is None
    assert world.asked == []
    assert "waiting for the correct time: timepolicy-gate.service has not measured the clock yet" in log(world)


def test_a_command_of_user_data_waits_for_the_proof(tmp_path: Path) -> None:
    world = world_of({"clock": -3600, "plan": [{"at": 50, "offline": False}], "offline": True}, tmp_path)
    world.run("client", "apply", seconds=30)
    assert world.run("client", "wait", seconds=500) == 0
    assert 50 <= world.now < 120
    assert abs(world.clock_error()) < 0.1


def test_a_command_of_user_data_goes_on_at_the_timeout(tmp_path: Path) -> None:
    gate = {"start": True, "timeout": 100.0}
    world = world_of({"offline": True, "contract": {"gate": gate}}, tmp_path)
    world.run("client", "apply", seconds=30)
    assert world.run("client", "wait", seconds=500) == 0
    assert 100 <= world.now < 112


def test_a_unit_starts_once_the_gate_is_open(tmp_path: Path) -> None:
    world = booted(tmp_path)
    asked = len(world.asked)
    assert world.run("client", "wait", "kubelet.service", seconds=5) == 0
    assert len(world.asked) == asked


def test_a_unit_does_not_start_after_the_clock_was_set(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.offset -= 100
    assert world.run("client", "wait", "kubelet.service", seconds=5) is None
    assert "waiting for the correct time: the clock is -100.000 s off" in log(world)


def test_a_unit_that_starts_after_a_long_outage_is_told_how_old_the_proof_is(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.limit, world.is_offline = 1e9, True
    world.advance(36000)
    world.is_synchronised = False
    assert world.run("client", "wait", "kubelet.service", seconds=5) == 0
    assert "no source has answered for 36" in log(world)


@pytest.mark.parametrize(("gate", "status"), [({"timeout": 60}, None), ({"timeout": 60, "start": True}, 0)])
def test_a_unit_whose_gate_does_not_run(gate: dict[str, Any], status: int | None, tmp_path: Path) -> None:
    world = world_of({"contract": {"gate": gate}}, tmp_path)
    assert world.run("client", "wait", "kubelet.service", seconds=100) == status
    assert status is None or 80 <= world.now < 82


# remove and seal


def test_remove_puts_back_what_was_there(tmp_path: Path) -> None:
    world = world_of({"contract": {"textfile_dir": "/metrics"}}, tmp_path)
    world.units["ntpsec.service"] = unit(active=True)
    world.create("/etc/chrony/chrony.conf.before-timepolicy", "theirs\n")
    world.run("client_metrics", "apply")
    world.create("/metrics/timepolicy.prom", "x")
    assert world.run("client_metrics", "remove") == 0
    assert world.read("/etc/chrony/chrony.conf") == "theirs\n"
    assert not os.path.lexists(world.path("/etc/systemd/system/ntpsec.service"))
    assert not os.path.exists(world.path("/etc/timepolicy/files"))
    assert world.read("/etc/timepolicy/files.applied") == "0123456789abcdef\nremoved\n"
    assert not os.path.exists(world.path("/metrics/timepolicy.prom"))
    assert not list(tmp_path.glob("etc/timepolicy/kept/*"))
    assert happened(world)[-3:] == [
        "systemctl daemon-reload",
        "systemctl try-restart chrony.service",
        "systemctl start ntpsec.service",
    ]


def test_a_unit_that_waits_starts_when_the_policy_is_removed(tmp_path: Path) -> None:
    world = world_of({"offline": True}, tmp_path)
    world.run("client", "apply", seconds=200)
    world.plans.append((world.now + 20, lambda: world.remove(CONTRACT)))
    assert world.run("client", "wait", "kubelet.service", seconds=7200) == 0


def test_a_proof_from_before_the_removal_does_not_open_the_gate(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.run("client", "remove", seconds=60)
    assert not os.path.exists(world.path(STATE))
    assert not os.path.exists(world.path("/run/timepolicy/began"))


def test_remove_disables_a_chronyd_that_has_no_configuration_of_its_own(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.run("client", "apply")
    assert world.run("client", "remove") == 0
    assert "systemctl disable chrony.service" in happened(world)
    assert not os.path.exists(world.path("/etc/chrony/chrony.conf"))


def test_seal_runs_the_script(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    assert world.run("client", "seal", "--check", "--keys") == 0
    assert happened(world) == ["sh /usr/local/sbin/timepolicy-seal --check --keys"]
