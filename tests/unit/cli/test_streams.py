"""Standard streams that are closed or have no reader: a valid policy does not fail, and there is no message."""

import os
import subprocess
import sys

import pytest

from tests.helpers.cases import EXAMPLE, ROOT

COMMANDS = {
    "validate": f"validate {EXAMPLE}",
    "render": f"render {EXAMPLE} --distro debian-12",
    "plan": f"plan {EXAMPLE}",
    "distros": "distros",
}


def shell(command: str) -> subprocess.CompletedProcess[str]:
    program = f"{sys.executable} -m timepolicy"
    return subprocess.run(
        ["sh", "-c", command.replace("timepolicy ", f"{program} ", 1)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_closed_standard_error_is_no_failure(command: str) -> None:
    assert shell(f"timepolicy {command} 2>&-").returncode == 0


def test_a_closed_standard_error_hides_no_error() -> None:
    assert shell("timepolicy validate /dev/null 2>&-").returncode == 1
    assert shell("timepolicy validate /nowhere 2>&-").returncode == 3
    assert shell("timepolicy render --nonsense 2>&-").returncode == 2


def test_a_closed_standard_output_is_a_failure() -> None:
    done = shell("timepolicy distros >&-")
    assert (done.returncode, done.stderr) == (3, "timepolicy: cannot write standard output: it is closed\n")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_pipe_without_a_reader_causes_no_message(command: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    arguments = [sys.executable, "-m", "timepolicy", *command.split()]
    done = subprocess.run(arguments, stdout=writer, stderr=subprocess.PIPE, check=False, cwd=ROOT)
    os.close(writer)
    writes_nothing = command.startswith("validate")
    assert (done.returncode, done.stderr) == (0 if writes_nothing else 141, b"")


def test_findings_without_a_reader_do_not_change_the_exit_status() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    arguments = [sys.executable, "-m", "timepolicy", "validate", "/dev/null"]
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=writer, check=False, cwd=ROOT)
    os.close(writer)
    assert (done.returncode, done.stdout) == (1, b"")
