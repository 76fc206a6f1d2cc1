"""What the gate of a simulated node does with the daemon, and how units wait for it."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.world.readings import facts, happened, log
from tests.world.scenario import RECORD, booted, world_of


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
    assert facts(world)["offset"] == pytest.approx(-5, abs=0.1)
    assert "opened" not in facts(world)


def test_steps_of_a_boot_add_up(tmp_path: Path) -> None:
    world = booted(tmp_path, plan=[{"at": 20, "set_clock": -500}, {"at": 150, "set_clock": -300}])
    world.run("client", "gate", seconds=200)
    assert facts(world)["stepped"] == pytest.approx(800, abs=0.5)


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
