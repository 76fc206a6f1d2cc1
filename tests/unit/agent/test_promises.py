"""Promises that the agent once broke: steps, liars, sources, and what it says about itself."""

import json
import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.world.readings import checks, facts, happened, log, steps
from tests.world.scenario import CONFIGURATION, booted, change, world_of
from tests.world.world import CONTRACT, World

NAMES = {f"ntp{number}.example.org": [f"10.0.0.{number}"] for number in range(1, 5)}
NAMED = [{"host": host} for host in NAMES]
SOCKET = "/run/chrony/chronyd.sock"
LATER = {f"10.0.0.{number}": {"offset": -3600} for number in range(1, 5)}


def by_address(world: World) -> None:
    """Without -N, chronyc -c prints addresses (format_name() in chrony's client.c)."""
    rows = "\n".join(f"^,{'*' if n == 1 else '-'},10.0.0.{n},2,6,377,0,0,0,0" for n in range(1, 5))
    world.programs.outputs["chronyc -c sources"] = rows
    for number in range(1, 5):
        world.programs.outputs[f"chronyc delete 10.0.0.{number}"] = "200 OK\n"


def test_sources_of_the_policy_are_not_deleted_from_chrony_3_5(tmp_path: Path) -> None:
    """ubuntu-20.04 has chrony 3.5, whose chronyc has no -N."""
    world = world_of({"names": NAMES, "sources": NAMED}, tmp_path)
    by_address(world)
    world.programs.outputs["chronyc -c -N sources"] = ""
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=300)
    assert "ready" in happened(world)
    assert "deleting sources that are not in the policy" not in log(world)


def test_sources_of_the_policy_are_not_deleted_after_chronyd_was_killed(tmp_path: Path) -> None:
    """A chronyd that was killed leaves its socket behind. The agent takes the failing chronyc for an old one."""
    world = world_of({"names": NAMES, "sources": NAMED}, tmp_path)
    by_address(world)
    chronyd = world.daemons["chrony.service"]

    def kill() -> None:
        chronyd.stop()
        world.create(SOCKET)

    world.plans.append((100, kill))
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=400)
    assert "ready" in happened(world)
    assert "deleting sources that are not in the policy" not in log(world)


def test_a_new_policy_on_a_running_node_lets_no_chronyd_step(tmp_path: Path) -> None:
    """All sources say an hour less; the clock of the running node must not follow, whatever is installed."""
    world = booted(tmp_path, plan=[{"at": 40, "servers": LATER}], seconds=120)
    contract = json.loads(world.read(CONTRACT))
    world.create(CONTRACT, json.dumps({**contract, "digest": "fedcba9876543210"}))
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=120)
    assert "chrony stopped" in happened(world)
    assert steps(world) == []


def test_chronyd_may_not_step_because_the_gate_was_restarted_after_the_timeout(tmp_path: Path) -> None:
    """`timeout` is the word for a clock that was never proven; this one was."""
    start = {"gate": {"start": True, "timeout": 60}}
    world = booted(tmp_path, plan=[{"at": 100, "servers": LATER}], contract=start, seconds=200)
    assert facts(world)["opened"] == "proof"
    world.run("client", "gate", seconds=30)  # the gate's process starts again
    world.daemons["chrony.service"].stop()  # somebody restarts chronyd, as an update of its package does
    world.daemons["chrony.service"].start()
    world.run("client", "gate", seconds=60)
    assert far(world, "agent") == []


def test_a_restarted_gate_keeps_how_long_it_was_closed(tmp_path: Path) -> None:
    start = {"gate": {"start": True, "timeout": 60}}
    world = booted(tmp_path, plan=[{"at": 100, "servers": LATER}], contract=start, seconds=3600)
    waited = facts(world)["waited"]
    world.run("client", "gate", seconds=30)
    assert facts(world)["waited"] == waited < 15


def test_wait_on_a_node_whose_gate_is_open_returns_and_changes_nothing(tmp_path: Path) -> None:
    """docs/runcmd.md: it returns when the clock is proven, or when the gate opens. It has."""
    world = booted(tmp_path, contract={"gate": {"start": True, "timeout": 60}}, seconds=120)
    before = facts(world)
    world.is_offline = True
    assert world.run("client", "wait", seconds=60) == 0
    assert facts(world)["opened"] == before["opened"] == "proof"
    assert facts(world)["waited"] == before["waited"]


