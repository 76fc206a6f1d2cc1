"""The policy of `init` is valid, also with every line that it has as a comment."""

import re
from pathlib import Path

import yaml

from tests.helpers.command_line import timepolicy
from timepolicy.document.schema import policy_schema

MENTIONED = re.compile(r"^# ?(?=[a-z_]+:|[ ]*- |  )", re.MULTILINE)
"""A comment that is a line of policy; comments in prose begin with a capital letter."""


def initial() -> str:
    done = timepolicy("init")
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def test_it_has_no_findings() -> None:
    done = timepolicy("validate", "--strict", "-", text=initial())
    assert (done.returncode, done.stderr) == (0, b"")


def test_all_that_it_mentions_is_right_too() -> None:
    text = MENTIONED.sub("", initial())
    left_out = set(policy_schema()["properties"]) - set(yaml.safe_load(text))
    assert left_out == {"step", "ignore", "authentication", "require_authentication"}
    done = timepolicy("validate", "-", text=text)
    assert done.returncode == 0, done.stderr.decode()


def test_it_renders(tmp_path: Path) -> None:
    path = tmp_path / "timepolicy.yaml"
    assert timepolicy("init", "-o", str(path)).returncode == 0
    assert timepolicy("render", str(path)).stdout.startswith(b"#cloud-config\n")


def test_a_policy_that_is_there_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "timepolicy.yaml"
    path.write_text("mine\n")
    done = timepolicy("init", "-o", str(path))
    assert (done.returncode, done.stdout, path.read_text()) == (3, b"", "mine\n")
    assert b"exists already" in done.stderr
