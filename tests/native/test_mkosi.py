"""The folder of examples/mkosi, by the real mkosi: it reads the configuration, and copies mkosi.extra into an image."""

import sys
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT, agent_plan_of
from tests.helpers.examples import assert_commands_work
from tests.helpers.programs import give_up, need_root, run
from timepolicy.formats.rootfs import tree

EXAMPLE = ROOT / "examples/mkosi"

COPY = """
import sys, mkosi
from pathlib import Path
mkosi.copy_path(Path(sys.argv[1]), Path(sys.argv[2]), copystat=False)
"""
"""What install_extra_trees does for the folder; building a whole image needs a mirror."""


@pytest.fixture
def mkosi() -> str:
    """The start of a program that imports mkosi, which is unpacked or installed. Later versions are another program."""
    for packages in (ROOT / ".tools/mkosi/usr/lib/python3/dist-packages", Path("/usr/lib/python3/dist-packages")):
        module = packages / "mkosi/__init__.py"
        if module.is_file() and "def copy_path(" in module.read_text():
            break
    else:
        give_up("mkosi 14, which Debian 12 has")
    return f"import sys; sys.path.insert(0, {str(packages)!r})\n"


def test_mkosi_takes_the_folder_for_the_image(mkosi: str, tmp_path: Path) -> None:
    need_root()
    assert_commands_work(EXAMPLE, tmp_path)
    folder = tmp_path / "examples/mkosi"
    program = f"{mkosi}import os, runpy; os.chdir({str(folder)!r}); sys.argv = ['mkosi', 'summary']\n"
    done = run([sys.executable, "-W", "ignore", "-c", f"{program}runpy.run_module('mkosi', run_name='__main__')"])
    assert done.returncode == 0, done.stderr
    summary = " ".join((done.stdout + done.stderr).split())
    assert "Distribution: debian Release: bookworm" in summary, summary
    assert f"Extra Trees: {folder}/mkosi.extra" in summary, summary
    image = tmp_path / "image"
    (image / "etc").mkdir(parents=True)
    done = run([sys.executable, "-W", "ignore", "-c", mkosi + COPY, folder / "mkosi.extra", image])
    assert done.returncode == 0, done.stderr
    for entry in tree(agent_plan_of((EXAMPLE / "timepolicy.yaml").read_text())):
        path = image / entry.path[1:]
        if entry.target:
            assert str(path.readlink()) == entry.target
        else:
            assert (path.read_bytes(), path.stat().st_mode & 0o777) == (entry.content, entry.mode)
