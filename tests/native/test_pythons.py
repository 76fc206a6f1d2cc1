"""Each Python that we support makes the same products; `tests/run` installs our dependencies for each.

3.14 is not here, since no machine of ours has it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.cases import ROOT, SERVER_EXAMPLE
from tests.helpers.programs import give_up, need_python

VERSIONS = ("3.11", "3.12", "3.13")
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
    python, packages = need_python(version), ROOT / ".tools/pythons" / version
    if not packages.is_dir():
        give_up(f"our dependencies for Python {version}")
    here, there = index(sys.executable), index(python, packages)
    assert len(here["products"]) == 28
    assert there == here
