"""Findings on the command line: which stream, which colour, which exit status."""

import json
import os
import pty
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.command_line import MINIMAL, policy_file, timepolicy, timepolicy_process

WARNED = MINIMAL + "clients: {daemon: chrony}\nstep: {when: never}\n"
IGNORED = WARNED + "ignore: [{rule: TP083, reason: a lab}]\n"
WRONG = "timezone: 7\nupstreams: []\nnam: x\n"
FOR_PROGRAMS = ["line", "json", "github", "sarif"]
NODE = ["--distro", "debian-12"]


@pytest.mark.parametrize("form", FOR_PROGRAMS)
def test_the_findings_of_validate_are_its_product_for_programs(tmp_path: Path, form: str) -> None:
    done = timepolicy("validate", policy_file(tmp_path, WRONG), "--format", form)
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.count(b"TP0") >= 3


def test_the_findings_of_validate_for_people_leave_its_standard_output_empty(tmp_path: Path) -> None:
    done = timepolicy("validate", policy_file(tmp_path, WRONG))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"3 errors" in done.stderr


@pytest.mark.parametrize("form", ["text", *FOR_PROGRAMS])
@pytest.mark.parametrize("command", ["render", "plan"])
def test_the_findings_of_other_commands_never_go_to_standard_output(tmp_path: Path, command: str, form: str) -> None:
    done = timepolicy(command, policy_file(tmp_path, WRONG), *NODE, "--findings", form)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"TP0" in done.stderr


def test_a_file_that_cannot_be_read_makes_no_findings(tmp_path: Path) -> None:
    done = timepolicy("validate", str(tmp_path / "none"), "--format", "json")
    assert (done.returncode, done.stdout) == (3, b"")


def test_a_right_policy_makes_a_document_without_findings(tmp_path: Path) -> None:
    done = timepolicy("validate", policy_file(tmp_path, MINIMAL), "--format", "json")
    assert (done.returncode, json.loads(done.stdout)["findings"]) == (0, [])


@pytest.mark.parametrize("form", FOR_PROGRAMS)
def test_the_same_bytes_in_any_locale(tmp_path: Path, form: str) -> None:
    path = policy_file(tmp_path, "时间: 1\n" + MINIMAL)
    command = ["validate", path, "--format", form]
    plain = timepolicy_process(*command)
    latin = timepolicy_process(*command, PYTHONIOENCODING="latin-1", LC_ALL="C", TZ="Asia/Tokyo")
    assert plain.stdout == latin.stdout
    assert "时间" in plain.stdout.decode()


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.yaml"
    Path(os.fsdecode(path)).write_text(WRONG)
    for form in FOR_PROGRAMS:
        command: list[str | bytes] = [sys.executable, "-m", "timepolicy", "validate", path, "--format", form]
        done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT)
        assert (done.returncode, done.stderr) == (1, b"")
        assert done.stdout.decode()


@pytest.mark.parametrize(
    ("text", "arguments", "status"),
    [
        pytest.param(WARNED, [], 0, id="a warning"),
        pytest.param(WARNED, ["--strict"], 1, id="a warning, strict"),
        pytest.param(IGNORED, ["--strict"], 0, id="an ignored warning, strict"),
        pytest.param(MINIMAL + "distros: [kylin-v10]\n", ["--strict"], 0, id="a note, strict"),
        pytest.param(MINIMAL + "ignore: [{rule: TP083, reason: a}]\n", ["--strict"], 1, id="ignored in vain, strict"),
    ],
)
def test_strict(tmp_path: Path, text: str, arguments: list[str], status: int) -> None:
    path = policy_file(tmp_path, text)
    assert timepolicy("validate", path, *arguments).returncode == status


@pytest.mark.parametrize("command", ["render", "plan"])
def test_strict_makes_nothing(tmp_path: Path, command: str) -> None:
    path = policy_file(tmp_path, WARNED)
    done = timepolicy(command, path, *NODE, "--strict")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"error[TP083]" in done.stderr
    assert timepolicy(command, path, *NODE).stdout


def test_one_node_does_not_say_what_is_allowed_in_vain(tmp_path: Path) -> None:
    """The entry may be for another node: only validate, which checks all nodes, can know."""
    path = policy_file(tmp_path, MINIMAL + "ignore: [{rule: TP100, reason: for kylin}]\n")
    done = timepolicy("plan", path, *NODE, "--strict")
    assert (done.returncode, done.stderr) == (0, b"")


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What the program writes to a terminal for its standard error."""
    own, terminal = pty.openpty()
    command = [sys.executable, "-m", "timepolicy", *arguments]
    known = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")} | environment
    with subprocess.Popen(command, stderr=terminal, stdout=subprocess.PIPE, env=known, cwd=ROOT) as program:
        os.close(terminal)
        text = b"".join(iter(partial(read_terminal, own), b"")).decode()
        assert program.stdout
        assert program.stdout.read() == b""
    os.close(own)
    assert program.returncode == 1
    return text.replace("\r\n", "\n")


def read_terminal(terminal: int) -> bytes:
    """What comes next; nothing once the program has ended, which Linux reports as an error."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def without_color(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize(
    ("arguments", "environment", "is_colored"),
    [
        pytest.param([], {"TERM": "xterm"}, True, id="a terminal"),
        pytest.param([], {"TERM": "dumb"}, False, id="a dumb one"),
        pytest.param([], {"TERM": "xterm", "NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param([], {"TERM": "xterm", "NO_COLOR": ""}, True, id="an empty NO_COLOR does not count"),
        pytest.param(["--color", "never"], {"TERM": "xterm"}, False, id="never"),
        pytest.param(["--color", "always"], {"TERM": "dumb", "NO_COLOR": "1"}, True, id="always"),
    ],
)
def test_color(tmp_path: Path, arguments: list[str], environment: dict[str, str], is_colored: bool) -> None:
    path = policy_file(tmp_path, WRONG)
    text = on_a_terminal("validate", path, *arguments, **environment)
    assert ("\x1b[1;31merror[TP026]\x1b[0m" in text) == is_colored
    assert ("\x1b" in text) == is_colored
    assert without_color(text) == timepolicy("validate", path).stderr.decode()


@pytest.mark.parametrize("form", FOR_PROGRAMS)
def test_forms_for_programs_are_never_colored(tmp_path: Path, form: str) -> None:
    path = policy_file(tmp_path, WRONG)
    text = on_a_terminal("plan", path, *NODE, "--findings", form, "--color", "always", TERM="xterm")
    assert "TP026" in text
    assert "\x1b" not in text


def test_no_color_in_a_pipe_unless_it_is_asked_for(tmp_path: Path) -> None:
    path = policy_file(tmp_path, WRONG)
    assert b"\x1b" not in timepolicy("validate", path, TERM="xterm").stderr
    assert b"\x1b[1;31m" in timepolicy("validate", path, "--color", "always").stderr


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_a_document_is_about_one_policy(tmp_path: Path, form: str) -> None:
    path = policy_file(tmp_path, MINIMAL)
    done = timepolicy("validate", path, path, "--format", form)
    assert (done.returncode, done.stdout) == (2, b"")


def test_lines_about_several_policies_follow_each_other(tmp_path: Path) -> None:
    paths = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        paths.append(policy_file(tmp_path / name, "timezone: UTC\n"))
    done = timepolicy("validate", *paths, "--format", "line")
    assert done.returncode == 1
    assert [line.split(b":")[0].decode() for line in done.stdout.splitlines()] == paths
