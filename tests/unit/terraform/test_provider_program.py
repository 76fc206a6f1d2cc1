"""The provider's program without Terraform."""

import subprocess
import sys
from pathlib import Path

from tests.helpers.command_line import timepolicy
from timepolicy import __version__
from timepolicy.terraform.mirror import PROGRAM

PROVIDER = Path(sys.executable).parent / PROGRAM


def test_a_mirror_of_another_version_is_refused() -> None:
    done = subprocess.run([PROVIDER, "0.0.9"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"this is {__version__}, and the mirror asks for 0.0.9" in done.stderr


def test_started_by_a_person_it_explains_that_terraform_starts_it() -> None:
    done = subprocess.run([PROVIDER], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Terraform starts this program" in done.stderr


def test_a_mirror_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "terraform.local").write_text("a file")
    done = timepolicy("terraform", "--mirror", str(tmp_path))
    assert done.returncode == 3
    assert b"cannot write" in done.stderr
