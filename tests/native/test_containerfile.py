"""The Containerfile, built by the real Buildah: the layer has the plan's tree."""

from pathlib import Path

import pytest

from tests.helpers import buildah
from tests.helpers.buildah import enter, limits
from tests.helpers.install_root import PLANS
from timepolicy.formats import FORMATS
from timepolicy.formats.rootfs import tree
from timepolicy.plan.types import AgentPlan

WITHOUT_PACKAGES = {name: plan for name, plan in PLANS.items() if plan.install is None}
"""The other plans install packages while the image is built, which no test can download."""

BUILD = """
rm -rf /out && mkdir -p /var/empty
buildah build -q --pull=never {limits} --build-arg BASE=localhost/base -t result -f /Containerfile /var/empty >&2
container=$(buildah from --pull=never result)
cp -a "$(buildah mount "$container")" /out
buildah rm "$container" >&2
"""


@pytest.fixture(scope="module")
def builder(request: pytest.FixtureRequest) -> Path:
    return buildah.builder(request.config.cache.mkdir("buildah"))


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
