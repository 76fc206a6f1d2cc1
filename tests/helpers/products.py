"""The examples in each format, for each release that supports it."""

from tests.helpers.cases import EXAMPLE, SERVER_EXAMPLE, plan_of
from timepolicy.distros.appliances import APPLIANCES
from timepolicy.distros.catalogue import TARGETS
from timepolicy.formats import FORMATS, formats_for
from timepolicy.plan.types import NodePlan
from timepolicy.policy.role import Role

UTC = EXAMPLE.read_text().replace("Asia/Shanghai", "UTC")
"""The example, for systems without timezones."""

UNGATED = UTC.partition("gate:")[0]
"""And for systems that cannot gate a unit."""

PLANS: dict[str, NodePlan] = {
    **{key: plan_of(UNGATED if key in APPLIANCES else UTC, key) for key in TARGETS},
    **{
        f"{key}-server": plan_of(SERVER_EXAMPLE.read_text(), key, Role.SERVER)
        for key in ("debian-12", "rocky-9", "arch")
    },
}


def plans_for(name: str) -> list[NodePlan]:
    """Return the plans that the format `name` supports."""
    plans = [plan for plan in PLANS.values() if name in formats_for(plan.provisioning)]
    assert plans
    return plans


def product(name: str, plan: NodePlan) -> str:
    """Return what the format `name` makes of `plan`, as text."""
    return FORMATS[name].render(plan).decode()
