"""timepolicy-seal on directory trees, run by real shells: what it removes, what it leaves, and what --check reports."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, agent_plan_of
from tests.helpers.programs import need, need_root, run
from timepolicy.formats._shell import image_script
from timepolicy.plan.agent_plan import seal_file
from timepolicy.plan.files import SEAL_COMMAND

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
    "var/lib/dhcpcd/duid": "dhcpcd's name for the machine",
    "var/lib/wicked/lease-eth0-dhcp-ipv4.xml": "SUSE's lease",
    "var/lib/NetworkManager/secret_key": "what NetworkManager makes DHCP's names of",
    "etc/ntp/drift": "RHEL's old drift file",
    "var/lib/chrony/.hidden": "whatever its name",
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


def program(image: Path) -> Path:
    """The program in the image."""
    return image / SEAL_COMMAND[1:]


def seal(image: Path, *arguments: str, shell: str = "dash") -> subprocess.CompletedProcess[str]:
    return run([*shell.split(), program(image), "--root", image, *arguments])


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image with the policy, not sealed yet, at a path with a space."""
    folder = tmp_path / "an image"
    folder.mkdir()
    (tmp_path / "install.sh").write_text(image_script(agent_plan_of(POLICY)))
    assert run(["sh", tmp_path / "install.sh", "--root", folder]).returncode == 0
    for name in KEPT:
        write(folder / name)
    return folder


def test_what_belongs_to_one_machine_is_removed_and_the_rest_stays(image: Path, shell: str) -> None:
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
def test_check_names_each_file_that_is_left(name: str, image: Path) -> None:
    seal(image)
    write(image / name)
    done = seal(image, "--check")
    assert done.returncode == 1
    assert name.split("/", 3)[:3] == done.stdout.strip().removeprefix(f"{image}/").split("/", 3)[:3]


def test_keys_are_removed_on_request(image: Path) -> None:
    write(image / "etc/chrony/chrony.conf", CONFIGURATION)
    seal(image)
    assert seal(image, "--check").returncode == 0
    assert seal(image, "--check", "--keys").stdout.split("\n") == [*(f"{image}/{name}" for name in KEYS), ""]
    seal(image, "--keys")
    assert not [name for name in KEYS if (image / name).exists()]
    assert seal(image, "--check", "--keys").returncode == 0


def test_the_clock_floor_is_the_time_of_the_build(image: Path, shell: str) -> None:
    before = int(time.time())
    seal(image, shell=shell)
    assert before <= (image / "usr/lib/clock-epoch").stat().st_mtime <= time.time()
    seal(image, "--time", "1700000000", shell=shell)
    assert (image / "usr/lib/clock-epoch").stat().st_mtime == 1700000000


def test_check_reports_a_clock_floor_that_is_missing_or_in_the_future(image: Path, shell: str) -> None:
    seal(image)
    floor = image / "usr/lib/clock-epoch"
    os.utime(floor, (time.time() + 1000, time.time() + 1000))
    assert seal(image, "--check", shell=shell).stdout == f"{floor} is in the future\n"
    floor.unlink()
    assert seal(image, "--check", shell=shell).stdout == f"{floor} is missing\n"


def test_check_reports_an_image_whose_agent_does_not_start(image: Path) -> None:
    seal(image)
    (image / "etc/systemd/system/multi-user.target.wants/timepolicy-apply.service").unlink()
    done = seal(image, "--check")
    assert (done.returncode, done.stdout) == (1, "timepolicy-apply.service is not enabled\n")


def test_a_hardware_clock_in_local_time_stays_so_without_its_drift(image: Path, shell: str) -> None:
    write(image / "etc/adjtime", "-12.345678 1790000000 0.000000\n1790000000\nLOCAL\n")
    seal(image)
    assert seal(image, "--check", shell=shell).returncode == 0
    write(image / "etc/adjtime", "-12.345678 1790000000 0.000000\n1790000000\nLOCAL\n")
    assert seal(image, "--check", shell=shell).returncode == 1
    seal(image, shell=shell)
    assert (image / "etc/adjtime").read_text() == "0.0 0 0.0\n0\nLOCAL\n"


