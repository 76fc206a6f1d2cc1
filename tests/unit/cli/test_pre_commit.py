"""The hook for other repositories: its files and its findings, run as pre-commit runs it."""

import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml

from tests.helpers.cases import ROOT
from tests.helpers.programs import run

(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
RIGHT = "timezone: UTC\nupstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]\n"

FILES = {
    "timepolicy.yaml": True,
    "clusters/prod/timepolicy.yml": True,
    "my-timepolicy.yaml": False,
    "timepolicy.yaml.bak": False,
}


@pytest.mark.parametrize(("name", "is_checked"), FILES.items(), ids=FILES)
def test_which_files_it_checks(name: str, is_checked: bool) -> None:
    assert bool(re.search(HOOK["files"], name)) == is_checked


@pytest.mark.parametrize(
    ("texts", "status"),
    [([RIGHT], 0), ([RIGHT, RIGHT], 0), ([RIGHT, "timezone: UTC\n", RIGHT], 1)],
    ids=["one", "two", "one of three is wrong"],
)
def test_its_findings(tmp_path: Path, texts: list[str], status: int) -> None:
    paths = [tmp_path / str(number) / "timepolicy.yaml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.parent.mkdir()
        path.write_text(text)
    entry, *arguments = shlex.split(HOOK["entry"])
    done = run([Path(sys.executable).parent / entry, *arguments, *paths])
    assert done.returncode == status
    wrong = [path for path, text in zip(paths, texts, strict=True) if text != RIGHT]
    assert [path for path in paths if str(path) in done.stderr] == wrong
