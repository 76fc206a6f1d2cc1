"""Every Python that we support makes the same products. `tests/run` installs our dependencies for those that it finds.

Where one is missing, this is a skip in CI too: there, each Python runs the digests of all examples by itself.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.cases import ROOT, SERVER_EXAMPLE

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
ASKED = ("render", str(SERVER_EXAMPLE), "--all", "--distro", "debian-12", "--distro", "rocky-9", "--jobs", "2")
FORMATS = ("cloud-config", "mime", "boothook", "script", "rootfs", "containerfile", "kubeadmconfig")


def index(python: str, *packages: Path) -> Any:
    formats = [word for name in FORMATS for word in ("--format", name)]
    path = os.pathsep.join(map(str, (ROOT / "generator", *packages)))
    command = [python, "-m", "timepolicy", *ASKED, *formats]
    variables = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("version", VERSIONS)
def test_each_python_makes_the_same_products(version: str) -> None:
    of_pyenv = sorted((Path.home() / ".pyenv/versions").glob(f"{version}.*/bin/python3"))
    python = str(of_pyenv[-1]) if of_pyenv else shutil.which(f"python{version}")  # pyenv's own there may be a shim
    packages = ROOT / ".tools/pythons" / version
    if not python or not packages.is_dir():
        pytest.skip(f"missing: Python {version} with our dependencies")
    here, there = index(sys.executable), index(python, packages)
    assert len(here["products"]) == 28
    assert there == here