def test_links_are_followed_as_the_images_own_system_would(image: Path, tmp_path: Path, shell: str) -> None:
    """Their targets on the host stay as they are; their targets in the image are sealed."""
    for name in ("journal/system.journal", "id", "epoch"):
        write(tmp_path / "host" / name)
    links: dict[str, Path | str] = {
        "var/log/journal": tmp_path / "host/journal",
        "etc/machine-id": tmp_path / "host/id",
        "usr/lib/clock-epoch": tmp_path / "host/epoch",
        "var/lib/chrony": "/data/chrony",
    }
    for name, target in links.items():
        (image / name).parent.mkdir(parents=True, exist_ok=True)
        (image / name).symlink_to(target)
    write(image / "data/chrony/drift")
    assert seal(image, "--check", shell=shell).returncode == 1
    (image / f"{tmp_path}/host"[1:]).mkdir(parents=True)
    done = seal(image, "--time", "1700000000", shell=shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (image / "data/chrony/drift").exists()
    assert all((tmp_path / "host" / name).read_text() for name in ("journal/system.journal", "id", "epoch"))
    assert (image / f"{tmp_path}/host/epoch"[1:]).stat().st_mtime == 1700000000
    assert seal(image, "--check", shell=shell).returncode == 0


def test_an_unreadable_folder_fails_the_check(image: Path) -> None:
    need_root()
    seal(image)
    write(image / "var/lib/private/systemd/timesync/clock")
    (image / "var/lib/private").chmod(0o700)
    os.chown(image / "var/lib/private", 65534, 65534)
    unprivileged = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    done = run([*unprivileged, "sh", program(image), "--check", "--root", image])
    assert done.returncode == 3
    assert f"{image}/var/lib/private: permission denied" in done.stderr


def test_a_file_name_of_two_lines_is_removed_and_no_other_file(image: Path, tmp_path: Path) -> None:
    seal(image)
    write(image / "var/lib/chrony/a\nvictim")
    write(tmp_path / "victim")
    subprocess.run(["sh", program(image), "--root", image], cwd=tmp_path, check=True)
    assert (tmp_path / "victim").exists()
    assert seal(image, "--check").returncode == 1


def test_a_clone_knows_only_the_policy_of_its_image(image: Path, shell: str) -> None:
    write(image / "etc/timepolicy/files.applied", "0123456789abcdef\nfedcba9876543210\n")
    seal(image, shell=shell)
    assert (image / "etc/timepolicy/files.applied").read_text() == "fedcba9876543210\n"


def test_removed_keys_are_no_longer_in_the_list_of_files(image: Path, shell: str) -> None:
    listed = (image / "etc/timepolicy/files").read_text()
    write(image / "etc/timepolicy/files", f"{listed}{'0' * 64}  /etc/chrony/chrony.keys\n")
    seal(image, "--keys", shell=shell)
    assert (image / "etc/timepolicy/files").read_text() == listed


def test_links_to_the_machine_id_stay_and_dangling_links_of_cloud_init_are_removed(image: Path) -> None:
    for name in ("var/lib/dbus/machine-id", "var/lib/cloud/instance"):
        (image / name).parent.mkdir(parents=True, exist_ok=True)
    (image / "var/lib/dbus/machine-id").symlink_to("/etc/machine-id")
    (image / "var/lib/cloud/instance").symlink_to("/var/lib/cloud/instances/i-1")
    seal(image)
    assert (image / "var/lib/dbus/machine-id").is_symlink()
    assert not (image / "var/lib/cloud/instance").is_symlink()


@pytest.mark.parametrize(
    "arguments", [["--rot", "/"], ["--root"], ["--root", ""], ["--root", "/no/such"], ["--time", "now"], ["x"]]
)
def test_other_arguments_are_wrong_usage(arguments: list[str], image: Path, shell: str) -> None:
    done = run([*shell.split(), program(image), *arguments])
    assert (done.returncode, done.stdout) == (2, "")
    assert "timepolicy-seal --check" in done.stderr


def test_shellcheck_accepts_it() -> None:
    done = run([need("shellcheck"), "--shell=sh", "-"], seal_file().content)
    assert done.returncode == 0, done.stdout


def test_the_drift_of_another_machines_hardware_clock_is_not_in_an_image(tmp_path: Path) -> None:
    """holdover.py would open the gate of a copy by the hardware clock of the machine that the image was made on."""
    image = tmp_path / "image"
    image.mkdir()
    (tmp_path / "install.sh").write_text(image_script(agent_plan_of(EXAMPLE.read_text())))
    assert run(["sh", tmp_path / "install.sh", "--root", image]).returncode == 0
    record = image / "var/lib/timepolicy/hardware-clock.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"time": 1, "error": 0, "drifts": [0.00001]}\n')
    assert run(["sh", image / "usr/local/sbin/timepolicy-seal", "--root", image]).returncode == 0
    assert not record.exists()
