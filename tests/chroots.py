"""The README's commands on a fresh Debian or Ubuntu: `python -m tests.chroots debian-12`.

The root directory has what mmdebstrap's smallest variant installs. In it run the README's `apt install`, then its
commands in a clone of this checkout's last commit. Words after the release replace the README's commands:

    python -m tests.chroots debian-13 tests/run -m 'not boot and not native'

It needs root, mmdebstrap, and the archives of Debian, Ubuntu and PyPI. The root directory stays for a look.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
DEBIAN = "http://deb.debian.org/debian"
UBUNTU = "http://archive.ubuntu.com/ubuntu"
UBUNTU_KEYS = "/usr/share/keyrings/ubuntu-archive-keyring.gpg"
"""From the package ubuntu-keyring."""

SOURCES = {
    "debian-12": ["bookworm", DEBIAN],
    "debian-13": ["trixie", DEBIAN],
    # a mirror of sid is often older than the date until which its list is valid
    "debian-sid": ['--aptopt=Acquire::Check-Valid-Until "false"', "sid", DEBIAN],
    "ubuntu-24.04": [f"--keyring={UBUNTU_KEYS}", "noble", f"deb {UBUNTU} noble main universe"],
}

ENTER = """
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/run"
exec setpriv --bounding-set=-sys_time,-sys_boot,-sys_module chroot "$1" /usr/bin/env -i "${@:3}" sh -euc "$2"
"""
"""Run the script $2 in the root directory $1 with the variables that follow. It cannot set this machine's clock."""

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def main() -> None:
    """Make the root directory and run the commands in it; exit with their status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chroots", description=__doc__.partition("\n")[0])
    parser.add_argument("release", choices=SOURCES)
    parser.add_argument("command", nargs=argparse.REMAINDER, help="instead of the README's commands")
    parser.add_argument("--work", type=Path, default=Path("/var/tmp/timepolicy-chroots"), metavar="FOLDER")
    parser.add_argument("--as-user", action="store_true", help="run the commands without root's rights")
    parser.add_argument("--keep", action="store_true", help="go on in the root directory of the last run")
    options = parser.parse_args()
    root = options.work / options.release
    clone = root / "home/timepolicy"
    if options.keep:
        subprocess.run(["git", "-C", clone, "pull", "--quiet", "--rebase"], check=True)
    else:
        _unpack(_fresh(options.release, options.work), root)
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    apt, *commands = commands_of((ROOT / "README.md").read_text())
    prepare = [] if options.keep else ["apt-get -qq update", apt.replace("apt ", "apt-get -qq -y ", 1)]
    for command in [*prepare, *([shlex.join(options.command)] if options.command else commands)]:
        started = time.monotonic()
        _say(f"{options.release}$ {command}")
        is_user = options.as_user and command not in prepare
        status = _run(root, command, is_user)
        _say(f"{options.release}: exit status {status} after {time.monotonic() - started:.0f} s")
        if status:
            sys.exit(status)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def commands_of(readme: str) -> list[str]:
    """Return what the README tells a new user to run: the installation of Debian's packages, then each block."""
    installation = re.findall(r"`(apt install [\w -]+)`", readme)
    return [installation[0], *re.findall(r"^```sh\n(.*?)\n```$", readme, flags=re.DOTALL | re.MULTILINE)]


def _fresh(release: str, work: Path) -> Path:
    """Return an archive of the release as mmdebstrap installs it; it is made once."""
    archive = work / f"{release}.tar"
    if not archive.exists():
        work.mkdir(parents=True, exist_ok=True)
        partial = archive.with_suffix(".partial")
        *options, suite, source = SOURCES[release]
        command = ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--include=apt", "--format=tar"]
        subprocess.run([*command, *options, suite, partial, source], check=True)
        partial.rename(archive)
    return archive


def _unpack(archive: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    subprocess.run(["tar", "-xf", archive, "-C", root, "--exclude=./dev/*"], check=True)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copy(CERTIFICATES, root / "etc/certificates-of-host.crt")  # of a proxy, perhaps


def _run(root: Path, command: str, is_user: bool) -> int:
    passed = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy") or name == "CI"}
    variables = {
        **passed,
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/home" if is_user else "/root",
        "DEBIAN_FRONTEND": "noninteractive",
        "LC_ALL": "C.UTF-8",
        "PIP_CERT": "/etc/certificates-of-host.crt",
        "SSL_CERT_FILE": "/etc/certificates-of-host.crt",
    }
    script = f"cd /home/timepolicy\n{command}"
    if is_user:
        user = "setpriv --reuid=nobody --regid=nogroup --clear-groups"
        script = f"chown -R nobody /home\nexec {user} sh -euc {shlex.quote(script)}"
    words = [f"{name}={value}" for name, value in variables.items()]
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return subprocess.run([*namespaces, "bash", "-euc", ENTER, "bash", root, script, *words], check=False).returncode


if __name__ == "__main__":
    main()
