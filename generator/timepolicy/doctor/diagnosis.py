"""A diagnosis: the cause in one sentence, what shows it, and what to do."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from timepolicy.doctor.node import Node


class Weight(StrEnum):
    """How bad it is: `error` where the clock is wrong or will be, `warning` where it may become so."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One cause. `id` is its name in JSON and in docs/doctor.md; `evidence` is text from the node.

    `fix` is a shell command for root that repairs it and neither moves a clock nor stops a service that is needed;
    empty where there is none. Nothing that a node says gets into it.
    """

    id: str
    cause: str
    remedy: str
    evidence: str = ""
    weight: Weight = Weight.ERROR
    fix: str = ""


Check: TypeAlias = Callable[[Node, Sequence[Node]], Iterator[Diagnosis]]
"""What yields the diagnoses of a node; the second argument is every node that was examined, this one among them."""


def by_weight(diagnoses: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Return them with errors before warnings."""
    return sorted(diagnoses, key=lambda diagnosis: diagnosis.weight != Weight.ERROR)
