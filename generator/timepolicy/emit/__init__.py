"""Stage 6: bytes. Each format is a module that satisfies Emitter, listed in EMITTERS; all it sees is a NodePlan."""

from typing import Protocol

from timepolicy.emit import cloud_config
from timepolicy.plan.nodeplan import NodePlan


class Emitter(Protocol):
    """What the command line asks of a format."""

    NAME: str

    def render(self, plan: NodePlan) -> bytes:
        """Return the whole product; the same bytes for the same plan, anywhere and at any time."""


EMITTERS: dict[str, Emitter] = {cloud_config.NAME: cloud_config}
"""The formats of `timepolicy render --format`, the default first."""
