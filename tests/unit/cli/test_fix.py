"""`timepolicy validate --fix`: what leaves no doubt is corrected, with its comments; all else stays a finding."""

from pathlib import Path

import pytest

from tests.helpers.command_line import MINIMAL, policy_file, timepolicy

WRONG = """\
# of our clusters
time-zone: UTC                # everywhere
upsteams:
  - {server: ntp1.example.org, minPoll: '64 sec'}  # {upsteams: comment}
  - ntp2.example.org
  - ntp3.example.org
gate: {unit: [kubelet.service], "timeout": "1h 30m"}
distros: [noble, Rocky_9, RHEL9.4, "debain-12",OL9]
"""
RIGHT = """\
# of our clusters
timezone: UTC                # everywhere
upstreams:
  - {server: ntp1.example.org, min_poll: '64s'}  # {upsteams: comment}
  - ntp2.example.org
  - ntp3.example.org
gate: {units: [kubelet.service], "timeout": "90m"}
distros: [ubuntu-24.04, rocky-9, rhel-9, "debian-12",oracle-linux-9]
"""
CHANGES = """\
{path}:2: changed `time-zone` to `timezone`
{path}:3: changed `upsteams` to `upstreams`
{path}:7: changed `unit` to `units`
{path}:7: changed `"1h 30m"` to `"90m"`
{path}:8: changed `noble` to `ubuntu-24.04`
{path}:8: changed `Rocky_9` to `rocky-9`
{path}:8: changed `RHEL9.4` to `rhel-9`
{path}:8: changed `"debain-12"` to `"debian-12"`
{path}:8: changed `OL9` to `oracle-linux-9`
{path}:4: changed `minPoll` to `min_poll`
{path}:4: changed `'64 sec'` to `'64s'`
"""
"""In the order of the rounds: what stands below a misspelt key is checked only when the key is right."""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_names_and_durations_are_corrected_and_all_else_stays(end: str, tmp_path: Path) -> None:
    path = policy_file(tmp_path, WRONG.replace("\n", end))
    done = timepolicy("validate", "--fix", path)
    assert done.stdout == b""
    assert Path(path).read_bytes().decode() == RIGHT.replace("\n", end)
    assert done.stderr.decode() == CHANGES.format(path=path)
    assert done.returncode == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("step: {threshold: 400}\n", id="a number without a unit"),
        pytest.param('step: {threshold: "1,500ms"}\n', id="a comma that may separate thousands"),
        pytest.param("gate: {units: [a.service], min_offset: 10ms}\n", id="a key that means the opposite of another"),
        pytest.param("distros: [sles-15]\n", id="several releases"),
        pytest.param("distros: [rocky-7]\n", id="a release that is not there"),
        pytest.param("distros: [centos-8]\n", id="not CentOS Stream"),
        pytest.param("distros: [opensuse-leap-16.5]\n", id="not 16.0"),
        pytest.param("distros: [debian]\n", id="no version"),
        pytest.param("gate: {unit: [a.service], unitss: [b.service]}\n", id="two that would be one key"),
        pytest.param("gate: {units: [a.service], unitss: [b.service]}\n", id="a key that is there already"),
        pytest.param("clients: {fallback: [{server: ntp9.example.org, min_poll: 60s}]}\n", id="not the same length"),
        pytest.param("clients: {daemon: crony}\n", id="another kind of mistake"),
        pytest.param("\ufefftimezone: UTC\n", id="characters that no policy has"),
    ],
)
def test_what_could_mean_something_else_stays(text: str, tmp_path: Path) -> None:
    path = policy_file(tmp_path, MINIMAL + text)
    before = timepolicy("validate", path)
    done = timepolicy("validate", "--fix", path)
    assert (done.returncode, done.stderr) == (before.returncode, before.stderr)
    assert done.returncode == 1
    assert Path(path).read_text() == MINIMAL + text


def test_a_right_policy_is_not_touched(tmp_path: Path) -> None:
    path = policy_file(tmp_path, MINIMAL)
    before = Path(path).stat()
    assert timepolicy("validate", "--fix", path).stderr == b""
    assert Path(path).stat().st_mtime_ns == before.st_mtime_ns
    assert Path(path).stat().st_ino == before.st_ino


def test_standard_input_goes_to_standard_output() -> None:
    done = timepolicy("validate", "--fix", "-", text=WRONG)
    assert (done.returncode, done.stdout.decode()) == (0, RIGHT)
    assert done.stderr.decode() == CHANGES.format(path="<stdin>")


def test_what_remains_is_reported_about_the_new_text(tmp_path: Path) -> None:
    path = policy_file(tmp_path, MINIMAL.replace("timezone", "timezon") + "clients: {daemon: crony}\n")
    done = timepolicy("validate", "--fix", "--format", "line", path)
    assert done.returncode == 1
    assert done.stderr.decode() == f"{path}:1: changed `timezon` to `timezone`\n"
    assert [line.split()[2] for line in done.stdout.decode().splitlines()] == ["TP029"]


def test_two_products_do_not_share_standard_output() -> None:
    done = timepolicy("validate", "--fix", "--format", "json", "-", text=WRONG)
    assert (done.returncode, done.stdout) == (2, b"")


def test_text_that_is_not_utf_8_is_not_printed() -> None:
    done = timepolicy("validate", "--fix", "-", text=b"timezone: \xff\n")
    assert (done.returncode, done.stdout) == (1, b"")
