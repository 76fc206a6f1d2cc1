"""Golden images: files installed into an image, and what a sealed disk still has of its machine."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.boot.lab.image import Image, make_disk
from timepolicy.plan.files import SEAL_COMMAND


def install_tree(image: Image, archive: bytes, folder: Path, *, sealed: bool) -> Image:
    """Create an image from this one and a `rootfs` archive; with `sealed`, it is sealed as a directory tree."""
    with _tree(image.disk) as root:
        subprocess.run(["tar", "--extract", "--file=-", f"--directory={root}"], input=archive, check=True)
        if sealed:
            _seal(root, "--time", str(int(time.time()))).check_returncode()
        result = with_kernel_of(image, folder)
        make_disk(root, result.disk)
        return result


def image_of(image: Image, disk: Path, folder: Path) -> Image:
    """Take a machine's disk, as it lies there, for the image of others."""
    result = with_kernel_of(image, folder)
    result.disk.symlink_to(disk)
    return result


def with_kernel_of(image: Image, folder: Path) -> Image:
    """Create an image that boots with the kernel of this one, still without a disk."""
    folder.mkdir()
    result = Image(folder)
    result.kernel.symlink_to(image.kernel)
    result.initrd.symlink_to(image.initrd)
    return result


def left_on(disk: Path) -> str:
    """Return what `timepolicy-seal --check` finds on a disk whose machine is off; nothing if it is sealed."""
    with _tree(disk) as root:
        done = _seal(root, "--check")
    return (done.stdout + done.stderr).replace(str(root), "")


def _seal(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the image's own program on its tree."""
    command = ["sh", f"{root}{SEAL_COMMAND}", "--root", str(root), *options]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@contextmanager
def _tree(disk: Path) -> Iterator[Path]:
    """Take the files out of a disk without mounting it: the lab also runs where there is no loop device."""
    with tempfile.TemporaryDirectory(prefix="tplab-tree-") as folder:
        raw, root = Path(folder, "disk.raw"), Path(folder, "root")
        root.mkdir()
        subprocess.run(["qemu-img", "convert", "-O", "raw", str(disk), str(raw)], check=True)
        subprocess.run(["debugfs", "-R", f"rdump / {root}", str(raw)], check=True, capture_output=True)
        raw.unlink()
        shutil.rmtree(root / "lost+found", ignore_errors=True)
        yield root
