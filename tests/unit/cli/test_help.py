"""The help of every command: what it says is English, and its examples run as they stand."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.helpers.cases import ROOT, SERVER_EXAMPLE
from tests.helpers.command_line import timepolicy
from timepolicy.cli.main import COMMANDS, cli

WITH_OTHER_PROGRAMS = ("fleet",)
"""Commands whose examples tests/native/test_help_examples.py runs."""

STATUS = {"timepolicy diff timepolicy.yaml new.yaml": {1}, "timepolicy doctor": {0, 1}}
"""Exit statuses of examples that are not 0: two policies differ; the machine of the tests may have a fault."""

CONF = "server ntp1.example.org iburst\nserver ntp2.example.org iburst\nserver ntp3.example.org iburst\nrtcsync\n"
SSH = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift 2
exec sh -c "$*"
"""
"""Stands for ssh: the node is this machine."""


def help_of(command: str) -> str:
    return timepolicy(command, "--help").stdout.decode()


def examples_of(command: str) -> list[str]:
    return re.findall(r"^    (.*timepolicy .*)$", help_of(command).partition("\n  Examples:\n")[2], flags=re.MULTILINE)


def examples() -> Iterator[str]:
    for command in COMMANDS:
        yield from examples_of(command) if command not in WITH_OTHER_PROGRAMS else ()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the examples name: a policy, another one, files of daemons, user-data, and an ssh."""
    policy = SERVER_EXAMPLE.read_text()
    files = {
        "timepolicy.yaml": policy,
        "new.yaml": policy.replace("Asia/Shanghai", "UTC"),
        "clusters/prod.yaml": policy,
        "chrony.conf": CONF,
        "server.conf": f"{CONF}allow 10.2.0.0/16\n",
        "image/etc/chrony.conf": CONF,
        "user-data.yaml": "#cloud-config\npackages: [jq]\n",
        "bin/timepolicy": f'#!/bin/sh\nexec {sys.executable} -m timepolicy "$@"\n',
        "bin/ssh": SSH,
        "bin/sudo": '#!/bin/sh\nshift\nexec "$@"\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for program in (tmp_path / "bin").iterdir():
        program.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("example", list(examples()))
def test_an_example_runs(example: str, folder: Path) -> None:
    if example.startswith("timepolicy init"):
        (folder / "timepolicy.yaml").unlink()
    environment = os.environ | {"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder)}
    done = subprocess.run(
        ["sh", "-euc", example], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    statuses = next((value for key, value in STATUS.items() if example.startswith(key)), {0})
    assert done.returncode in statuses, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_an_example_with_its_own_name(command: str) -> None:
    found = examples_of(command)
    assert found
    assert [example for example in found if f"timepolicy {command}" not in example] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_is_described_and_each_choice_has_its_default(name: str) -> None:
    context = click.Context(cli, info_name="timepolicy", show_default=True)
    command = cli.get_command(context, name)
    assert command is not None
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert [option.name for option in options if len((option.help or "").split()) < 3] == []
    choices = [option for option in options if isinstance(option.type, click.Choice)]
    texts = {option.name: (option.get_help_record(context) or ("", ""))[1] for option in choices}
    assert [name for name, text in texts.items() if "default" not in text] in ([], ["limit"])  # without it, no limit


def test_the_help_of_the_program_lists_every_command() -> None:
    text = timepolicy("--help").stdout.decode()
    assert [name for name in COMMANDS if not re.search(rf"^  {name} ", text, flags=re.MULTILINE)] == []


def test_the_page_of_commands_leads_to_the_examples() -> None:
    assert "`timepolicy COMMAND --help`" in (ROOT / "docs/commands.md").read_text()
