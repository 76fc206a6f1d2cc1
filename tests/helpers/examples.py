"""The examples, and the commands that their READMEs show."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.helpers.cases import ROOT

EXAMPLES = sorted(path.parent for path in ROOT.glob("examples/*/timepolicy.yaml"))


def commands(example: Path) -> str:
    (block,) = re.findall(r"^```sh\n(.*?)^```$", (example / "README.md").read_text(), flags=re.DOTALL | re.MULTILINE)
    return str(block)


def programs(example: Path) -> set[str]:
    """The programs that its commands run and that not every machine has."""
    return {line.split()[0] for line in commands(example).splitlines()} & {
        "ansible-playbook",
        "packer",
        "tar",
        "terraform",
    }


def assert_commands_work(example: Path, folder: Path, variables: dict[str, str] | None = None) -> None:
    """Run the commands in a copy of the example below `folder`: each one succeeds, and together they create files."""
    copy = folder / "examples" / example.name
    shutil.copytree(example, copy)
    (folder / "packer").symlink_to(ROOT / "packer")
    (folder / "examples/terraform").symlink_to(ROOT / "examples/terraform")
    (folder / "bin").mkdir()
    (folder / "bin/timepolicy").write_text(f'#!/bin/sh\nexec {sys.executable} -m timepolicy "$@"\n')
    (folder / "bin/timepolicy").chmod(0o755)
    environment = dict(variables or os.environ)
    environment["PATH"] = f"{folder}/bin:{environment['PATH']}"
    before = {path.name for path in copy.iterdir()}
    done = subprocess.run(
        ["sh", "-euc", commands(example)], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    created = {path.name for path in copy.iterdir()} - before
    assert created
    assert all((copy / name).is_dir() or (copy / name).stat().st_size > 0 for name in created)
