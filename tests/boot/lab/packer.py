"""Packer's part of the lab: a cloud image to start from, and a golden image that packer/'s template builds of it."""

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.boot.lab.golden import with_kernel_of
from tests.boot.lab.image import GuestKind, Image, bootable_image
from tests.boot.lab.network import Network
from tests.boot.lab.user_data import REPOSITORY, document_for

TEMPLATES = REPOSITORY / "packer"
PROGRAMS = ("packer", "sfdisk", "ssh-keygen")
NAME = "golden"
BUILD_LIMIT_S = 1500


def build(policy: str, guest: GuestKind, network: Network, folder: Path) -> Image:
    """Build an image as packer/README.md says, in the lab's network with its NTP servers."""
    if absent := [program for program in PROGRAMS if shutil.which(program) is None]:
        raise RuntimeError(f"this scenario needs: {', '.join(absent)}")
    work, base = folder / "packer", bootable_image(guest)
    work.mkdir()
    _write_seed(work)
    (work / "policy.yaml").write_text(document_for(policy, guest))
    command = network.command("env", "CHECKPOINT_DISABLE=1", "packer", "build", "-color=false", "-only=qemu.node")
    with (work / "log").open("w") as log:
        done = subprocess.run(
            [*command, *_variables(work, base, guest), str(TEMPLATES)],
            check=False,
            cwd=work,  # its cache stays there
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=BUILD_LIMIT_S,
        )
    if done.returncode:
        raise RuntimeError(f"packer ended with {done.returncode}:\n{(work / 'log').read_text()}")
    image = with_kernel_of(base, folder / "image")
    (work / NAME / f"{NAME}.qcow2").rename(image.disk)
    return image


def ingredients() -> list[str]:
    """Return the input of the build except for policy and image: the template and the scripts."""
    return [path.read_text() for path in sorted(TEMPLATES.iterdir()) if path.suffix != ".md"]


def _variables(work: Path, base: Image, guest: GuestKind) -> list[str]:
    values = {
        "accelerator": "tcg",
        "disk": base.disk,
        "distro": guest.distro,
        "image_name": NAME,
        "policy": work / "policy.yaml",
        "timepolicy": f"{sys.executable} -m timepolicy",
        "ssh_private_key_file": work / "key",
        "work": work,
    }
    return [part for name, value in values.items() for part in ("-var", f"{name}={value}")]


def _write_seed(work: Path) -> None:
    """Write the seed that lets Packer in."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(work / "key")], check=True)
    key = (work / "key.pub").read_text().strip()
    user_data = {"disable_root": False, "users": [{"name": "root", "lock_passwd": False, "ssh_authorized_keys": [key]}]}
    (work / "seed").mkdir()
    (work / "seed/user-data").write_text("#cloud-config\n" + yaml.safe_dump(user_data, width=2**31))
    (work / "seed/meta-data").touch()