def test_wait_on_an_open_gate_does_not_wait_for_ever_while_sources_are_silent(tmp_path: Path) -> None:
    world = booted(tmp_path, seconds=120)
    world.is_offline = True
    assert world.run("client", "wait", seconds=3600) == 0


def test_a_configuration_that_apply_puts_back_is_read_by_chronyd(tmp_path: Path) -> None:
    """Somebody rewrote chrony.conf and restarted chronyd; `apply`, which hints of checks name, writes it anew."""
    world = booted(tmp_path)
    change(world, {"rewrite": "/etc/chrony/chrony.conf"})
    before = len(world.events)
    world.run("client", "apply", seconds=200)
    assert world.read("/etc/chrony/chrony.conf") == CONFIGURATION
    assert "chrony stopped" in happened(world)[before:]


def test_a_policy_that_was_removed_and_comes_back_restarts_chronyd(tmp_path: Path) -> None:
    world = booted(tmp_path)
    contract, files = world.read(CONTRACT), world.read("/etc/timepolicy/files")
    world.create("/etc/chrony/chrony.conf.before-timepolicy", "# the distribution's\n")
    world.run("client", "remove", seconds=60)
    assert world.read("/etc/chrony/chrony.conf") == "# the distribution's\n"
    # what install.sh does
    world.create("/etc/chrony/chrony.conf", CONFIGURATION)
    world.create(CONTRACT, contract)
    world.create("/etc/timepolicy/files", files)
    before = len(world.events)
    world.run("client", "apply", seconds=200)
    assert "chrony stopped" in happened(world)[before:]


def test_the_metrics_are_those_of_the_measurement_that_was_judged(tmp_path: Path) -> None:
    world = world_of({"contract": {"textfile_dir": "/metrics", "step": {"when": "never", "threshold": 0.1}}}, tmp_path)
    world.run("client_metrics", "apply", seconds=200)
    world.run("client_metrics", "gate", seconds=60)
    world.offset += 3
    world.run("client_metrics", "verify", seconds=20)
    text = world.read("/metrics/timepolicy.prom")
    assert 'timepolicy_check_pass{check="offset"} 0' in text
    offset = next(float(line.split()[1]) for line in text.splitlines() if line.startswith("timepolicy_offset_seconds "))
    assert offset == pytest.approx(3, abs=0.5)


def test_the_metrics_of_the_gate_are_those_of_the_measurement_that_was_judged(tmp_path: Path) -> None:
    """The same on the staying gate: each file of metrics is read while the gate idles after writing it."""
    row = {"contract": {"textfile_dir": "/metrics", "step": {"when": "never", "threshold": 0.1}}}
    world = world_of(row, tmp_path)
    world.plans.append(
        (100, partial(change, world, {"servers": {f"10.0.0.{n}": {"offset": 500} for n in range(1, 5)}}))
    )
    world.run("client_metrics", "apply", seconds=200)
    seen: list[tuple[str, float]] = []

    def look() -> None:
        rows = dict(line.rsplit(None, 1) for line in world.read("/metrics/timepolicy.prom").splitlines())
        verdict = rows.get('timepolicy_check_pass{check="offset"}', "")
        seen.append((verdict, float(rows.get("timepolicy_offset_seconds", "0"))))

    world.plans += [(second, look) for second in range(30, 300)]
    world.run("client_metrics", "gate", seconds=300)
    assert [row for row in seen if row[0] == "0" and abs(row[1]) <= 0.1] == []


class Hung(BaseException):
    """The agent waits for something in the real world."""


def test_a_drift_file_that_is_a_pipe_does_not_stop_the_agent(tmp_path: Path) -> None:
    """Chronyd's user owns the folder; test_damage.py has other things that it may put there."""
    world = world_of({"daemon_hears_nothing": True, "contract": {"gate": {"start": True, "timeout": 60}}}, tmp_path)
    os.makedirs(world.path("/var/lib/chrony"))
    os.mkfifo(world.path("/var/lib/chrony/drift"))

    def hang(*_signal: object) -> None:
        raise Hung

    signal.signal(signal.SIGALRM, hang)
    signal.alarm(10)
    try:
        world.run("client", "apply", seconds=200)
        world.run("client", "gate", seconds=100)
    finally:
        signal.alarm(0)
    assert facts(world)["opened"] == "timeout"


