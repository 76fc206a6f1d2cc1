"""Stage 6: bytes. Each format is a module that satisfies Emitter, listed in EMITTERS; all it sees is a NodePlan."""

from typing import Protocol

from timepolicy.distros.release import Provisioning
from timepolicy.formats import (
    bottlerocket,
    cloud_config,
    containerfile,
    ignition,
    kubeadmconfig,
    mime,
    rootfs,
    script,
    talos,
)
from timepolicy.plan.types import NodePlan


class Emitter(Protocol):
    """What the command line asks of a format."""

    NAME: str

    PROVISIONING: frozenset[Provisioning]
    """What has to set up the nodes that the format is for."""

    TAKES_SEVERAL: bool
    """Whether one product can serve several releases, each of which finds itself in it."""

    def render(self, *plans: NodePlan) -> bytes:
        """Return the whole product; the same bytes for the same plans, anywhere and at any time.

        The plans are of one policy and role, for several releases where TAKES_SEVERAL is set.
        """


_ALL: tuple[Emitter, ...] = (
    *(cloud_config, mime, script, rootfs, containerfile, kubeadmconfig),
    *(ignition, bottlerocket, talos),
)

EMITTERS: dict[str, Emitter] = {emitter.NAME: emitter for emitter in _ALL}
"""The formats of `timepolicy render --format`."""


def formats(provisioning: Provisioning) -> list[str]:
    """Return the formats for nodes that are set up so, the default first."""
    return [name for name, emitter in EMITTERS.items() if provisioning in emitter.PROVISIONING]
