"""A root directory in which real shells run the scripts that install a plan."""

import hashlib
import stat
import subprocess
from pathlib import Path

from tests.helpers.cases import EXAMPLE, SERVER_EXAMPLE, agent_plan_of
from tests.helpers.programs import need, run
from timepolicy.formats._shell import boothook_script
from timepolicy.plan.files import File
from timepolicy.plan.types import AgentPlan
from timepolicy.policy.role import Role

FOREIGN_UNITS = (
    "cloud-init",
    "cloud-init-network",
    "systemd-resolved",
    "chronyd",
    "chrony",
    "kubelet",
    "containerd",
)
"""Services of a node that ours are ordered before or after."""

LIST = "etc/timepolicy/files"
OLD, NEW = EXAMPLE.read_text(), EXAMPLE.read_text().replace("[containerd.service, kubelet", "[kubelet")
PLANS = {
    "timesyncd": agent_plan_of(OLD),
    "chrony": agent_plan_of(OLD, "rocky-9"),
    "a server": agent_plan_of(SERVER_EXAMPLE.read_text(), "debian-12", Role.SERVER),
    "without Python": agent_plan_of(OLD, "amazon-linux-2"),
}

STUB = """#!/bin/sh
echo "$*" >>/calls
"""

ENTER = """
for folder in usr dev; do mkdir -p "$1/$folder"; mount --rbind -o ro "/$folder" "$1/$folder"; done
for link in bin lib lib64 sbin; do [ ! -e /$link ] || ln -sfn usr/$link "$1/$link"; done
mkdir -p "$1/local/sbin" "$1/tmp"
mount --bind "$1/local" "$1/usr/local"
mount -t tmpfs libexec "$1/usr/libexec"
ln -s ../bin/python3 "$1/usr/libexec/platform-python"
exec chroot "$1" /usr/bin/env -i PATH=/stub:/usr/sbin:/usr/bin:/sbin:/bin {shell} /script {arguments}
"""


def install(plan: AgentPlan, root: Path, shell: str = "dash", script: str = "", arguments: str = "") -> None:
    """Run the script as cloud-init does: in a shell, with the programs of the system only."""
    done = run_script(root, shell, script or boothook_script(plan), arguments)
    assert script or done.returncode == 0


def run_script(
    root: Path, shell: str, script: str, arguments: str = "", error: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run any script there; `error` is part of its standard error, which is empty otherwise."""
    (root / "script").write_text(script)
    done = run([need("unshare"), "--mount", "sh", "-euc", ENTER.format(shell=shell, arguments=arguments), "sh", root])
    assert error in done.stderr, done.stderr
    assert error or not done.stderr, done.stderr
    return done


def calls(root: Path) -> list[str]:
    path = root / "calls"
    return path.read_text().splitlines() if path.exists() else []


def assert_installed(plan: AgentPlan, root: Path, others: tuple[File, ...] = ()) -> None:
    files = (*plan.files, *others)
    for file in files:
        path = root / file.path.removeprefix("/usr")[1:]
        assert path.read_text() == file.content
        assert stat.S_IMODE(path.stat().st_mode) == file.mode
    listed = dict(line.split(None, 1)[::-1] for line in (root / LIST).read_text().splitlines())
    assert listed == {file.path: hashlib.sha256(file.content.encode()).hexdigest() for file in files}


def write_unit_tree(plan: AgentPlan, root: Path) -> None:
    """Write the plan's files, with the services and programs of others that its units name."""
    for file in plan.files:
        path = root / file.path[1:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.content)
        path.chmod(file.mode)
    for unit in FOREIGN_UNITS:
        path = root / "usr/lib/systemd/system" / f"{unit}.service"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[Service]\nExecStart=/bin/true\n")
    for program in (
        "bin/true",
        "bin/sh",
        "usr/bin/apt-get",
        "usr/bin/dnf",
        "usr/bin/yum",
        "usr/bin/tdnf",
        "usr/bin/pacman",
    ):
        path = root / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o755)
    for target in ("network-online", "sysinit", "basic", "shutdown", "timers", "time-sync"):
        (root / "usr/lib/systemd/system" / f"{target}.target").write_text("[Unit]\n")
