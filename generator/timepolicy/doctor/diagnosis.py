"""A diagnosis: the cause in one sentence, what shows it, and what to do."""

from collections.abc import Callable, Iterator, Sequence
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
    """One cause. `id` is its name in JSON and in docs/doctor.md; `evidence` is text from the node."""

    id: str
    cause: str
    remedy: str
    evidence: str = ""
    weight: Weight = Weight.ERROR


Check: TypeAlias = Callable[[Node, Sequence[Node]], Iterator[Diagnosis]]
"""What yields the diagnoses of a node; the second argument is every node that was examined, this one among them."""
