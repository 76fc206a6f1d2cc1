"""What the agent does on a simulated node where no unauthenticated packet may move the clock."""

from pathlib import Path
from typing import Any

import pytest

from tests.world.readings import checks, happened
from tests.world.scenario import world_of
from tests.world.world import World
from timepolicy.agent.authentic import untrusted

SOURCES = [{"host": "10.0.0.1"}, {"host": "10.0.0.2"}]
ROW = ["^", "*", "10.0.0.1", "2", "6", "377", "0", "0", "0", "0"]


def booted(root: Path, *, authdata: str = "", seconds: float = 100, **row: Any) -> World:
    world = world_of({"sources": SOURCES, **row}, root)
    world.programs.authdata = authdata or world.programs.authdata
    world.run("authentic_client", "apply", seconds=200)
    world.run("authentic_client", "gate", seconds=seconds)
    return world


@pytest.mark.parametrize(
    ("row", "key", "problem"),
    [
        (ROW, "NTS,1,15,256,10,0,0,8,100", None),
        (ROW, "SK,5,1,128,-,0,0,0,0", None),
        (ROW, "SK,5,1,0,-,0,0,0,0", "key 5 is not in chronyd's key file"),
        (ROW, "-,0,0,0,-,0,0,0,0", "polled without authentication"),
        ([*ROW[:1], "x", *ROW[2:]], "NTS,1,15,256,10,0,0,8,100", "disagrees with the others"),
        ([*ROW[:1], "~", *ROW[2:]], "NTS,1,15,256,10,0,0,8,100", "too variable"),
        ([*ROW[:5], "0", *ROW[6:]], "NTS,1,15,256,10,3,0,0,100", "no NTS key exchange yet (attempts: 3)"),
        ([*ROW[:5], "0", *ROW[6:]], "NTS,1,15,256,10,0,0,8,100", "no authenticated answer"),
        ([*ROW[:5], "0", *ROW[6:]], "NTS,1,15,256,10,0,1,8,100", "no authenticated answer (refused its cookie)"),
        ([*ROW[:5], "0", *ROW[6:]], "SK,5,1,128,-,0,0,0,0", "no authenticated answer"),
    ],
)
def test_who_has_a_vote(row: list[str], key: str, problem: str | None) -> None:
    assert untrusted(row, ["10.0.0.1", *key.split(",")]) == problem


def test_it_sends_no_packet_and_chronyd_steps_the_clock(tmp_path: Path) -> None:
    world = booted(tmp_path, clock=-3600)
    assert world.run("authentic_client", "early") == 1
    assert world.asked == []
    assert [what for what in happened(world) if "stepped" in what] == ["chrony stepped +3600.0"]
    assert "ready" in happened(world)


def test_what_started_before_chronyd_stepped_the_clock_is_restarted(tmp_path: Path) -> None:
    world = world_of({"sources": SOURCES, "clock": -3600}, tmp_path)
    world.units["kubelet.service"]["ActiveState"] = "active"
    world.run("authentic_client", "apply", seconds=200)
    assert "systemctl try-restart kubelet.service" not in happened(world)
    world.run("authentic_client", "gate", seconds=100)
    assert happened(world).index("chrony stepped +3600.0") < happened(world).index(
        "systemctl try-restart kubelet.service"
    )


def test_what_started_with_a_right_clock_is_not_restarted(tmp_path: Path) -> None:
    world = world_of({"sources": SOURCES}, tmp_path)
    world.units["kubelet.service"]["ActiveState"] = "active"
    world.run("authentic_client", "apply", seconds=200)
    world.run("authentic_client", "gate", seconds=100)
    assert "ready" in happened(world)
    assert "systemctl try-restart kubelet.service" not in happened(world)


@pytest.mark.parametrize("authdata", ["-,0,0,0,-,0,0,0,0", "SK,5,1,0,-,0,0,0,0"])
def test_the_gate_stays_shut_without_authentication(authdata: str, tmp_path: Path) -> None:
    world = booted(tmp_path, authdata=authdata)
    assert "ready" not in happened(world)


def test_a_rival_is_stopped_before_chrony_is_installed(tmp_path: Path) -> None:
    world = world_of({"sources": SOURCES, "has": "systemd-timesyncd"}, tmp_path)
    world.units["systemd-timesyncd.service"]["ActiveState"] = "active"
    world.run("authentic_client", "apply", seconds=200)
    assert "systemctl stop systemd-timesyncd.service" in happened(world)


def test_a_chronyd_without_answers_is_made_to_ask_again(tmp_path: Path) -> None:
    world = booted(tmp_path, offline=True, authdata="NTS,1,15,0,-,3,0,0,0", seconds=300)
    asked = [when for when, what in world.events if what in ("chronyc burst 3/6", "chrony stopped")]
    assert 2 <= len(asked) <= 5
    assert asked[0] >= 20


def test_after_the_gate_never_steps_without_a_witness(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.daemon_hears_nothing = True
    world.offset -= 0.5
    world.run("authentic_client", "gate", seconds=600)
    assert [what for what in happened(world) if "stepped" in what] == []


def test_the_check_of_authentication(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.run("authentic_client", "verify", seconds=60)
    assert checks(world)["authentication"]["verdict"] == "pass"
    assert checks(world)["authentication"]["seen"] == "10.0.0.1 NTS; 10.0.0.2 NTS"
    world.programs.authdata = "SK,5,1,128,-,0,0,0,0"
    world.run("authentic_client", "verify", seconds=60)
    assert checks(world)["authentication"]["seen"] == "10.0.0.1 SK; 10.0.0.2 SK"
    assert checks(world)["authentication"]["verdict"] == "pass"
    world.programs.authdata = "-,0,0,0,-,0,0,0,0"
    world.run("authentic_client", "verify", seconds=60)
    row = checks(world)["authentication"]
    assert (row["verdict"], row["hint"]) == ("fail", "polled without authentication: 10.0.0.1 10.0.0.2")
