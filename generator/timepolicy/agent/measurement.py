"""From the answers of all sources to one time."""

from collections import namedtuple
from typing import Any

from timepolicy.agent.clock import monotonic_epoch
from timepolicy.agent.ntp import Answer
from timepolicy.agent.shapes import Source

SLACK = 0.05  # seconds by which truthful sources may differ beyond their own error bounds


class Measurement(namedtuple("Measurement", "epoch answers problem")):
    """`epoch` is the time that the sources agree on, minus CLOCK_MONOTONIC; None where `problem` says why."""

    @property
    def offset(self) -> Any:  # a float, or None as `epoch` is
        """The sources' time minus the clock, as it is at this moment: negative if the clock is ahead."""
        return None if self.epoch is None else self.epoch - monotonic_epoch()


def votes(sources: list[Source], answers: list[Answer]) -> list[Answer]:
    """The answers that have a vote: of each source as many as the daemon would use of it."""
    good = [answer for answer in answers if not answer.problem]
    return [a for s in sources for a in [g for g in good if g.source == s["host"]][: s.get("count", 1)]]


def largest_agreement(answers: list[Answer]) -> list[Answer]:
    """The largest group whose error intervals share a point (Marzullo's algorithm): an end of an interval is one."""
    points = [a.epoch + sign * (a.distance + SLACK) for a in answers for sign in (-1, 1)]
    groups = [[a for a in answers if abs(a.epoch - point) <= a.distance + SLACK + 1e-6] for point in points]
    return max(groups, key=len) if groups else []


def evaluate(sources: list[Source], answers: list[Answer], min_sources: int) -> Measurement:
    """The Measurement that a majority, and no less than `min_sources`, of the answers with a vote agrees on."""
    voters = votes(sources, answers)
    group = largest_agreement(voters)
    if not voters:
        problem = "; ".join(sorted({"%s: %s" % (a.source, a.problem) for a in answers}))
    elif len(group) * 2 <= len(voters):
        offsets = ["%s %+.3f s" % (a.source, a.epoch - monotonic_epoch()) for a in voters]
        problem = "sources disagree: " + ", ".join(offsets)
    elif len(group) < min_sources:
        problem = "sources that agree: %d, min_sources: %d" % (len(group), min_sources)
    else:
        return Measurement(min(group, key=lambda a: a.distance).epoch, answers, None)
    return Measurement(None, answers, problem)
