"""Every diagnosis of every node, the cause first."""

from collections.abc import Sequence

from timepolicy.doctor import clock, daemons, kubernetes, sources
from timepolicy.doctor.diagnosis import Check, Diagnosis, Weight
from timepolicy.doctor.node import Node

CHECKS: tuple[Check, ...] = (*daemons.CHECKS, *sources.CHECKS, *clock.CHECKS, *kubernetes.CHECKS)
"""In the order in which one thing causes the next: daemon, sources, clock, what a wrong clock leaves behind."""


def diagnose(node: Node, fleet: Sequence[Node]) -> list[Diagnosis]:
    """Return the diagnoses of a node, errors before warnings; none for a node that keeps the right time."""
    found = [diagnosis for check in CHECKS for diagnosis in check(node, fleet)]
    return sorted(found, key=lambda diagnosis: diagnosis.weight != Weight.ERROR)
