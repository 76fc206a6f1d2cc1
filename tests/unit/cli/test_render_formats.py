"""`render --format`: the formats of a release, where the product is written, and refusals."""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE
from tests.helpers.command_line import timepolicy
from tests.helpers.products import UNGATED, UTC
from timepolicy.distros.catalogue import TARGETS
from timepolicy.formats import FORMATS, formats_for


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("system", ["debian-12", "fedora-coreos", "flatcar", "openshift-4", "bottlerocket", "talos"])
def test_a_format_that_the_system_does_not_support_is_wrong_usage(system: str, name: str) -> None:
    done = timepolicy("render", "-", "--distro", system, "--format", name, text=UNGATED)
    possible = formats_for(TARGETS[system].provisioning)
    assert done.returncode == (0 if name in possible else 2), done.stderr
    assert bool(done.stdout) == (name in possible)
    if name not in possible:
        assert possible[0].encode() in done.stderr


@pytest.mark.parametrize(
    ("system", "start"),
    [
        ("debian-12", b"#cloud-config\n"),
        ("flatcar", b"{\n"),
        ("talos", b"# timepolicy"),
        ("bottlerocket", b"# timepolicy"),
    ],
)
def test_without_a_format_it_is_the_systems_own(system: str, start: bytes) -> None:
    done = timepolicy("render", "-", "--distro", system, text=UNGATED)
    assert done.returncode == 0
    assert done.stdout.startswith(start)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_rootfs_goes_into_an_empty_folder_or_a_new_one(is_there: bool, tmp_path: Path) -> None:
    arguments, folder = ("render", str(EXAMPLE), "--distro", "debian-12", "--format", "rootfs"), tmp_path / "tree"
    if is_there:
        folder.mkdir()
    done = timepolicy(*arguments, "-o", str(folder))
    assert (done.returncode, done.stdout) == (0, b"")
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() or path.is_symlink()}
    with tarfile.open(fileobj=io.BytesIO(timepolicy(*arguments).stdout)) as tar:
        assert files == {member.name for member in tar}
    assert (folder / "usr/local/sbin/timepolicy-node").stat().st_mode & 0o777 == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]


@pytest.mark.parametrize("umask", ["077", "002"])
def test_a_rootfs_is_the_same_whatever_the_umask(umask: str, tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    render = f"{sys.executable} -m timepolicy render {EXAMPLE} --distro debian-12 --format rootfs -o {folder}"
    assert subprocess.run(["sh", "-c", f"umask {umask} && {render}"], check=False).returncode == 0
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o755}
    assert (folder / "etc/timepolicy/node.json").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(("name", "more"), [("tree", ["--base64"]), ("plan.tar.gz", []), ("plan.tgz", [])])
def test_what_is_neither_an_archive_nor_a_folder_is_wrong_usage(name: str, more: list[str], tmp_path: Path) -> None:
    arguments = ("render", str(EXAMPLE), "--distro", "debian-12", "--format", "rootfs", "-o", str(tmp_path / name))
    done = timepolicy(*arguments, *more)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"NAME.tar" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_rootfs_does_not_go_into_a_folder_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = timepolicy("render", str(EXAMPLE), "--distro", "debian-12", "--format", "rootfs", "-o", str(tmp_path))
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_rootfs_goes_into_an_archive(tmp_path: Path) -> None:
    arguments = ("render", str(EXAMPLE), "--distro", "debian-12", "--format", "rootfs")
    assert timepolicy(*arguments, "-o", str(tmp_path / "plan.tar")).returncode == 0
    assert (tmp_path / "plan.tar").read_bytes() == timepolicy(*arguments).stdout


NAMED = UTC + "distros: [debian-12, rocky-9]\n"


@pytest.mark.parametrize("arguments", [(), ("--format", "mime"), ("--format", "script")], ids=" ".join)
def test_without_a_distribution_one_product_serves_all_releases_of_the_policy(arguments: tuple[str, ...]) -> None:
    done = timepolicy("render", "-", *arguments, text=NAMED)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"timepolicy: internal-ntp for debian-12, rocky-9, client." in done.stdout
    assert b"debian-12) n=0" in done.stdout


@pytest.mark.parametrize(
    ("distros", "arguments"),
    [
        ("debian-12, rocky-9", ("--format", "rootfs")),
        ("debian-12, talos", ()),
        ("debian-12, talos", ("--format", "mime")),
    ],
)
def test_a_format_for_one_release_refuses_several(distros: str, arguments: tuple[str, ...]) -> None:
    done = timepolicy("render", "-", *arguments, text=UNGATED + f"distros: [{distros}]\n")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--distro" in done.stderr
    assert distros.encode() in done.stderr


def test_an_error_on_one_of_several_releases_is_reported_once() -> None:
    text = NAMED.replace("[ntp.aliyun.com, ntp.tencent.com]", "[{server: ntp.aliyun.com, max_unreach: 9}]")
    done = timepolicy("render", "-", text=text)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.count(b"error[TP062]") == len(NAMED.partition("distros: ")[2].split(","))
    assert done.stderr.count(b"warning[TP120]") == 1
