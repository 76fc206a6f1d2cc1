"""A simulated node on which files are damaged and programs fail: the agent goes on, and the gate keeps its promise."""

import json
import os
from pathlib import Path

import pytest

from tests.world.readings import REPORT, checks, happened
from tests.world.scenario import RECORD, STATE, world_of
from tests.world.world import Crash, World
from timepolicy.agent.system import run

BEGAN, DRIFT = "/run/timepolicy/began", "/var/lib/chrony/drift"
NO_OBJECTS = [b"[]", b"3", b"null", b'"opened"', b'{"opened"', b"\xff\xfe\x00", b""]


def opened(world: World) -> str | None:
    facts = json.loads(world.read(STATE) or "{}")
    return facts.get("opened") if isinstance(facts, dict) else None


def put(world: World, path: str, content: bytes) -> None:
    world.create(path)
    Path(world.path(path)).write_bytes(content)


def silent(**row: object) -> dict[str, object]:
    """A node without any answer, whose units start after ten minutes."""
    servers = {f"10.0.0.{number}": {"silent": True} for number in range(1, 5)}
    return {"servers": servers, "daemon_hears_nothing": True, "contract": {"gate": {"start": True}}, **row}


@pytest.mark.parametrize("content", NO_OBJECTS)
def test_a_state_of_the_gate_that_is_no_object_is_forgotten(content: bytes, tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    put(world, STATE, content)
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=60)
    assert opened(world) == "proof"


@pytest.mark.parametrize("content", [*NO_OBJECTS, b'{"time": 5}', b'{"error": 0.1, "drifts": [1e-6]}'])
def test_a_record_of_the_hardware_clock_that_is_damaged_bounds_nothing(content: bytes, tmp_path: Path) -> None:
    world = world_of(silent(contract={"gate": {"start": True, "holdover": 1.0}}), tmp_path)
    put(world, RECORD, content)
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=700)
    assert opened(world) == "timeout"


@pytest.mark.parametrize("content", [b"soon", b"\xff", b"12.5 seconds"])
def test_a_damaged_begin_does_not_keep_the_timeout_from_ending(content: bytes, tmp_path: Path) -> None:
    world = world_of(silent(), tmp_path)
    put(world, BEGAN, content)
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=700)
    assert opened(world) == "timeout"


def test_a_begin_that_cannot_be_written_does_not_keep_the_timeout_from_ending(tmp_path: Path) -> None:
    world = world_of(silent(), tmp_path)
    Path(world.path(BEGAN)).mkdir(parents=True)
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=700)
    ready = [when for when, what in world.events if what == "ready"]
    assert 600 <= ready[0] < 730