def test_verify_that_cannot_write_its_report_does_not_pass_by_an_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ordinary user calls it, or /run is full."""
    world = booted(tmp_path, contract={"step": {"when": "never", "threshold": 0.1}})
    assert world.run("client", "verify", seconds=60) == 0
    world.offset += 30
    real = os.open

    def refuse(path: str, *rest: Any) -> int:
        if "/run/timepolicy/" in str(path):
            raise PermissionError(13, "Permission denied")
        return real(path, *rest)

    monkeypatch.setattr(os, "open", refuse)
    assert world.run("client", "verify", seconds=60) != 0


SLOW = {**{f"10.0.0.{number}": {"delay": 0.8} for number in range(1, 4)}, "10.0.0.4": {"offset": 3600}}


def far(world: World, who: str) -> list[str]:
    """Steps of a minute and more."""
    return [what for what in steps(world) if what.startswith(who) and abs(float(what.split()[-1])) > 60]


def test_a_liar_that_answers_first_does_not_move_the_clock(tmp_path: Path) -> None:
    """Three of four are right and answer after 0.8 s, as over a satellite, or when a lost packet is repeated."""
    world = booted(tmp_path, servers=SLOW, offline=True, plan=[{"at": 60, "offline": False}], seconds=120)
    assert far(world, "agent") == []


def test_a_liar_that_answers_first_does_not_open_the_gate(tmp_path: Path) -> None:
    contract = {"gate": {"proof": "sources"}}
    plan = [{"at": 60, "offline": False}]
    world = world_of({"servers": SLOW, "offline": True, "plan": plan, "contract": contract}, tmp_path)
    world.daemon_hears_nothing = True
    errors: list[float] = []
    happened = world.happened

    def watch(what: str) -> None:
        if what == "ready":
            errors.append(world.clock_error())
        happened(what)

    world.happened = watch  # type: ignore[method-assign]
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=60)
    assert len(errors) == 1
    assert abs(errors[0]) <= 0.5


def test_a_daemon_that_needs_more_than_ten_seconds_lets_no_liar_step_the_clock(tmp_path: Path) -> None:
    """No outage at all: the agent's own first measurement is right, and then chronyd takes a while."""
    world = world_of({"servers": SLOW, "daemon_hears_nothing": True}, tmp_path)
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=60)
    assert far(world, "agent") == []


def test_a_closed_port_is_no_answer_and_not_a_refusal(tmp_path: Path) -> None:
    """ICMP says `Connection refused` where no server runs; a server that refuses answers with a kiss code."""
    world = world_of({"contract": {"textfile_dir": "/metrics"}, "daemon_hears_nothing": True}, tmp_path)
    make = world._socket

    def modules() -> Any:
        module = make()
        real = module.socket

        def closed(*kinds: int) -> Any:
            sock = real(*kinds)
            if kinds[0] != 1:

                def connect(_address: Any) -> None:
                    raise OSError(111, "Connection refused")

                sock.connect = connect
            return sock

        module.socket = closed
        return module

    world._socket = modules  # type: ignore[method-assign]
    world.run("client_metrics", "verify", seconds=60)
    assert 'timepolicy_sources{state="no answer"} 4' in world.read("/metrics/timepolicy.prom")
    assert checks(world)["offset"]["hint"] == "open UDP 123 to the sources"


def test_a_machine_that_sleeps_while_the_gate_is_closed_is_not_stepped(tmp_path: Path) -> None:
    """Answers that it keeps, to ask public servers less often, count from a clock that goes on."""
    world = world_of({"daemon_hears_nothing": True}, tmp_path)
    world.plans.append((130, partial(world.suspend, 3600)))
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=4200)
    assert "suspended" in happened(world)
    assert [step for step in steps(world) if abs(float(step.split()[-1])) > 1] == []


def test_a_machine_that_sleeps_holds_no_unit_back(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    offsets: list[float] = []

    def sleep() -> None:
        world.suspend(3600)
        world.plans += [
            (world.now + second, lambda: offsets.append(facts(world)["offset"])) for second in range(1, 400)
        ]

    world.plans.append((130, sleep))
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=4400)
    assert len(offsets) > 300
    assert max(map(abs, offsets)) < 1
