"""Builds the lab's guests, real Debian systems, and keeps them in a cache.

The name of an image has a digest of its recipe and packages: a change builds another image, and an image
that exists is never stale.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

RECIPE = Path(__file__).parent / "recipe"
DISK_SIZE = "3G"
DISTROS = {"bookworm": "debian-12", "trixie": "debian-13"}
CLIENTS = ("systemd-timesyncd", "chrony")
PACKAGES = [
    "systemd",
    "systemd-sysv",
    "systemd-resolved",
    "udev",
    "dbus",
    "e2fsprogs",
    "cloud-init",
    "netplan.io",
    "openssh-client",
    "iproute2",
    "ca-certificates",
    "linux-image-cloud-amd64",
    "initramfs-tools",
    "python3",
    "tzdata",
    "procps",
]
SSH_AND_GRUB = ["openssh-server", "grub-common", "grub-pc-bin"]
PARTITION_AT = 1024 * 1024
GRUB_MODULES = ["biosdisk", "part_msdos", "ext2", "normal", "linux", "configfile"]


@dataclass(frozen=True)
class GuestKind:
    """Which system a guest runs: a Debian suite and its time daemon."""

    suite: str
    client: str

    def __post_init__(self) -> None:
        """Refuse what no image can be built for."""
        if self.suite not in DISTROS:
            raise ValueError(f"suite {self.suite!r} is not one of {', '.join(DISTROS)}")
        if self.client not in CLIENTS:
            raise ValueError(f"client {self.client!r} is not one of {', '.join(CLIENTS)}")

    def __str__(self) -> str:
        return f"{self.suite}/{self.client}"

    @property
    def distro(self) -> str:
        """The name that timepolicy has for this suite."""
        return DISTROS[self.suite]


@dataclass(frozen=True)
class Image:
    """A built guest: what QEMU needs to boot it directly."""

    folder: Path

    @property
    def disk(self) -> Path:
        """The root file system, to be used only as the base of an overlay."""
        return self.folder / "root.qcow2"

    @property
    def kernel(self) -> Path:
        """The guest's own kernel."""
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """The guest's own initial RAM disk."""
        return self.folder / "initrd.img"


def ensure_image(kind: GuestKind) -> Image:
    """Return the image of this kind, built now if the cache does not have it."""
    name = image_name(kind)
    with _locked(_cache_folder() / f"{name}.lock"):
        image = Image(_cache_folder() / name)
        if not image.folder.exists():
            _build(kind, image.folder)
    return image


def bootable_image(kind: GuestKind) -> Image:
    """Return an image of this kind as a cloud's: it boots by itself, by BIOS and GRUB, and has an SSH server."""
    name = f"bootable-{kind.suite}-{kind.client}-{_digest(kind, SSH_AND_GRUB)}"
    with _locked(_cache_folder() / f"{name}.lock"):
        image = Image(_cache_folder() / name)
        if not image.folder.exists():
            _build(kind, image.folder, SSH_AND_GRUB)
    return image


def image_name(kind: GuestKind) -> str:
    """Return the name of an image, with a digest of its input."""
    return f"{kind.suite}-{kind.client}-{_digest(kind)}"


def _cache_folder() -> Path:
    default = Path.home() / ".cache" / "timepolicy-lab"
    return Path(os.environ.get("TIMEPOLICY_LAB_CACHE", default))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time build an image."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(kind: GuestKind, more: Sequence[str] = ()) -> str:
    digest = hashlib.sha256(" ".join([*_packages(kind), *more, DISK_SIZE]).encode())
    for path in sorted(path for path in RECIPE.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(RECIPE)} {path.stat().st_mode:o}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _packages(kind: GuestKind) -> list[str]:
    return [*PACKAGES, kind.client]


