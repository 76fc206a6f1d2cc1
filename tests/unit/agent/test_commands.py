"""The commands `status`, `remove` and `seal` on a simulated node."""

import json
import os
from pathlib import Path

import pytest

from tests.world.programs import unit
from tests.world.readings import REPORT, happened, log
from tests.world.scenario import STATE, booted, world_of
from tests.world.world import CONTRACT


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
