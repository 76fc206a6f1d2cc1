"""Everything that .ci/release builds, used as those who download it do."""

import hashlib
import json
import os
import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT, SERVER_EXAMPLE
from tests.helpers.command_line import timepolicy
from tests.helpers.programs import give_up, need, run
from timepolicy import __version__

SINGLE = f"timepolicy-{platform.system().lower()}-{platform.machine()}"
LICENCES = ("Apache-2.0", "BSD-3-Clause", "MIT", "PSF-2.0", "License :: OSI Approved :: BSD License")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = sysconfig.get_config_var("INSTSONAME") or ""
    if not library.startswith("libpython"):
        give_up("a Python with a shared library, which PyInstaller packs")
    folder = tmp_path_factory.mktemp("release")
    variables = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = [ROOT / ".ci/release", folder]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_list_of_digests_has_every_file(release: Path) -> None:
    lines = [line.split("  ") for line in (release / "SHA256SUMS").read_text().splitlines()]
    assert {name for _, name in lines} == {
        SINGLE,
        "timepolicy.cdx.json",
        f"timepolicy-{__version__}-py3-none-any.whl",
        f"timepolicy-{__version__}.tar.gz",
    }
    assert all(hashlib.sha256((release / name).read_bytes()).hexdigest() == digest for digest, name in lines)


COMMANDS = {
    "all products": ["render", str(SERVER_EXAMPLE), "--all", "--jobs", "2"],
    "a schema": ["schema"],
    "a rule": ["explain", "TP121"],
    "every rule": ["rules"],
    "timezones": ["validate", str(SERVER_EXAMPLE), "--format", "json"],
    "a mistake": ["explain", "TP999"],
    "rules of alerts": ["monitoring", str(SERVER_EXAMPLE)],
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_the_single_file_does_what_the_checkout_does(words: list[str], release: Path, tmp_path: Path) -> None:
    """Without Python, and without any variable."""
    alone = subprocess.run([release / SINGLE, *words], cwd=tmp_path, env={}, capture_output=True, check=False)
    here = timepolicy(*words, folder=tmp_path)
    assert (alone.returncode, alone.stdout) == (here.returncode, here.stdout)
    assert alone.stdout or alone.stderr


def test_the_single_file_is_small_enough(release: Path) -> None:
    assert (release / SINGLE).stat().st_size < 25_000_000


def test_the_sbom_has_what_is_installed_and_licences_that_we_may_ship(release: Path) -> None:
    components = json.loads((release / "timepolicy.cdx.json").read_text())["components"]
    assert {item["name"].lower() for item in components} >= {"timepolicy", "click", "jinja2", "jsonschema", "pyyaml"}
    assert not {item["name"] for item in components} & {"pip", "setuptools", "pyinstaller", "cyclonedx-bom"}
    for item in components:
        terms = [entry["license"].get("id") or entry["license"]["name"] for entry in item["licenses"]]
        assert set(terms) <= set(LICENCES), item["name"]


def test_man_reads_the_page_without_a_warning() -> None:
    done = run([need("man"), "--warnings=w", "-l", str(ROOT / "share/man/man1/timepolicy.1")])
    assert (done.returncode, done.stderr) == (0, "")
    assert "--inventory CSV" in done.stdout
