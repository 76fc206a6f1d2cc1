"""timepolicy-seal on trees: what goes, what stays, what --check finds, by real shells."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.cases import EXAMPLE, plan_of
from tests.programs import run
from timepolicy.emit.shell import image_script
from timepolicy.resources import SEAL

FOREIGN = {
    "var/lib/chrony/chrony.drift": "drift file of Debian's chrony",
    "var/lib/chrony/drift": "drift file of the others' chrony",
    "var/lib/chrony/rtc": "the hardware clock's drift",
    "var/lib/chrony/10.2.12.11.dat": "measurements",
    "var/lib/chrony/ntp1.example.org.nts": "NTS keys and cookies",
    "var/lib/ntp/ntp.drift": "ntpd's drift file",
    "var/lib/systemd/timesync/clock": "timesyncd's last time",
    "run/timepolicy/report.json": "the agent's report",
    "run/chrony-dhcp/eth0.sources": "DHCP's sources",
    "var/lib/dhclient/chrony.servers.eth0": "DHCP's sources",
    "var/lib/dhcp/dhclient.eth0.leases": "a lease",
    "var/log/journal/0123/system.journal": "the journal",
    "var/log/cloud-init.log": "cloud-init's log",
    "var/lib/cloud/instances/i-1/user-data.txt": "cloud-init's state",
    "var/lib/dbus/machine-id": "the machine's name",
    "var/lib/systemd/random-seed": "the random seed",
    "var/lib/metrics/timepolicy.prom": "metrics",
    "etc/chrony/chrony.servers": "the other servers, as seen from this one",
    "etc/adjtime": "the hardware clock's drift",
    "etc/machine-id": "the machine's name",
}

KEYS = ("etc/chrony.keys", "etc/chrony/chrony.keys", "srv/nts.key", "srv/time.keys")

CONFIGURATION = "keyfile /srv/time.keys\n#keyfile /etc/hostname\nntsserverkey /srv/nts.key\n"

KEPT = ("etc/chrony/chrony.conf", "var/lib/cloud/seed/nocloud/user-data", "etc/hostname", "var/log/dpkg.log", *KEYS)

POLICY = EXAMPLE.read_text() + "monitoring: {textfile_dir: /var/lib/metrics}\n"


def write(path: Path, text: str = "something\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def seal(image: Path, *words: str, shell: str = "dash") -> subprocess.CompletedProcess[str]:
    return run([*shell.split(), SEAL, "--root", image, *words])


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image, laid and not yet sealed, at a path with a blank."""
    folder = tmp_path / "an image"
    folder.mkdir()
    (tmp_path / "install.sh").write_text(image_script(plan_of(POLICY)))
    assert run(["sh", tmp_path / "install.sh", "--root", folder]).returncode == 0
    for name in KEPT:
        write(folder / name)
    return folder


def test_what_belongs_to_one_machine_goes_and_the_rest_stays(image: Path, shell: str) -> None:
    for name in FOREIGN:
        write(image / name)
    done = seal(image, shell=shell)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    left = [name for name in FOREIGN if (image / name).exists()]
    assert left == ["etc/machine-id"]
    assert (image / "etc/machine-id").read_bytes() == b""
    assert [name for name in KEPT if not (image / name).exists()] == []
    assert (image / "var/lib/chrony").is_dir()
    assert (image / "etc/timepolicy/node.json").exists()
    assert seal(image, "--check", shell=shell).returncode == 0


@pytest.mark.parametrize("name", FOREIGN)
def test_check_names_each_thing_that_is_left(name: str, image: Path) -> None:
    seal(image)
    write(image / name)
    done = seal(image, "--check")
    assert done.returncode == 1
    assert name.split("/", 3)[:3] == done.stdout.strip().removeprefix(f"{image}/").split("/", 3)[:3]


def test_keys_go_when_asked(image: Path) -> None:
    write(image / "etc/chrony/chrony.conf", CONFIGURATION)
    seal(image)
    assert seal(image, "--check").returncode == 0
    assert seal(image, "--check", "--keys").stdout.split("\n") == [*(f"{image}/{name}" for name in KEYS), ""]
    seal(image, "--keys")
    assert not [name for name in KEYS if (image / name).exists()]
    assert seal(image, "--check", "--keys").returncode == 0


def test_the_floor_is_the_time_of_the_build(image: Path, shell: str) -> None:
    before = int(time.time())
    seal(image, shell=shell)
    assert before <= (image / "usr/lib/clock-epoch").stat().st_mtime <= time.time()
    seal(image, "--time", "1700000000", shell=shell)
    assert (image / "usr/lib/clock-epoch").stat().st_mtime == 1700000000


def test_check_finds_a_floor_that_is_missing_or_in_the_future(image: Path, shell: str) -> None:
    seal(image)
    floor = image / "usr/lib/clock-epoch"
    os.utime(floor, (time.time() + 1000, time.time() + 1000))
    assert seal(image, "--check", shell=shell).stdout == f"{floor} is in the future\n"
    floor.unlink()
    assert seal(image, "--check", shell=shell).stdout == f"{floor} is missing\n"


def test_check_finds_an_image_in_which_nothing_starts(image: Path) -> None:
    seal(image)
    (image / "etc/systemd/system/multi-user.target.wants/timepolicy-apply.service").unlink()
    done = seal(image, "--check")
    assert (done.returncode, done.stdout) == (1, "timepolicy-apply.service is not enabled\n")


def test_a_hardware_clock_in_local_time_is_no_drift(image: Path) -> None:
    write(image / "etc/adjtime", "0.0 0 0.0\n0\nLOCAL\n")
    seal(image)
    assert (image / "etc/adjtime").exists()
    assert seal(image, "--check").returncode == 0


def test_links_to_the_machine_id_stay_and_dangling_ones_of_cloud_init_go(image: Path) -> None:
    for name in ("var/lib/dbus/machine-id", "var/lib/cloud/instance"):
        (image / name).parent.mkdir(parents=True, exist_ok=True)
    (image / "var/lib/dbus/machine-id").symlink_to("/etc/machine-id")
    (image / "var/lib/cloud/instance").symlink_to("/var/lib/cloud/instances/i-1")
    seal(image)
    assert (image / "var/lib/dbus/machine-id").is_symlink()
    assert not (image / "var/lib/cloud/instance").is_symlink()


@pytest.mark.parametrize(
    "words", [["--rot", "/"], ["--root"], ["--root", ""], ["--root", "/no/such"], ["--time", "now"], ["x"]]
)
def test_other_words_are_wrong_usage(words: list[str], shell: str) -> None:
    done = run([*shell.split(), SEAL, *words])
    assert (done.returncode, done.stdout) == (2, "")
    assert "timepolicy-seal --check" in done.stderr
