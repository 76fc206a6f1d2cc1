"""The role of examples/ansible, run by the real Ansible: into a tree, and on this machine in a world of its own.

The world has its own /etc, /run, /usr/local and /var/lib, no network, no right to set the clock, and a systemctl that
only notes its arguments.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT, agent_plan_of
from tests.helpers.install_root import STUB
from tests.helpers.programs import need, need_root
from timepolicy.formats.rootfs import tree

EXAMPLE = ROOT / "examples/ansible"

ENTER = """
ip link set lo up
for folder in etc usr/local var/lib; do
  mkdir -p "$1/$folder/upper" "$1/$folder/work"
  mount -t overlay -o "lowerdir=/$folder,upperdir=$1/$folder/upper,workdir=$1/$folder/work" overlay "/$folder"
done
mount -t tmpfs run /run
printf 'ID=debian\\nVERSION_ID=12\\n' >/etc/os-release.new
rm -f /etc/os-release
mv /etc/os-release.new /etc/os-release
cp "$1/systemctl" /usr/local/bin/systemctl
shift
exec setpriv --bounding-set=-sys_time "$@"
"""

ON_THIS_MACHINE = ("-i", "localhost,", "-c", "local", "-e", "ansible_become=false")


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """The folder of a world, on a file system that overlayfs accepts."""
    need_root()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/timepolicy").write_text(f'#!/bin/sh\nexec {sys.executable} -m timepolicy "$@"\n')
    (tmp_path / "bin/timepolicy").chmod(0o755)
    (tmp_path / "systemctl").write_text(STUB.replace("/calls", f"{tmp_path}/calls"))
    (tmp_path / "systemctl").chmod(0o755)
    return tmp_path


def play(world: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script in the world, in which `ansible` is the playbook on this machine with the role's variables."""
    playbook = need("ansible-playbook")
    words = " ".join((playbook, *ON_THIS_MACHINE, "-e", "ansible_python_interpreter=/usr/bin/python3"))
    text = f'ansible() {{ {words} {EXAMPLE}/site.yaml "$@"; }}\n{script}'
    environment = {**os.environ, "PATH": f"{world}/bin:{os.environ['PATH']}", "ANSIBLE_NOCOLOR": "1"}
    environment |= {"LC_ALL": "C.UTF-8", "HOME": str(world), "ANSIBLE_FORCE_COLOR": "0"}
    command: list[str | Path] = [
        need("unshare"),
        "--mount",
        "--net",
        "--pid",  # the role may leave a `wait` behind, which ends with its namespace
        "--fork",
        "--kill-child",
        "sh",
        "-euc",
        ENTER,
        "sh",
        world,
        "sh",
        "-euc",
        text,
    ]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=180)


def recaps(output: str) -> list[dict[str, str]]:
    """The counts of each run: ok, changed, failed and so on."""
    lines = [
        line.partition(" : ")[2] for line in output.splitlines() if line.startswith("localhost ") and "ok=" in line
    ]
    return [dict(word.split("=") for word in line.split()) for line in lines]


def test_the_role_installs_once_and_repairs(world: Path) -> None:
    run = "ansible -e timepolicy_verify=false\n"
    applied = (
        'sed -n \'s/.*"digest": *"\\([0-9a-f]*\\)".*/\\1/p\' /etc/timepolicy/node.json >/etc/timepolicy/files.applied\n'
    )
    spoil = "echo 'NTP=192.0.2.1' >>/etc/systemd/timesyncd.conf.d/zz-timepolicy.conf\n"
    show = "sha256sum --status -c /etc/timepolicy/files && cat /etc/timepolicy/node.json >&2\n"
    done = play(world, f"{run}{applied}{run}{spoil}{run}{show}")
    assert done.returncode == 0, done.stdout + done.stderr
    counts = recaps(done.stdout)
    assert [(count["changed"], count["failed"]) for count in counts] == [("1", "0"), ("0", "0"), ("1", "0")]
    assert json.loads(done.stderr)["release"] == "debian-12"
    start = "restart --no-block timepolicy-apply.service"
    assert (world / "calls").read_text().splitlines() == ["daemon-reload", start] * 2
    assert not Path("/etc/timepolicy").exists()


def test_the_play_fails_where_the_clock_is_not_proven(world: Path) -> None:
    done = play(world, "ansible -e timepolicy_timeout=3")
    assert done.returncode == 2
    (count,) = recaps(done.stdout)
    assert (count["changed"], count["failed"]) == ("1", "1")
    last = done.stdout.rpartition("TASK [")[2]
    assert last.startswith("timepolicy : Wait until the clock is proven]"), done.stdout
    assert "Timed out after 3 second" in last


def test_the_play_fails_where_the_node_is_not_as_the_policy_says(world: Path) -> None:
    """The gate has opened already, so that the role does not wait; no daemon runs."""
    opened = 'mkdir -p /run/timepolicy\nprintf \'{"opened": "proof"}\' >/run/timepolicy/gate.json\n'
    done = play(world, f"{opened}ansible")
    assert done.returncode == 2
    last = done.stdout.rpartition("TASK [")[2]
    assert last.startswith("timepolicy : Verify the clock, the sources and the files]"), done.stdout
    assert "systemd-timesyncd" in last


def test_check_mode_changes_nothing(world: Path) -> None:
    done = play(world, "ansible --check\n[ ! -e /etc/timepolicy ]")
    assert done.returncode == 0, done.stdout + done.stderr
    assert recaps(done.stdout)[0]["changed"] == "0"
    assert not (world / "calls").exists()


def test_a_tree_gets_what_the_archive_of_the_format_rootfs_has(world: Path) -> None:
    (world / "image/etc").mkdir(parents=True)
    (world / "image/etc/os-release").write_text("ID=rocky\nVERSION_ID=9.4\n")
    environment = {**os.environ, "PATH": f"{world}/bin:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "HOME": str(world)}
    command: list[str | Path] = [need("ansible-playbook"), EXAMPLE / "image.yaml", "-e", f"image={world}/image"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    for entry in tree(agent_plan_of((EXAMPLE / "timepolicy.yaml").read_text(), "rocky-9")):
        path = world / "image" / entry.path[1:]
        if entry.target:
            assert str(path.readlink()) == entry.target
        else:  # with several releases, the list of files has another order
            assert sorted(path.read_bytes().splitlines()) == sorted(entry.content.splitlines()), path
