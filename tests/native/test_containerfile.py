"""The Containerfile, built by the real Buildah: the layer has the plan's tree."""

import resource
import shutil
from pathlib import Path

import pytest

from tests.helpers.install_root import PLANS
from tests.helpers.programs import need, need_root, run
from timepolicy.formats import FORMATS
from timepolicy.formats.rootfs import tree
from timepolicy.plan.types import AgentPlan

SUITE = "trixie"
"""Debian's first release whose Buildah knows here-documents (1.33)."""

ENTER = """
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
exec setpriv --bounding-set=-sys_time,-sys_boot,-sys_module chroot "$1" sh -euc "$2"
"""

WITHOUT_PACKAGES = {name: plan for name, plan in PLANS.items() if plan.install is None}
"""The other plans install packages while the image is built, which no test can download."""

PATH = "export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root BUILDAH_ISOLATION=chroot\n"

MAKE_BASE = """
base=$(buildah from scratch)
root=$(buildah mount "$base")
mkdir -p "$root/bin" "$root/etc" "$root/tmp"
cp /bin/busybox "$root/bin"
for name in $(busybox --list); do [ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"; done
buildah commit -q "$base" localhost/base >&2
"""
"""An image with a shell and few other programs."""

BUILD = """
rm -rf /out && mkdir -p /var/empty
buildah build -q --pull=never {limits} --build-arg BASE=localhost/base -t result -f /Containerfile /var/empty >&2
container=$(buildah from --pull=never result)
cp -a "$(buildah mount "$container")" /out
buildah rm "$container" >&2
"""


def limits() -> str:
    """Options with the limits of this process: Buildah's defaults are above what a container allows."""
    limits = {"nofile": resource.getrlimit(resource.RLIMIT_NOFILE), "nproc": resource.getrlimit(resource.RLIMIT_NPROC)}
    return " ".join(f"--ulimit {name}={soft}:{hard}" for name, (soft, hard) in limits.items() if hard > 0)


def enter(root: Path, script: str) -> None:
    options = ["--mount", "--pid", "--net", "--fork"]
    done = run([need("unshare"), *options, "sh", "-euc", ENTER, "sh", root, PATH + script])
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def builder(request: pytest.FixtureRequest) -> Path:
    """A root directory with Buildah and a base image, cached for later runs."""
    need_root()
    root = request.config.cache.mkdir("buildah") / SUITE
    if not root.is_dir():
        partial = root.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        packages = "--include=buildah,busybox-static,crun,netavark"
        arguments: list[str | Path] = [
            "--quiet",
            "--mode=root",
            "--variant=apt",
            "--format=directory",
            packages,
            SUITE,
            partial,
        ]
        done = run([need("mmdebstrap"), *arguments])
        assert done.returncode == 0, done.stderr
        enter(partial, MAKE_BASE)
        partial.rename(root)
    return root


@pytest.mark.parametrize("plan", WITHOUT_PACKAGES.values(), ids=WITHOUT_PACKAGES)
def test_the_layer_has_the_plans_tree(plan: AgentPlan, builder: Path) -> None:
    (builder / "Containerfile").write_bytes(FORMATS["containerfile"].render(plan))
    enter(builder, BUILD.format(limits=limits()))
    for entry in tree(plan):
        path = builder / "out" / entry.path[1:]
        if entry.target:
            assert str(path.readlink()) == entry.target
        else:
            assert (path.read_bytes(), path.stat().st_mode & 0o7777) == (entry.content, entry.mode)
