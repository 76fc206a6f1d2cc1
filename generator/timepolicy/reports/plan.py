"""What each kind of node gets, as a table with sizes; and the load of clients on the cluster's servers."""

from collections.abc import Iterator, Sequence

from timepolicy.compiler import NodeKind, compressed
from timepolicy.facts.clouds import CLOUDS
from timepolicy.formats import FORMATS, formats_for
from timepolicy.plan.types import NodePlan, SettingsPlan
from timepolicy.reports.capacity import Load
from timepolicy.reports.table import table

TOGETHER = "all of these"
LOAD_HEADINGS = ("RELEASE", "DAEMON", "ALL THE TIME", "ALL BOOTING AT ONCE", "TIERS NEEDED")
HEADINGS = ("RELEASE", "ROLE", "DAEMON", "INSTALLS", "GATES", "FILES", "FORMAT", "BYTES", "IN GZIP")


def plan_table(kinds: Sequence[NodeKind]) -> str:
    """Return a table with a row for each kind of node, and how much of each cloud's limit the largest product needs.

    Where one product can serve all releases of a role, it has a row too.
    """
    rows, largest = [HEADINGS], 0
    for plan, units in ((kind.plan, kind.policy.gate.units) for kind in kinds):
        name, product = _default_product(plan)
        packages = ", ".join(plan.packages) or "-"
        gated = "-" if isinstance(plan, SettingsPlan) else ", ".join(map(_short, units)) or "-"
        cells = (plan.release, plan.role, plan.possible_daemons, packages, gated, str(len(plan.files)))
        rows.append((*cells, name, str(len(product)), str(len(compressed(product)))))
        largest = max(largest, len(product))
    for group in _groups([kind.plan for kind in kinds]):
        name, product = _default_product(*group)
        cells = (TOGETHER, group[0].role, "-", "-", "-", "-")
        rows.append((*cells, name, str(len(product)), str(len(compressed(product)))))
        largest = max(largest, len(product))
    limits = [f"  {cloud.key:12} {cloud.raw_limit:7}  {largest / cloud.raw_limit:4.0%}" for cloud in CLOUDS.values()]
    heading = "Limits of clouds in bytes, and how much of each the largest product needs:"
    return "\n".join([table(rows), "", heading, *limits]) + "\n"


def _short(unit: str) -> str:
    """Return the name of a unit as systemctl accepts it: `kubelet` for kubelet.service."""
    return unit.removesuffix(".service")


def _groups(plans: Sequence[NodePlan]) -> Iterator[list[NodePlan]]:
    """Plans of one role that one product can serve."""
    for role in dict.fromkeys(plan.role for plan in plans):
        group = [plan for plan in plans if plan.role == role]
        names = {formats_for(plan.provisioning)[0] for plan in group}
        if len(group) > 1 and len(names) == 1 and FORMATS[names.pop()].takes_several:
            yield group


def _default_product(*plans: NodePlan) -> tuple[str, bytes]:
    name = formats_for(plans[0].provisioning)[0]
    return name, FORMATS[name].render(*plans)


def load_table(loads: Sequence[tuple[NodePlan, Load]], nodes: int) -> str:
    """Return the load of `nodes` clients of each kind on each of the cluster's servers."""
    rows = [LOAD_HEADINGS]
    for plan, load in loads:
        steady = f"{load.steady:.0f}/s, {load.share:.0%} of a core"
        cold = f"{load.cold}, {load.cold_seconds:.1f} s of a core"
        rows.append((plan.release, plan.daemon, steady, cold, str(load.tiers)))
    return f"{nodes} nodes of one kind ask each of the cluster's servers:\n{table(rows)}\n"
