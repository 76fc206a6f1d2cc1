"""Each packed program starts on the Pythons of old releases: 3.6 on EL8 and SLES 15, 3.7 and 3.8 elsewhere."""

import gzip
import subprocess
from pathlib import Path

import pytest

from tests.helpers.programs import need_python
from timepolicy.agent.packer import PROGRAMS
from timepolicy.resources import AGENT


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.9"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_starts(name: str, version: str, tmp_path: Path) -> None:
    path = tmp_path / "timepolicy-node"
    path.write_bytes(gzip.decompress((AGENT / f"{name}.py.gz").read_bytes()))
    done = subprocess.run([need_python(version), "-IS", path, "sync"], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("usage: timepolicy-node COMMAND")


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.9", "3.12"])
def test_the_doctor_examines_this_machine(version: str, tmp_path: Path) -> None:
    path = tmp_path / "timepolicy-doctor"
    path.write_bytes(gzip.decompress((AGENT / "doctor.py.gz").read_bytes()))
    done = subprocess.run([need_python(version), "-IS", path], capture_output=True, text=True, check=False)
    assert (done.returncode in (0, 1), done.stderr) == (True, "")
    assert done.stdout.startswith("localhost: ")
