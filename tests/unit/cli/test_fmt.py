"""`timepolicy fmt`: files in place, standard input to standard output, and --check, which writes nothing."""

from pathlib import Path

from tests.helpers.command_line import policy_file, timepolicy

WIDE = "timezone:   UTC   # of all\nupstreams:\n- ntp1.example.org\n"
NORMAL = "timezone: UTC     # of all\nupstreams:\n  - ntp1.example.org\n"


def test_a_file_is_written_in_place(tmp_path: Path) -> None:
    path = policy_file(tmp_path, WIDE)
    done = timepolicy("fmt", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert Path(path).read_text() == NORMAL


def test_a_file_in_its_normal_form_is_not_touched(tmp_path: Path) -> None:
    path = policy_file(tmp_path, NORMAL)
    before = Path(path).stat()
    assert timepolicy("fmt", path).returncode == 0
    assert (Path(path).stat().st_ino, Path(path).stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_standard_input_goes_to_standard_output() -> None:
    assert timepolicy("fmt", "-", text=WIDE).stdout.decode() == NORMAL
    assert timepolicy("fmt", "-", text=NORMAL).stdout.decode() == NORMAL


def test_check_writes_nothing_and_names_each_file(tmp_path: Path) -> None:
    path = policy_file(tmp_path, WIDE)
    (tmp_path / "right.yaml").write_text(NORMAL)
    done = timepolicy("fmt", "--check", str(tmp_path / "right.yaml"), path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"{path} is not in its normal form; `timepolicy fmt {path}` writes it\n"
    assert Path(path).read_text() == WIDE
    assert timepolicy("fmt", "--check", str(tmp_path / "right.yaml")).returncode == 0


def test_the_default_is_the_policy_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "timepolicy.yaml").write_text(WIDE)
    assert timepolicy("fmt", folder=tmp_path).returncode == 0
    assert (tmp_path / "timepolicy.yaml").read_text() == NORMAL


def test_a_file_that_is_no_yaml_has_findings_and_stays(tmp_path: Path) -> None:
    path = policy_file(tmp_path, "timezone: [UTC\n")
    done = timepolicy("fmt", path)
    assert done.returncode == 1
    assert b"error[TP007]" in done.stderr
    assert Path(path).read_text() == "timezone: [UTC\n"
