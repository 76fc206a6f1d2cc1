"""`timepolicy import` and `timepolicy lint` as a user meets them."""

import re
from pathlib import Path

import pytest

from tests.helpers.cases import TREES
from tests.helpers.command_line import timepolicy, timepolicy_process

CORPUS = TREES / "import"
GUIDE = str(CORPUS / "guide-server/root/etc/chrony.conf")
RIGHT = "server ntp1.example.org iburst\nmakestep 1 3\nrtcsync\n"


def file(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_lint_of_a_right_file_prints_nothing(tmp_path: Path) -> None:
    done = timepolicy("lint", file(tmp_path, "chrony.conf", RIGHT))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_lint_of_a_wrong_file_exits_with_1() -> None:
    done = timepolicy("lint", GUIDE, "--format", "line")
    assert (done.returncode, done.stderr) == (1, b"")
    found = re.findall(r"chrony\.conf:(\d+):\d+: (\w+) (TP\d+) ", done.stdout.decode())
    assert found == [("1", "warning", "TP223"), ("6", "error", "TP215"), ("11", "warning", "TP221")]


def test_lint_of_warnings_alone_exits_with_0(tmp_path: Path) -> None:
    done = timepolicy("lint", file(tmp_path, "chrony.conf", RIGHT + "manual\n"))
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"warning[TP231]" in done.stderr


def test_lint_reports_nothing_about_the_conversion(tmp_path: Path) -> None:
    done = timepolicy("lint", file(tmp_path, "chrony.conf", RIGHT + "logdir /var/log/chrony\nmaxdistance 3\n"))
    assert (done.returncode, done.stderr) == (0, b"")


def test_import_converts_a_wrong_file_and_reports_what_is_wrong() -> None:
    done = timepolicy("import", GUIDE, "--address", "10.2.12.11", "--timezone", "Asia/Shanghai")
    assert done.returncode == 0
    assert b"error[TP215]" in done.stderr
    policy = done.stdout
    assert b"timezone: Asia/Shanghai\n" in policy
    for role in ("client", "server"):
        rendered = timepolicy("render", "-", "--distro", "rocky-9", "--role", role, text=policy)
        assert rendered.returncode == 0, rendered.stderr


def test_import_of_a_file_without_a_source_exits_with_1(tmp_path: Path) -> None:
    done = timepolicy("import", file(tmp_path, "chrony.conf", "rtcsync\n"))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"error[TP255]" in done.stderr


@pytest.mark.parametrize("command", ["import", "lint"])
def test_the_text_of_standard_input_decides_the_daemon(command: str) -> None:
    done = timepolicy(command, "-", text="[Time]\nNTP=ntp1.example.org\nFallbackNTP=ntp2.example.org\n")
    assert done.returncode == 0
    assert b"<stdin>:3:1" in done.stderr
    assert (b"systemd-timesyncd" in done.stdout) == (command == "import")


@pytest.mark.parametrize("command", ["import", "lint"])
def test_a_file_that_cannot_be_read(command: str, tmp_path: Path) -> None:
    done = timepolicy(command, str(tmp_path / "chrony.conf"))
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"cannot read" in done.stderr


def test_a_file_below_the_root_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.conf").symlink_to("/proc/self/mem")
    main = file(tmp_path, "chrony.conf", RIGHT + f"include {tmp_path}/a.conf\n")
    done = timepolicy("lint", main, "--root", "/")
    assert done.returncode == 3
    assert b"cannot read" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_named_file_is_the_one_of_the_image(tmp_path: Path) -> None:
    image, outside = tmp_path / "image", tmp_path / "outside.conf"
    (image / "etc").mkdir(parents=True)
    (image / "etc" / "chrony.conf").symlink_to(outside)
    outside.write_text(RIGHT)
    arguments = ["import", str(image / "etc/chrony.conf"), "--root", str(image)]
    done = timepolicy(*arguments)
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"No such file" in done.stderr
    within = image / str(outside).lstrip("/")
    within.parent.mkdir(parents=True)
    within.write_text(RIGHT.replace("ntp1.example.org", "image.example.org"))
    assert b"- image.example.org\n" in timepolicy(*arguments).stdout


WRONG_USAGE = {
    "no file": ["lint"],
    "unknown release": ["lint", GUIDE, "--distro", "rocky9"],
    "no such root": ["lint", GUIDE, "--root", "/nowhere/at/all"],
    "no address": ["import", GUIDE, "--address", "10.2.12.999"],
    "no timezone": ["import", GUIDE, "--timezone", "Asia/Shangai"],
}


@pytest.mark.parametrize("arguments", WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_wrong_usage(arguments: list[str]) -> None:
    done = timepolicy(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr


def test_included_files_are_read_below_the_root_only() -> None:
    root = CORPUS / "sles-15/root"
    main = str(root / "etc/chrony.conf")
    with_root = timepolicy("import", main, "--root", str(root))
    assert with_root.returncode == 0
    assert b"pool: suse.pool.ntp.org" in with_root.stdout
    without = timepolicy("import", main)
    assert (without.returncode, without.stdout) == (1, b"")
    assert b"TP201" in without.stderr


def test_the_same_bytes_in_any_environment() -> None:
    arguments = ("import", GUIDE, "--address", "10.2.12.11")
    here = timepolicy_process(*arguments)
    there = timepolicy_process(*arguments, LC_ALL="C", TZ="Asia/Shanghai", PYTHONHASHSEED="7")
    assert (here.stdout, here.stderr) == (there.stdout, there.stderr)


def test_strict_lint_treats_warnings_as_errors(tmp_path: Path) -> None:
    done = timepolicy("lint", file(tmp_path, "chrony.conf", RIGHT + "manual\n"), "--strict")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"error[TP231]" in done.stderr


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    done = timepolicy("lint", file(tmp_path, "chrony.conf", RIGHT + "# a long story\n" * 80_000))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"error[TP257]" in done.stderr


def test_findings_of_several_files_are_separated(tmp_path: Path) -> None:
    names = [file(tmp_path, name, "servr ntp1.example.org\n") for name in ("a.chrony.conf", "b.chrony.conf")]
    done = timepolicy("lint", *names)
    assert done.returncode == 1
    assert all(f" --> {name}:1:1\n" in done.stderr.decode() for name in names)
    assert b"\n\n\n" not in done.stderr


def test_strict_import_fails_for_what_the_policy_lacks(tmp_path: Path) -> None:
    lacking = file(tmp_path, "chrony.conf", RIGHT + "noclientlog\n")
    done, strict = timepolicy("import", lacking), timepolicy("import", lacking, "--strict")
    assert (done.returncode, strict.returncode) == (0, 1)
    assert strict.stdout == done.stdout, "the policy is made all the same"
    assert b"error[TP250]" in strict.stderr


def test_strict_import_of_a_right_file_exits_with_0(tmp_path: Path) -> None:
    done = timepolicy("import", file(tmp_path, "chrony.conf", RIGHT), "--strict")
    assert (done.returncode, done.stderr) == (0, b"")


def test_import_writes_a_file(tmp_path: Path) -> None:
    source, output = file(tmp_path, "chrony.conf", RIGHT), tmp_path / "timepolicy.yaml"
    printed = timepolicy("import", source).stdout
    assert timepolicy("import", source, "-o", str(output)).stdout == b""
    assert (output.read_bytes(), printed[:7]) == (printed, b"# Made ")


def test_import_does_not_replace_what_it_reads(tmp_path: Path) -> None:
    source = file(tmp_path, "chrony.conf", RIGHT)
    done = timepolicy("import", source, "-o", source)
    assert (done.returncode, Path(source).read_text()) == (2, RIGHT)
    assert b"is read by this command" in done.stderr


def test_import_without_a_policy_leaves_the_file(tmp_path: Path) -> None:
    output = tmp_path / "timepolicy.yaml"
    assert timepolicy("import", file(tmp_path, "chrony.conf", "rtcsync\n"), "-o", str(output)).returncode == 1
    assert not output.exists()
