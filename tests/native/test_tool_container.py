"""The Containerfile of the program itself, built by the real Buildah without a network."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.buildah import builder, enter, limits
from tests.helpers.cases import EXAMPLE, ROOT
from tests.helpers.command_line import timepolicy
from timepolicy import __version__

CONTEXT = ("generator", "rules", "schemas", "snippets", "share", "LICENSE", "README.md", "pyproject.toml")
"""What the build reads of a checkout, and what .containerignore keeps."""

BUILD = """
buildah build -q --pull=never {limits} --build-arg BASE=localhost/python --build-arg PIP_NO_INDEX=1 \\
  --build-arg PIP_FIND_LINKS=/src/wheels -t timepolicy /context >&2
"""

RUN = """
container=$(buildah from --pull=never {limits} timepolicy)
buildah run --volume /policies:/work:ro "$container" -- {command}
buildah rm "$container" >&2
"""


@pytest.fixture(scope="module")
def image(request: pytest.FixtureRequest) -> Path:
    """Build the image, and return the root directory in which Buildah has it."""
    root = builder(request.config.cache.mkdir("buildah"))
    for name in ("context", "policies"):
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir()
    for name in CONTEXT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / "context" / name)
    for name in ("Containerfile", ".containerignore"):
        shutil.copy(ROOT / name, root / "context")
    (root / "context/secret").write_text("of the checkout, not of the image")
    shutil.copy(EXAMPLE, root / "policies/timepolicy.yaml")
    wheels = ["--only-binary=:all:", "--python-version=3.13", "-d", str(root / "context/wheels")]
    pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", *wheels]
    packages = ["hatchling", "click", "jinja2", "jsonschema", "pyyaml", "tzdata"]
    subprocess.run([*pip, *packages], check=True)
    enter(root, BUILD.format(limits=limits()))
    return root


def in_container(image: Path, command: str) -> str:
    return enter(image, RUN.format(limits=limits(), command=command))


def test_it_renders_what_the_checkout_does(image: Path) -> None:
    shown = in_container(image, "/opt/timepolicy/bin/timepolicy render --distro debian-12")
    assert shown.encode() == timepolicy("render", str(EXAMPLE), "--distro", "debian-12").stdout


def test_it_runs_without_rights_and_starts_the_program(image: Path) -> None:
    wanted = "{{.OCIv1.Config.User}} {{.OCIv1.Config.WorkingDir}} {{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.Cmd}}"
    shown = enter(image, f"buildah inspect --type image --format '{wanted}' timepolicy")
    assert shown.strip() == "65532:65532 /work [/opt/timepolicy/bin/timepolicy] [--help]"
    assert in_container(image, "id -u") == "65532\n"
    assert in_container(image, "/opt/timepolicy/bin/timepolicy --version").strip().endswith(__version__)


def test_it_has_no_source_code_and_no_pip(image: Path) -> None:
    found = in_container(image, "sh -c 'ls / /opt/timepolicy/bin'").split()
    assert "timepolicy" in found
    assert not {"src", "context", "pip", "pip3"} & set(found)


def test_its_ignore_file_is_what_the_build_reads(image: Path) -> None:
    kept = {line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line.startswith("!")}
    assert kept == {*CONTEXT, "wheels"}
    (image / "Containerfile.look").write_text("FROM localhost/python\nCOPY . /src\n")
    enter(image, f"buildah build -q --pull=never {limits()} -f /Containerfile.look -t look /context >&2")
    names = enter(
        image, 'c=$(buildah from --pull=never look); ls "$(buildah mount "$c")/src"; buildah rm "$c" >&2'
    ).split()
    assert set(names) == kept
