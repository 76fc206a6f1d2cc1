"""The wheel, built and used from another folder: it has everything that the package needs."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT, SERVER_EXAMPLE
from timepolicy import __version__


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
