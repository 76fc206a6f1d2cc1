"""What is released: the wheel has everything that the package needs, the sdist can be unpacked, workflows are valid."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.cases import ROOT, SERVER_EXAMPLE
from tests.helpers.golden_files import assert_golden
from tests.helpers.json_schema import assert_valid
from timepolicy import __version__
from timepolicy.cli.main import COMMANDS
from timepolicy.cli.man import man_page


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = ["-m", "pip", "wheel", "-q", "--no-deps", "--disable-pip-version-check", "-w", str(folder), str(ROOT)]
    command = [sys.executable, *pip]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("timepolicy-*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def test_the_changelog_begins_with_this_version() -> None:
    newest = re.search(r"^## (\S+) \(20\d\d-\d\d-\d\d\)$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__


def test_the_wheel_has_what_the_package_reads(unpacked: Path) -> None:
    package = unpacked / "timepolicy"
    for source, folder in ((ROOT / "rules", "rules"), (ROOT / "schemas", "schemas"), (ROOT / "snippets", "snippets")):
        names = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
        assert names
        found = {path for path in (package / folder).rglob("*") if path.is_file() and path.suffix != ".py"}
        assert names == {str(path.relative_to(package / folder)) for path in found}
    assert (package / "py.typed").is_file()


def test_the_wheel_renders_as_the_checkout_does(unpacked: Path, tmp_path: Path) -> None:
    formats = [word for name in ("cloud-config", "mime", "script", "rootfs") for word in ("--format", name)]
    command = [sys.executable, "-m", "timepolicy", "render", str(SERVER_EXAMPLE), "--all", "--jobs", "1", *formats]
    site = next(path for path in sys.path if path.endswith("site-packages"))
    environment = {"PYTHONPATH": f"{unpacked}:{site}", "PATH": "/usr/bin:/bin"}
    isolated = [command[0], "-S", *command[1:]]
    from_wheel = subprocess.run(isolated, capture_output=True, check=True, cwd=tmp_path, env=environment)
    from_checkout = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path)
    assert from_wheel.stdout == from_checkout.stdout
    assert from_wheel.stdout.count(b"sha256") >= 8


BUILD = """
import sys
from hatchling.build import build_sdist, build_wheel
build_sdist(sys.argv[1])
build_wheel(sys.argv[1])
"""

SOURCES = ("generator", "rules", "schemas", "snippets", "share", "docs", "examples")
FILES = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore")


@pytest.fixture(scope="module")
def hatchling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the build backend, which pip installs only in its own isolation."""
    folder = tmp_path_factory.mktemp("hatchling")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(folder)]
    done = subprocess.run([*pip, "hatchling>=1.27"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def built(source: Path, output: Path, hatchling: Path, **variables: str) -> dict[str, bytes]:
    """The sdist and the wheel of a checkout, by their names."""
    environment = {**os.environ, "PYTHONPATH": str(hatchling), **variables}
    command = [sys.executable, "-c", BUILD, str(output)]
    done = subprocess.run(
        command, cwd=source, env=environment, capture_output=True, text=True, check=False, umask=0o077
    )
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in output.iterdir()}


def test_sdist_and_wheel_are_reproducible(hatchling: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, copy)
    for path in copy.rglob("*"):
        os.utime(path, (10**9, 10**9))
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = built(ROOT, tmp_path / "one", hatchling)
    two = built(copy, tmp_path / "two", hatchling, TZ="Asia/Tokyo", LC_ALL="C", PYTHONHASHSEED="4711")
    assert set(one) == {f"timepolicy-{__version__}.tar.gz", f"timepolicy-{__version__}-py3-none-any.whl"}
    assert one == two
    for name in one:
        assert b"share/man/man1/timepolicy.1" in b" ".join(names_in(tmp_path / "one" / name))
    assert all(len(content) < 2_000_000 for content in one.values())  # nothing that a test downloaded
    with tarfile.open(tmp_path / "one" / f"timepolicy-{__version__}.tar.gz") as tar:
        assert all(member.isfile() or member.isdir() for member in tar)  # pip refuses links that lead out
        tar.extraction_filter = getattr(tarfile, "data_filter", None)  # Debian 12's Python has none
        tar.extractall(tmp_path / "unpacked")
    again = tmp_path / "again"
    again.mkdir()
    assert built(tmp_path / f"unpacked/timepolicy-{__version__}", again, hatchling) == one


def names_in(archive: Path) -> Iterator[bytes]:
    if archive.suffix == ".whl":
        yield from (name.encode() for name in zipfile.ZipFile(archive).namelist())
    else:
        with tarfile.open(archive) as tar:
            yield from (name.encode() for name in tar.getnames())


def test_the_manual_page_is_made_from_the_help(update_golden: bool) -> None:
    page = man_page()
    assert_golden(ROOT / "share/man/man1/timepolicy.1", page, update_golden)
    assert all(f".SS timepolicy {name} " in page for name in COMMANDS)


COMPLETE = r"""
. share/bash-completion/completions/timepolicy
COMP_WORDS=(timepolicy {words}) COMP_CWORD={number}
_timepolicy_completion timepolicy
printf '%s\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [("ren", ["render"]), ("render --inv", ["--inventory"]), ("render --role s", ["server"])],
    ids=["command", "option", "choice"],
)
def test_bash_completes(words: str, expected: list[str], tmp_path: Path) -> None:
    program = tmp_path / "timepolicy"
    start = "import sys; sys.argv[0] = 'timepolicy'; from timepolicy.cli.main import main; main()"  # click goes by it
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{start}"\n')
    program.chmod(0o755)
    script = COMPLETE.format(words=words, number=len(words.split()))
    variables = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == expected


WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")


def workflow(path: Path) -> dict[str, Any]:
    return dict(yaml.load(path.read_text(), yaml.BaseLoader))  # BaseLoader makes only text: `on` is no bool


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_valid_and_trusts_nobody(path: Path) -> None:
    data = yaml.safe_load(path.read_text())
    data["on"] = data.pop(True)  # YAML 1.1 reads the key as a bool
    assert_valid(data, ROOT / "tests/helpers/schemas/github-workflow.schema.json")
    assert data["permissions"] == {"contents": "read"}
    for job in data["jobs"].values():
        assert job["timeout-minutes"] <= 120
        for step in job["steps"]:
            assert "uses" not in step or PINNED.fullmatch(step["uses"]), step
            assert "${{" not in step.get("run", ""), "text from outside does not get into a script"
            assert not step.get("uses", "").startswith("actions/checkout@") or not step["with"]["persist-credentials"]
    assert not re.search(r"secrets\.|pull_request_target|password", path.read_text().replace("no password", ""))


def test_ci_runs_on_every_python_that_we_name() -> None:
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    data = workflow(ROOT / ".github/workflows/ci.yml")
    assert data["jobs"]["tests"]["strategy"]["matrix"]["python"] == named == ["3.11", "3.12", "3.13", "3.14"]


def test_only_the_jobs_that_publish_may_write() -> None:
    jobs = workflow(ROOT / ".github/workflows/release.yml")["jobs"]
    writes = {
        name: [key for key, value in job.get("permissions", {}).items() if value == "write"]
        for name, job in jobs.items()
    }
    assert writes == {
        "programs": [],
        "build": ["id-token", "attestations"],
        "pypi": ["id-token"],
        "github": ["contents"],
    }
    assert (jobs["pypi"]["needs"], jobs["github"]["needs"], jobs["pypi"]["environment"]) == ("build", "pypi", "pypi")