def test_a_systemctl_that_fails_keeps_no_gate_closed_and_installs_nothing(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.run("client", "apply", seconds=200)
    world.programs.failing = {"systemctl"}
    world.run("client", "gate", seconds=60)
    assert opened(world) == "proof"
    assert not [what for what in happened(world) if "install" in what]


@pytest.mark.parametrize(
    ("content", "is_kept"),
    [(b"-12.5 999.0\n", True), (b"-12.5 much\n", False), (b"-12.5 \xff\n", False), (b"-12.5\n", True), (b"", True)],
)
def test_a_drift_file_that_chronyds_user_has_damaged_is_removed(content: bytes, is_kept: bool, tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.units["chrony.service"].update(ActiveState="active")
    world.daemons["chrony.service"].runs = True
    put(world, DRIFT, content)
    world.run("client", "apply", seconds=200)
    assert Path(world.path(DRIFT)).exists() == is_kept
    world.run("client", "gate", seconds=60)
    assert opened(world) == "proof"


def test_bytes_of_a_foreign_file_that_are_not_utf_8_are_kept(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    put(world, "/etc/sysconfig/network", b"# Z\xfcrich\nPEERNTP=yes\n")
    world.run("client", "apply", seconds=200)
    assert Path(world.path("/etc/sysconfig/network")).read_bytes() == b"# Z\xfcrich\nPEERNTP=no\n"


@pytest.mark.parametrize("content", NO_OBJECTS)
def test_a_damaged_report_is_none(content: bytes, tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    put(world, REPORT, content)
    assert world.run("client", "status") == 2
    assert [line for _, line in world.lines] == ["there is no report yet"]


def test_output_of_a_program_that_is_not_utf_8_is_escaped() -> None:
    assert run("printf", r"a\377b") == r"a\xffb"


def test_what_the_agent_writes_is_on_disk_before_it_has_its_name(tmp_path: Path) -> None:
    """A crash would leave an empty file."""
    world = world_of({}, tmp_path)
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=4000)
    assert world.synced
    assert world.unsynced == []


@pytest.mark.parametrize("boots_again", [False, True])
def test_an_empty_list_of_files_does_not_pass(boots_again: bool, tmp_path: Path) -> None:
    """At the next boot, the agent adds what it makes."""
    world = world_of({}, tmp_path)
    world.run("client", "apply", seconds=200)
    put(world, "/etc/timepolicy/files", b"")
    if boots_again:
        world.run("client", "apply", seconds=200)
    world.run("client", "verify", seconds=60)
    row = checks(world)["files"]
    assert (row["verdict"], row["seen"]) == ("fail", "changed: /etc/timepolicy/files")


def test_a_file_that_cannot_be_saved_does_not_stop_the_node(tmp_path: Path) -> None:
    """`chattr +i`, or a file system without hard links."""
    world = world_of({}, tmp_path)
    world.create("/etc/sysconfig/network", "NETWORKING=yes\n")
    world.programs.failing.add("ln")
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=60)
    assert opened(world) == "proof"


def test_a_file_that_was_put_back_before_a_crash_stays(tmp_path: Path) -> None:
    world = world_of({}, tmp_path)
    world.create("/etc/other.conf.before-timepolicy", "theirs\n")
    world.create("/etc/timepolicy/files.old", "0  /etc/other.conf\n")
    world.crashes_after = "/etc/other.conf"
    with pytest.raises(Crash):
        world.run("client", "apply", seconds=200)
    world.crashes_after = ""
    world.run("client", "apply", seconds=200)
    assert world.read("/etc/other.conf") == "theirs\n"


def test_an_old_file_that_cannot_be_deleted_does_not_stop_the_node(tmp_path: Path) -> None:
    """A folder in its place stands for `chattr +i`, and for the mounts of a container."""
    world = world_of({}, tmp_path)
    os.makedirs(world.path("/etc/other.conf"))
    world.create("/etc/timepolicy/files.old", "0  /etc/other.conf\n")
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=60)
    assert opened(world) == "proof"
    assert any(line.startswith("cannot restore /etc/other.conf: ") for _, line in world.lines)


def test_a_crash_while_an_old_policy_goes_leaves_the_agent_enabled(tmp_path: Path) -> None:
    """The installer takes the agent's own rows from the list into files.old."""
    wants = "/etc/systemd/system/multi-user.target.wants/timepolicy-apply.service"
    world = world_of({}, tmp_path)
    world.run("client", "apply", seconds=200)
    rows = world.read("/etc/timepolicy/files").splitlines(keepends=True)
    world.create("/etc/timepolicy/files", "".join(row for row in rows if not row.startswith("made")))
    world.create("/etc/timepolicy/files.old", "0  /etc/other.conf\n" + "".join(rows))
    world.create("/etc/other.conf.before-timepolicy", "theirs\n")
    world.crashes_after = "/etc/other.conf"
    with pytest.raises(Crash):
        world.run("client", "apply", seconds=200)
    assert os.readlink(world.path(wants)) == "../timepolicy-apply.service"
    assert not os.path.lexists(world.path(wants + ".before-timepolicy"))
