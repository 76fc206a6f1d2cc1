"""What each kind of node gets, for people: a table, and how much of each cloud's room it takes."""

from collections.abc import Iterator, Sequence

from timepolicy.facts.clouds import CLOUDS
from timepolicy.formats import FORMATS, formats_for
from timepolicy.formats._size import compressed
from timepolicy.plan.types import NodePlan
from timepolicy.reports.capacity import Load

TOGETHER = "all of these"
LOAD_HEADINGS = ("RELEASE", "DAEMON", "ALL THE TIME", "ALL BOOTING AT ONCE", "TIERS NEEDED")
HEADINGS = ("RELEASE", "ROLE", "DAEMON", "INSTALLS", "FILES", "FORMAT", "BYTES", "IN GZIP")


def plan_table(plans: Sequence[NodePlan]) -> str:
    """Return a table with a line for each plan, and under it what clouds take, and how much of it the largest needs.

    One product for all releases of a role, where there can be one, has a line too.
    """
    alone = [(plan.release, plan, _product(plan)) for plan in plans]
    together = [(TOGETHER, plans[0], FORMATS[_format(plans[0])].render(*plans)) for plans in _groups(plans)]
    rows = [HEADINGS, *(_row(*line) for line in alone + together)]
    largest = max((len(product) for _, _, product in alone + together), default=0)
    room = [f"  {cloud.key:10} {cloud.raw_limit:7}  {largest / cloud.raw_limit:4.0%}" for cloud in CLOUDS.values()]
    return (
        "\n".join([_columns(rows), "", "What clouds take in bytes, and how much of it the largest of these is:", *room])
        + "\n"
    )


def _groups(plans: Sequence[NodePlan]) -> Iterator[list[NodePlan]]:
    """Plans of one role that one product can serve."""
    for role in dict.fromkeys(plan.role for plan in plans):
        group = [plan for plan in plans if plan.role == role]
        formats_ = {_format(plan) for plan in group}
        if len(group) > 1 and len(formats_) == 1 and FORMATS[formats_.pop()].takes_several:
            yield group


def _row(release: str, plan: NodePlan, product: bytes) -> tuple[str, ...]:
    of_one = (plan.daemon, ", ".join(plan.packages) or "-", str(len(plan.files)))
    return (
        *(release, plan.role, *(("-",) * 3 if release == TOGETHER else of_one)),
        *(_format(plan), str(len(product)), str(len(compressed(product)))),
    )


def _format(plan: NodePlan) -> str:
    return formats_for(plan.provisioning)[0]


def _product(plan: NodePlan) -> bytes:
    return FORMATS[_format(plan)].render(plan)


def load_table(kinds: Sequence[tuple[NodePlan, Load]], nodes: int) -> str:
    """Return what each kind of client would ask of the cluster's servers, if there were `nodes` of it."""
    rows = [(*LOAD_HEADINGS,), *(_load_row(plan, load) for plan, load in kinds)]
    return f"{nodes} nodes of one kind ask each of the cluster's servers:\n" + _columns(rows) + "\n"


def _load_row(plan: NodePlan, load: Load) -> tuple[str, ...]:
    return (
        *(plan.release, plan.daemon, f"{load.steady:.0f}/s, {load.share:.0%} of a core"),
        *(f"{load.cold}, {load.cold_seconds:.1f} s of a core", str(load.tiers)),
    )


def _columns(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
