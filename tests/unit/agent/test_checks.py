"""What `verify` says of a simulated node that is right, and of one with a fault."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.world.programs import unit
from tests.world.readings import checks, happened
from tests.world.scenario import booted, world_of


def verified(root: Path, kind: str = "client", **row: Any) -> dict[str, dict[str, str]]:
    """The checks of a node after its gate has opened and it was verified again."""
    world = booted(root, kind, **row)
    world.run(kind, "verify", seconds=60)
    return checks(world)


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
