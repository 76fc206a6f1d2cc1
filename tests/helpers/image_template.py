"""The image template, for tests that build with it and tests that run its parts."""

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
"""The variables that each kind of image requires, in addition to those of every kind."""

PLAN = agent_plan_of(EXAMPLE.read_text())


def variables(folder: Path, **others: str) -> list[str]:
    """The options of every kind of image, for output in `folder`."""
    values = {
        "policy": str(EXAMPLE),
        "distro": "debian-12",
        "timepolicy": f"{sys.executable} -m timepolicy",
        "work": str(folder),
        "ssh_private_key_file": str(folder / "key"),
        **others,
    }
    return [part for name, value in values.items() for part in ("-var", f"{name}={value}")]


def prepare(folder: Path) -> None:
    """Write what a build reads in addition to the policy: a seed and a key."""
    (folder / "seed").mkdir()
    for name in ("user-data", "meta-data"):
        (folder / "seed" / name).touch()
    run([need("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"])


def assert_installed(root: Path, usr: str) -> None:
    """Check that the root has every file of the policy; its /usr is the folder `usr`."""
    for file in PLAN.files:
        assert (root / file.path.replace("/usr", f"/{usr}", 1)[1:]).read_text() == file.content
