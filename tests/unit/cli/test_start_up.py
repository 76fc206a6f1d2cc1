"""What each command loads: a command that loads less starts sooner (bench/RESULTS.md has the times).

tests/trees/modules/COMMAND.txt lists the modules of timepolicy, its dependencies, and the slow ones of the standard
library. `pytest --update-golden` writes the lists: a new line is a module that every run of the command loads.
"""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.helpers.cases import EXAMPLE, ROOT
from tests.helpers.golden_files import assert_golden
from timepolicy.cli import main

SLOW = ("difflib", "email", "html", "http", "json", "pathlib", "tarfile", "tempfile", "unittest", "xml")
DEPENDENCIES = ("click", "jinja2", "jsonschema", "yaml")

PROGRAM = f"""
import os, sys
sys.argv[0] = "timepolicy"
before = set(sys.modules)
from timepolicy.cli.main import main
status = None
try:
    main()
except SystemExit as done:
    status = done.code
tops = {(*SLOW, *DEPENDENCIES)!r}
loaded = sorted(m for m in set(sys.modules) - before if m.split(".")[0] == "timepolicy" or m in tops)
with open(os.environ["LOADED"], "w") as file:
    file.write("\\n".join([f"exit status {{status or 0}}", *loaded, ""]))
"""

COMMANDS = {
    "help": ["--help"],
    "version": ["--version"],
    "distros": ["distros"],
    "init": ["init"],
    "schema": ["schema"],
    "rules": ["rules"],
    "validate": ["validate", str(EXAMPLE)],
    "render": ["render", str(EXAMPLE), "--distro", "debian-12"],
    "render-chrony": ["render", str(EXAMPLE), "--distro", "rocky-9"],
    "show": ["show", str(EXAMPLE), "--distro", "debian-12"],
    "fmt": ["fmt", "--check", str(EXAMPLE)],
    "plan": ["plan", str(EXAMPLE)],
    "graph": ["graph", str(EXAMPLE)],
    "diff": ["diff", str(EXAMPLE), str(EXAMPLE)],
    "explain": ["explain", "TP121"],
    "lint": ["lint", "tests/trees/nodes/internal-ntp/rocky-9/root/etc/chrony.conf"],
}


def loaded(folder: Path, arguments: list[str], **environment: str) -> str:
    """The exit status, and the modules in a line each."""
    path = folder / "loaded.txt"
    command = [sys.executable, "-c", PROGRAM, *arguments]
    variables = {**os.environ, **environment, "LOADED": str(path)}
    subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=variables, timeout=60)
    return path.read_text()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_loads_what_it_needs(name: str, tmp_path: Path, update_golden: bool) -> None:
    assert_golden(ROOT / f"tests/trees/modules/{name}.txt", loaded(tmp_path, COMMANDS[name]), update_golden)


@pytest.mark.parametrize(
    ("arguments", "number"),
    [pytest.param("timepolicy re", 1, id="a command"), pytest.param("timepolicy render --di", 2, id="an option")],
)
def test_completion_loads_no_compiler(arguments: str, number: int, tmp_path: Path) -> None:
    completion = {"_TIMEPOLICY_COMPLETE": "bash_complete", "COMP_WORDS": arguments, "COMP_CWORD": str(number)}
    modules = loaded(tmp_path, [], **completion).splitlines()
    assert modules[0] == "exit status 0"
    assert "timepolicy.cli.main" in modules
    assert not {"timepolicy.compiler", "jinja2", "yaml", "jsonschema"} & set(modules)


def test_a_list_of_commands_has_the_help_of_each_command() -> None:
    context = click.Context(main.cli)
    for name, text in main.COMMANDS.items():
        command = main.cli.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(limit=200) == text
