"""The example in each format, to the byte: tests/trees/formats. Those of cloud-config are in tests/trees/nodes."""

import io
import tarfile

import pytest

from tests.helpers.cases import TREES
from tests.helpers.golden_files import assert_golden
from tests.helpers.products import PLANS
from timepolicy.formats import FORMATS, formats_for
from timepolicy.plan.types import NodePlan

GOLDEN = TREES / "formats"

CASES = {
    "script": "debian-12",
    "rootfs": "debian-12",
    "mime": "debian-12",
    "boothook": "debian-12",
    "containerfile": "amazon-linux-2",
    "kubeadmconfig": "debian-12-server",
    "rke2config": "rocky-9-server",
    "k3sconfig": "debian-12",
    "ignition": "fedora-coreos",
    "machineconfig": "openshift-4",
    "talos": "talos",
    "bottlerocket": "bottlerocket",
}
"""Each format with the plan of its golden file (tests/helpers/products.py)."""

WITHOUT_COMMENTS = {"rootfs", "ignition"}
"""Formats that cannot say in a comment what they are: all others have `header(plans)`."""


def listing(archive: bytes) -> str:
    """The members of an archive as text, with modes, owners and targets of links."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        rows = [f"{member.mode:04o} {member.uname}:{member.gname} {member.name}" for member in tar]
        links = {member.name: f" -> {member.linkname}" for member in tar if member.issym()}
    return "".join(f"{row}{links.get(row.split()[-1], '')}\n" for row in rows)


@pytest.mark.parametrize(("name", "plan"), CASES.items(), ids=CASES)
def test_golden(name: str, plan: str, update_golden: bool) -> None:
    product = FORMATS[name].render(PLANS[plan])
    text = listing(product) if name == "rootfs" else product.decode()
    assert_golden(GOLDEN / name, text, update_golden)


def test_every_format_has_one() -> None:
    assert set(CASES) | {"cloud-config"} == set(FORMATS)
    assert {path.name for path in GOLDEN.iterdir()} == set(CASES)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_every_format_names_policy_release_and_role_and_is_the_same_again(plan: NodePlan) -> None:
    for name in formats_for(plan.provisioning):
        product = FORMATS[name].render(plan)
        assert product == FORMATS[name].render(plan)
        if name not in WITHOUT_COMMENTS:
            assert f"timepolicy: {plan.policy} for {plan.release}, {plan.role}.".encode() in product
