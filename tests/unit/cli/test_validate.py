"""`timepolicy validate` on a terminal: a right policy gets a line that says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.command_line import MINIMAL, policy_file, timepolicy

SERVERS = "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16]}\nclients: {min_sources: 1}\n"


def on_a_terminal(*arguments: str) -> tuple[int, str]:
    """The exit status, and what the terminal shows that is standard error."""
    reader, writer = os.openpty()
    command = [sys.executable, "-m", "timepolicy", *arguments]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=writer, check=False)
    os.close(writer)
    shown = b""
    try:
        while part := os.read(reader, 65536):
            shown += part
    except OSError:  # Linux reports the closed other end as EIO
        pass
    os.close(reader)
    return done.returncode, shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("text", "options", "line"),
    [
        pytest.param("distros: [debian-12, rocky-9]\n", [], "ok: 2 releases, 1 role\n", id="clients"),
        pytest.param("distros: [rocky-9]\n" + SERVERS, [], "ok: 1 release, 2 roles\n", id="servers"),
        pytest.param(SERVERS, ["--role", "server"], "ok: no release in `distros`, 1 role\n", id="one role"),
        pytest.param("distros: [rocky-9]\n", ["--format", "json"], "", id="a form for programs"),
    ],
)
def test_a_right_policy_is_called_right(text: str, options: list[str], line: str, tmp_path: Path) -> None:
    assert on_a_terminal("validate", policy_file(tmp_path, MINIMAL + text), *options) == (0, line)


def test_each_of_several_policies_has_its_line(tmp_path: Path) -> None:
    path = policy_file(tmp_path, MINIMAL + "distros: [rocky-9]\n")
    assert on_a_terminal("validate", path, path) == (0, f"{path}: ok: 1 release, 1 role\n" * 2)


def test_a_wrong_policy_is_not_called_right(tmp_path: Path) -> None:
    status, shown = on_a_terminal("validate", policy_file(tmp_path, MINIMAL + "gate: {max_offset: 0s}\n"))
    assert status == 1
    assert "TP087" in shown
    assert "ok:" not in shown


def test_a_wrong_policy_is_told_what_can_be_corrected(tmp_path: Path) -> None:
    path = policy_file(tmp_path, MINIMAL + "distros: [noble]\nstep: {threshold: 400, whem: boot}\n")
    hint = f"`timepolicy validate --fix {path}` corrects 2 of these\n"
    status, shown = on_a_terminal("validate", path)
    assert (status, shown.endswith("3 errors\n" + hint)) == (1, True)
    assert "corrects" not in timepolicy("validate", path).stderr.decode()
    status, shown = on_a_terminal("validate", "--fix", path)
    assert (status, shown.endswith("\n1 error\n")) == (1, True)


def test_a_log_has_nothing_about_a_right_policy(tmp_path: Path) -> None:
    done = timepolicy("validate", policy_file(tmp_path, MINIMAL))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("subject", ["timepolicy.yaml", "-", "examples/minimal/timepolicy.yaml", "prod.yml"])
def test_explain_without_a_path_asks_for_one(subject: str) -> None:
    done = timepolicy("explain", subject)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"name a file on the node too, such as /etc/chrony/chrony.conf" in done.stderr


ASSUMED = "distros: [kylin-v10, debian-12, alinux-3]\nclients: {daemon: chrony}\n"


@pytest.mark.parametrize("command", [["validate"], ["plan"], ["graph"], ["render", "--all"]])
def test_releases_with_assumptions_have_one_line(command: list[str], tmp_path: Path) -> None:
    done = timepolicy(*command, policy_file(tmp_path, MINIMAL + ASSUMED))
    assert done.returncode == 0
    assert done.stderr.decode() == (
        "note[TP100]: alinux-3 and kylin-v10: parts of what is known about them are assumptions; `timepolicy distros` "
        "lists these\n"
    )


def test_one_release_with_assumptions_has_the_first_of_them(tmp_path: Path) -> None:
    done = timepolicy("show", policy_file(tmp_path, MINIMAL + ASSUMED), "--distro", "kylin-v10")
    assert done.stderr.decode() == (
        "note[TP100]: kylin-v10: mostly inferred from RHEL's later releases; try it on a node first; "
        "`timepolicy distros` lists the other assumptions about it\n"
    )


def test_a_note_that_the_policy_ignores_for_a_release_is_not_joined(tmp_path: Path) -> None:
    ignored = "overrides: [{match: {distro: alinux-3}, set: {ignore: [{rule: TP100, reason: tried}]}}]\n"
    done = timepolicy("validate", policy_file(tmp_path, MINIMAL + ASSUMED + ignored))
    assert done.stderr.decode().startswith("note[TP100]: kylin-v10: mostly inferred")
    assert done.stderr.count(b"\n") == 1
