"""What a rule says about a kind of node."""

from dataclasses import dataclass
from enum import StrEnum

from timepolicy.source import Place


class Status(StrEnum):
    """A conflict is in the hands of the policy. An exception is for what the policy cannot change, with a reason."""

    SATISFIED = "satisfied"
    CONFLICT = "conflict"
    EXCEPTION = "exception needed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """`why` is the evidence, or the reason. `place` is where the policy has it, `help` what to write there instead."""

    status: Status
    why: str
    place: Place | None = None
    help: str = ""


def satisfied(why: str) -> Judgement:
    """Return that a rule is satisfied, with the evidence."""
    return Judgement(status=Status.SATISFIED, why=why)


def conflict(why: str, place: Place, help: str) -> Judgement:
    """Return that the policy has something else at `place`."""
    return Judgement(status=Status.CONFLICT, why=why, place=place, help=help)


def exception(why: str, place: Place | None, help: str) -> Judgement:
    """Return that a rule cannot be satisfied, or not from the policy alone, and why."""
    return Judgement(status=Status.EXCEPTION, why=why, place=place, help=help)


def not_applicable(why: str) -> Judgement:
    """Return that a rule is about something that these nodes do not have."""
    return Judgement(status=Status.NOT_APPLICABLE, why=why)
