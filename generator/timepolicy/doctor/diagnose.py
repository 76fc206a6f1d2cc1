"""Every diagnosis of a node among others, the cause first."""

from collections.abc import Sequence

from timepolicy.doctor.clock import CLOCK_CHECKS
from timepolicy.doctor.configuration import configuration
from timepolicy.doctor.daemons import DAEMON_CHECKS
from timepolicy.doctor.diagnosis import Check, Diagnosis, by_weight
from timepolicy.doctor.kubernetes import KUBERNETES_CHECKS
from timepolicy.doctor.node import Node
from timepolicy.doctor.servers import silent_servers
from timepolicy.doctor.sources import SOURCE_CHECKS

CHECKS: tuple[Check, ...] = (
    *DAEMON_CHECKS,
    configuration,
    *SOURCE_CHECKS,
    silent_servers,
    *CLOCK_CHECKS,
    *KUBERNETES_CHECKS,
)
"""In the order in which one thing causes the next: daemon, sources, clock, what a wrong clock leaves behind."""


def diagnose(node: Node, fleet: Sequence[Node]) -> list[Diagnosis]:
    """Return the diagnoses of a node, errors before warnings; none for a node that keeps the right time."""
    return by_weight(diagnosis for check in CHECKS for diagnosis in check(node, fleet))
