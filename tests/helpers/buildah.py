"""The real Buildah, of Debian 13, in a root directory of its own without a network."""

import resource
import shutil
from pathlib import Path

from tests.helpers.programs import need, need_root, run

SUITE = "trixie"
"""Debian's first release whose Buildah knows here-documents (1.33)."""

ENTER = """
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
exec setpriv --bounding-set=-sys_time,-sys_boot,-sys_module chroot "$1" sh -euc "$2"
"""

PATH = "export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root BUILDAH_ISOLATION=chroot\n"

COMMIT = """
base=$(buildah from scratch)
root=$(buildah mount "$base")
{fill}
buildah commit -q "$base" localhost/{name} >&2
buildah rm "$base" >&2
"""

SHELL = """
mkdir -p "$root/bin" "$root/etc" "$root/tmp"
cp /bin/busybox "$root/bin"
for name in $(busybox --list); do [ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"; done
"""
"""An image `base` with a shell and few other programs."""

PYTHON = """
tar -xf /python.tar -C "$root" --exclude='./dev/*'
rm /python.tar
"""
"""An image `python`: Debian with Python, as the images of that name have."""


def limits() -> str:
    """Options with the limits of this process: Buildah's defaults are above what a container allows."""
    limits = {"nofile": resource.getrlimit(resource.RLIMIT_NOFILE), "nproc": resource.getrlimit(resource.RLIMIT_NPROC)}
    return " ".join(f"--ulimit {name}={soft}:{hard}" for name, (soft, hard) in limits.items() if hard > 0)


def enter(root: Path, script: str) -> str:
    """Run a script in the root directory, and return what it prints."""
    options = ["--mount", "--pid", "--net", "--fork"]
    done = run([need("unshare"), *options, "sh", "-euc", ENTER, "sh", root, PATH + script], limit_s=900)
    assert done.returncode == 0, done.stderr
    return done.stdout


def builder(cache: Path) -> Path:
    """Return a root directory with Buildah and its images, kept in `cache` for later runs."""
    need_root()
    root = cache / "debian-13"
    if not root.is_dir():
        partial = root.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        _install("directory", "buildah,busybox-static,crun,netavark", partial)
        _install("tar", "python3,python3-venv", partial / "python.tar")
        for name, fill in {"base": SHELL, "python": PYTHON}.items():
            enter(partial, COMMIT.format(name=name, fill=fill))
        partial.rename(root)
    return root


def _install(form: str, packages: str, target: Path) -> None:
    options = ["--quiet", "--mode=root", "--variant=minbase", f"--format={form}", f"--include={packages}"]
    done = run([need("mmdebstrap"), *options, SUITE, target], limit_s=600)
    assert done.returncode == 0, done.stderr
