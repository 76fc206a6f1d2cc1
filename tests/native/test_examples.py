"""The examples: each has a policy and a README, whose commands do what they say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.programs import need
from tests.helpers.terraforming import environment as terraforms_environment

EXAMPLES = sorted(path.parent for path in ROOT.glob("examples/*/timepolicy.yaml"))


def commands(example: Path) -> str:
    (block,) = re.findall(r"^```sh\n(.*?)^```$", (example / "README.md").read_text(), flags=re.DOTALL | re.MULTILINE)
    return str(block)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_commands_of_its_readme_work(example: Path, tmp_path: Path) -> None:
    folder = tmp_path / "examples" / example.name
    shutil.copytree(example, folder)
    (tmp_path / "packer").symlink_to(ROOT / "packer")
    (tmp_path / "examples/terraform").symlink_to(ROOT / "examples/terraform")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/timepolicy").write_text(f'#!/bin/sh\nexec {sys.executable} -m timepolicy "$@"\n')
    (tmp_path / "bin/timepolicy").chmod(0o755)
    variables = terraforms_environment(tmp_path) if "terraform" in commands(example) else dict(os.environ)
    environment = variables | {"PATH": f"{tmp_path}/bin:{variables['PATH']}"}
    for program in {line.split()[0] for line in commands(example).splitlines()} & {"packer", "terraform"}:
        need(program)
    before = {path.name for path in folder.iterdir()}
    done = subprocess.run(
        ["sh", "-euc", commands(example)], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made = {path.name for path in folder.iterdir()} - before
    assert made
    assert all((folder / name).is_dir() or (folder / name).stat().st_size > 0 for name in made)


def test_every_folder_of_examples_is_one_or_is_terraforms() -> None:
    folders = {path for path in (ROOT / "examples").iterdir() if path.is_dir()}
    assert folders - set(EXAMPLES) == {ROOT / "examples/terraform"}
    assert len(EXAMPLES) >= 12


def test_the_examples_readme_names_each() -> None:
    text = (ROOT / "examples/README.md").read_text()
    assert all(f"]({path.name}/" in text for path in [*EXAMPLES, ROOT / "examples/terraform"])
