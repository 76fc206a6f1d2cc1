"""The type of a format, and what several formats share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from timepolicy.distros.release import Provisioning
from timepolicy.plan.types import NodePlan

P = TypeVar("P", bound=NodePlan)


@dataclass(frozen=True, kw_only=True, slots=True)
class Format(Generic[P]):
    """A format: its name, the kind of plan that it takes, and what provisions the nodes that it is for.

    `extension` ends the name of a file among the products of several formats; no two formats share one.

    `write` returns the bytes for plans of one policy and role: for one plan or, if the format `takes_several`, for
    several releases at once: a node then finds out which one it is.
    """

    name: str
    extension: str
    plan: type[P]
    provisioning: Provisioning
    takes_several: bool = False
    write: Callable[[Sequence[P]], bytes]

    def render(self, *plans: NodePlan) -> bytes:
        """Return the product; the same bytes for the same plans, on any machine and at any time."""
        own = [plan for plan in plans if isinstance(plan, self.plan)]
        assert len(own) == len(plans), "the caller has compared the provisioning"
        assert len(own) == 1 or self.takes_several, "the caller has asked for one product for each release"
        return self.write(own)


def header(plans: Sequence[NodePlan]) -> str:
    """Return the comment that says what a product is; it begins every product that can have comments."""
    releases = ", ".join(plan.release for plan in plans)
    return f"# timepolicy: {plans[0].policy} for {releases}, {plans[0].role}. Edit the policy, not this file.\n"