def _build(kind: GuestKind, folder: Path, more: Sequence[str] = ()) -> None:
    """Build under another name and rename: an interrupted build leaves no broken image."""
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        root = partial / "root"
        _install_packages(kind, root, more)
        _customize(root)
        _extract_boot_files(root, Image(partial))
        (make_bootable_disk if more else make_disk)(root, Image(partial).disk)
        shutil.rmtree(root)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _install_packages(kind: GuestKind, root: Path, more: Sequence[str]) -> None:
    """Install; the recipe's files come first, because the packages create the initrd."""
    copy = f'cp --recursive --preserve=mode "{RECIPE}/root/." "$1"'
    packages = ",".join([*_packages(kind), *more])
    # A mount namespace of its own: whatever ends the build, no mount stays inside `root`.
    namespace = ["unshare", "--mount", "--propagation", "private"]
    options = ["--quiet", "--mode=root", "--variant=minbase", f"--include={packages}"]
    (other,) = set(CLIENTS) - {kind.client}
    hooks = [f"--essential-hook={copy}", f'--customize-hook=sh -eu "{RECIPE}/repository.sh" "$1" {other} {kind.client}']
    _run(*namespace, "mmdebstrap", *options, *hooks, kind.suite, str(root))


def _customize(root: Path) -> None:
    probe = root / "usr/local/sbin/labprobe"
    _run("gcc", "-O2", "-Wall", "-Werror", "-static", "-o", str(probe), str(RECIPE / "probe.c"))
    script = (RECIPE / "customize.sh").read_text()
    _run("chroot", str(root), "sh", "-euc", script)


def _extract_boot_files(root: Path, image: Image) -> None:
    for pattern, target in (("vmlinuz-*", image.kernel), ("initrd.img-*", image.initrd)):
        (source,) = (root / "boot").glob(pattern)
        shutil.copy(source, target)


def make_disk(root: Path, disk: Path) -> None:
    """Make a disk of a tree. Tables are written now, else the guest's kernel would do it in the background."""
    raw = disk.with_suffix(".raw")
    options = ["-q", "-t", "ext4", "-L", "root", "-E", "lazy_itable_init=0,lazy_journal_init=0"]
    _run("mke2fs", *options, "-d", str(root), str(raw), DISK_SIZE)
    _run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(raw), str(disk))
    raw.unlink()


def make_bootable_disk(root: Path, disk: Path) -> None:
    """Make a disk with one partition, GRUB's core before it, and a menu of one entry."""
    (root / "boot/grub").mkdir(exist_ok=True)
    (root / "boot/grub/grub.cfg").write_text("linux /vmlinuz root=LABEL=root console=ttyS0\ninitrd /initrd.img\nboot\n")
    raw = disk.with_suffix(".raw")
    _run("truncate", "--size", DISK_SIZE, str(raw))
    _run("sh", "-c", 'echo "start=2048, type=83, bootable" | sfdisk --quiet "$1"', "sh", str(raw))
    kibibytes = (raw.stat().st_size - PARTITION_AT) // 1024
    # GRUB 2.06 reads no file system with these two features.
    features = ["-O", "^metadata_csum_seed,^orphan_file", "-E", f"offset={PARTITION_AT}"]
    _run("mke2fs", "-q", "-F", "-t", "ext4", "-L", "root", *features, "-d", str(root), str(raw), f"{kibibytes}k")
    _write_grub(root, raw)
    _run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(raw), str(disk))
    raw.unlink()


def _write_grub(root: Path, raw: Path) -> None:
    """Write the boot sector, but for the partition table in it, and the core in the gap before the partition."""
    options = ["-O", "i386-pc", "-p", "(hd0,msdos1)/boot/grub", "-o", "/tmp/core.img"]
    _run("chroot", str(root), "grub-mkimage", *options, *GRUB_MODULES)
    sector = (root / "usr/lib/grub/i386-pc/boot.img").read_bytes()[:446]
    with raw.open("r+b") as disk:
        disk.write(sector)
        disk.seek(512)
        disk.write((root / "tmp/core.img").read_bytes())


def _run(*command: str) -> None:
    """Run a build step; when it fails its whole output is in the error."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
