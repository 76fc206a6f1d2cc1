"""A product has the same bytes whatever the environment of the process is: an index has the digests of all."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.cases import ROOT, SERVER_EXAMPLE

NAMES = ("cloud-config", "mime", "boothook", "script", "rootfs", "containerfile", "kubeadmconfig", "ignition")
ASKED = [
    *("render", "timepolicy.yaml", "--all", "--role", "client", "--jobs", "1"),
    *(word for name in NAMES for word in ("--format", name)),
]

VARIABLES: dict[str, dict[str, str]] = {
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 4711": {"PYTHONHASHSEED": "4711"},
    "no locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "Turkish": {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr"},
    "date line": {"TZ": "Pacific/Kiritimati"},
    "optimized": {"PYTHONOPTIMIZE": "2"},
    "another user": {"HOME": "/nonexistent", "USER": "nobody", "LOGNAME": "nobody", "HOSTNAME": "elsewhere"},
    "a time of packagers": {"SOURCE_DATE_EPOCH": "1"},
}


def policy_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    text = SERVER_EXAMPLE.read_text().replace(
        "distros: [debian-12, rocky-9]", "distros: [debian-12, rocky-9, fedora-coreos]"
    )
    (folder / "timepolicy.yaml").write_text(text)
    return folder


def index(folder: Path, package: Path, **options: Any) -> Any:
    variables = {**os.environ, "PYTHONPATH": str(package), **options.pop("env", {})}
    command = [sys.executable, "-m", "timepolicy", *ASKED]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Any:
    data = index(policy_in(tmp_path_factory.mktemp("first") / "a"), ROOT / "generator")
    assert len(data["products"]) == 15
    return data


@pytest.mark.parametrize("variables", VARIABLES.values(), ids=VARIABLES)
def test_variables_change_nothing(variables: dict[str, str], expected: Any, tmp_path: Path) -> None:
    assert index(policy_in(tmp_path / "a"), ROOT / "generator", env=variables) == expected


PROCESSES: dict[str, Callable[[], Any]] = {
    "umask 077": lambda: os.umask(0o077),
    "umask 000": lambda: os.umask(0),
}


@pytest.mark.parametrize("prepare", PROCESSES.values(), ids=PROCESSES)
def test_the_umask_changes_nothing(prepare: Callable[[], Any], expected: Any, tmp_path: Path) -> None:
    assert index(policy_in(tmp_path / "a"), ROOT / "generator", preexec_fn=prepare) == expected


def test_folders_of_policy_and_package_change_nothing(expected: Any, tmp_path: Path) -> None:
    copy = tmp_path / "another place with spaces and ü"
    for name in ("generator", "rules", "schemas", "snippets"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert index(policy_in(tmp_path / "ü/é"), copy / "generator") == expected
