"""Every block of commands in docs/ runs as it stands, page by page in a folder of its own.

A block `sh` succeeds. A block `console` has commands behind `$`, and what they print; `...` stands for any text. A
block with a name is a file. `timepolicy` in the folder is a checkout, and timepolicy.yaml is there unless the page
writes it.

A block whose first line is `# needs SOMETHING` does not run here. These are listed below, and their commands of
timepolicy and timepolicy-node are at least parsed. Those with `# needs Prometheus` run in
test_documented_prometheus.py.
"""

import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import click
import pytest

from tests.helpers.cases import ROOT
from tests.helpers.command_line import MINIMAL
from tests.helpers.pages import BLOCK, blocks, needs
from tests.helpers.programs import need
from tests.helpers.terraform import environment as terraform_environment
from timepolicy.agent.agent import COMMANDS as NODE_COMMANDS
from timepolicy.cli.main import cli

PAGES = sorted((ROOT / "docs").glob("*.md"))

NEEDS = {
    "alerts.md": {"a cluster": 3, "Prometheus": 1},
    "cluster-api.md": {"a cluster": 1},
    "doctor.md": {"a node": 1},
    "fleet.md": {"Prometheus": 2},
    "getting-started.md": {"the network": 1, "a cloud": 1, "a node": 2},
    "migration.md": {"a node": 1},
    "releases.md": {"a release": 4, "the image": 1},
    "troubleshooting.md": {"a node": 5},
    "upgrade.md": {"a node": 3, "Prometheus": 1, "a cluster": 1},
}
"""How many blocks do not run here, by page and by what they need."""


def commands(page: Path) -> list[tuple[str, str]]:
    """The blocks that run here."""
    return [(kind, text) for kind, _, text in blocks(page) if kind in ("sh", "console") and not needs(text)]


def run(command: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-euc", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def assert_prints(text: str, folder: Path, environment: dict[str, str]) -> None:
    """Run what stands behind each `$`; it prints the lines that follow."""
    for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, flags=re.MULTILINE):
        done = run(command, folder, environment)
        pattern = re.escape(expected).replace(r"\.\.\.", ".*")
        assert re.fullmatch(pattern, done.stdout, flags=re.DOTALL), done.stdout


def environment_for(text: str, folder: Path) -> dict[str, str]:
    """The environment of commands: with Terraform's providers from a folder, where they use it."""
    for program in ("packer", "terraform"):
        if re.search(rf"^{program} ", text, flags=re.MULTILINE):
            need(program)
    if "terraform init" in text:
        return terraform_environment(folder)
    return os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.stem)
def test_the_commands_of_a_page_work(page: Path, tmp_path: Path) -> None:
    text = "".join(text for _, text in commands(page))
    (tmp_path / "providers").mkdir()
    environment = environment_for(text, tmp_path / "providers")
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "timepolicy").symlink_to(ROOT)
    if "timepolicy init -o timepolicy.yaml" not in text:
        (folder / "timepolicy.yaml").write_text(MINIMAL)
    for _, name, content in blocks(page):
        if name:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content)
    for kind, block in commands(page):
        if kind == "console":
            assert_prints(block, folder, environment)
        else:
            done = run(block, folder, environment)
            assert done.returncode == 0, f"{block}\n{done.stdout}"


def test_blocks_that_do_not_run_are_listed() -> None:
    found = {page.name: Counter(filter(None, (needs(text) for _, _, text in blocks(page)))) for page in PAGES}
    assert {name: dict(counts) for name, counts in found.items() if counts} == NEEDS


def lines_that_do_not_run() -> list[str]:
    texts = [text for page in PAGES for kind, _, text in blocks(page) if kind == "sh" and needs(text)]
    return [line for text in texts for line in text.splitlines() if re.match(r"(sudo )?timepolicy(-node)? ", line)]


@pytest.mark.parametrize("line", lines_that_do_not_run(), ids=str)
def test_they_have_commands_and_options_that_exist(line: str) -> None:
    plain = re.sub(r"\$\(.*\)", "0123456789abcdef", line.removeprefix("sudo "))  # what another command prints: a digest
    words = shlex.split(plain, comments=True)
    if words[0] == "timepolicy-node":
        assert words[1] in NODE_COMMANDS
        return
    name, command, arguments = cli.resolve_command(click.Context(cli), words[1:])
    assert command is not None
    assert command.make_context(name, arguments).params


def test_no_commands_hide_from_these_tests() -> None:
    """They are in blocks `sh` or `console`, and not in indented text or under another language."""
    hidden = []
    for page in PAGES:
        indented = r"^ {4,}(?:timepolicy|kubectl|sudo|sh) .*"
        hidden += [(page.name, line) for line in re.findall(indented, BLOCK.sub("", page.read_text()), re.MULTILINE)]
        hidden += [(page.name, kind) for kind, _, _ in blocks(page) if kind in ("bash", "shell", "zsh")]
    assert hidden == []
