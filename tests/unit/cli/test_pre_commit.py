"""The hook for other repositories: which files it takes, and what it says of them, run as pre-commit runs it."""

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


@pytest.mark.parametrize(("name", "is_taken"), FILES.items(), ids=FILES)
def test_which_files_it_takes(name: str, is_taken: bool) -> None:
    assert bool(re.search(HOOK["files"], name)) == is_taken


@pytest.mark.parametrize(
    ("texts", "status"),
    [([RIGHT], 0), ([RIGHT, RIGHT], 0), ([RIGHT, "timezone: UTC\n", RIGHT], 1)],
    ids=["one", "two", "one of three is wrong"],
)
def test_what_it_says_of_files(tmp_path: Path, texts: list[str], status: int) -> None:
    paths = [tmp_path / str(number) / "timepolicy.yaml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.parent.mkdir()
        path.write_text(text)
    entry, *words = shlex.split(HOOK["entry"])
    done = run([Path(sys.executable).parent / entry, *words, *paths])
    assert done.returncode == status
    wrong = [path for path, text in zip(paths, texts, strict=True) if text != RIGHT]
    assert [path for path in paths if str(path) in done.stderr] == wrong
