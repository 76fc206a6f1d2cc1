"""The image template, and what is common to the ways of judging it."""

import sys
from pathlib import Path

from tests.helpers.cases import EXAMPLE, ROOT, agent_plan_of
from tests.helpers.programs import need, run

TEMPLATES = ROOT / "packer"

NEEDED = {
    "amazon-ebs.node": {"aws_source_ami": "ami-0123"},
    "azure-arm.node": {"azure_subscription": "s", "azure_resource_group": "g"},
    "file.node": {},
    "googlecompute.node": {"google_project": "p", "google_source_image_family": "debian-12"},
    "null.node": {},
    "qemu.node": {},
}
"""What each kind of image cannot be made without, beside what all need."""

PLAN = agent_plan_of(EXAMPLE.read_text())


def variables(folder: Path, **others: str) -> list[str]:
    """The options that every kind of image takes, for products in `folder`."""
    stated = {
        "policy": str(EXAMPLE),
        "distro": "debian-12",
        "timepolicy": f"{sys.executable} -m timepolicy",
        "work": str(folder),
        "ssh_private_key_file": str(folder / "key"),
        **others,
    }
    return [word for name, value in stated.items() for word in ("-var", f"{name}={value}")]


def prepare(folder: Path) -> None:
    """Put into `folder` what a build reads beside the policy: a seed and a key."""
    (folder / "seed").mkdir()
    for name in ("user-data", "meta-data"):
        (folder / "seed" / name).touch()
    run([need("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"])


def assert_laid(root: Path, usr: str) -> None:
    """The root has every file of the policy; its /usr is in the folder `usr`."""
    for file in PLAN.files:
        assert (root / file.path.replace("/usr", f"/{usr}", 1)[1:]).read_text() == file.content
