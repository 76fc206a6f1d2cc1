"""From the answers of all sources to one time."""

import time
from collections import namedtuple
from typing import Any

from timepolicy.agent.clock import FIFTEEN_YEARS, clock_floor, raw_epoch, raw_time, without_leap_second
from timepolicy.agent.ntp import Answer
from timepolicy.agent.shapes import Source

QUORUM_TIME = 10  # seconds in which a majority of all configured sources must agree; then fewer suffice


class Measurement(namedtuple("Measurement", "epoch error answers problem note")):
    """`epoch` is the time that the sources agree on, minus CLOCK_MONOTONIC_RAW, and `error` bounds its error.

    Both are in seconds, and None where `problem` says why. `note` is for the log: how many sources answered, if some
    did not.
    """

    @property
    def offset(self) -> Any:  # a float, or None as `epoch` is
        """The sources' time minus the clock, as it is at this moment: negative if the clock is ahead."""
        return None if self.epoch is None else without_leap_second(self.epoch - raw_epoch())


def votes_of(sources: list[Source], answers: list[Answer]) -> tuple[list[Answer], int]:
    """The answers that have a vote, and how many votes the configured sources have.

    Each source has as many votes as the daemon would use of its addresses. An address has one, however often it or its
    host is listed.
    """
    counts: dict[str, int] = {}
    for source in sources:
        counts[source["host"]] = counts.get(source["host"], 0) + source.get("count", 1)
    voters, used, total = [], set(), 0
    for host, count in counts.items():
        rows = [answer for answer in answers if answer.source == host and answer.address not in used]
        good = [row for row in rows if not row.problem]
        addresses = {row.address for row in rows}
        total += count if None in addresses else min(count, len(addresses))
        for address in list(dict.fromkeys(row.address for row in good))[:count]:
            voters += [row for row in good if row.address == address][:1]
            used.add(address)
    return voters, total


def selection(answers: list[Answer], slack: float) -> tuple[int, float, float]:
    """How many error intervals share a point at most; the middle of what these share; and the bound of its error.

    This is the selection of RFC 5905, section 11.2.1. If most intervals are right, the middle is within right ones, and
    the truth is where most of all intervals are: nowhere farther from the middle than the bound. `slack` widens each
    interval.
    """
    edges = sorted(
        edge
        for answer in answers
        for edge in (
            (answer.epoch - answer.distance - slack, -1),
            (answer.epoch + answer.distance + slack, 1),
        )
    )
    depth, depths = 0, []
    for _, end in edges:
        # between an edge and the next one, so many intervals overlap; at the end of an interval, one more
        depths.append(depth + (end < 0))
        depth -= end
    most = max(depths + [0])
    shared = [edge for (edge, _), deep in zip(edges, depths) if deep == most] or [0.0]
    possible = [edge for (edge, _), deep in zip(edges, depths) if deep * 2 > len(answers)] or shared
    middle = (shared[0] + shared[-1]) / 2
    return most, middle, max(possible[-1] - middle, middle - possible[0])


def evaluate(
    sources: list[Source], answers: list[Answer], min_sources: int, max_offset: float, is_settled: bool
) -> Measurement:
    """The Measurement that a majority, and no less than `min_sources`, of the answers with a vote agrees on.

    Until `is_settled`, it must be a majority of all configured votes; then of those that answered.
    """
    voters, total = votes_of(sources, answers)
    # truthful sources may differ by a little more than their own error bounds
    agreeing, epoch, error = selection(voters, min(0.05, max_offset / 10))
    now = raw_time()
    note = "" if len(voters) >= total else "%d of %d sources answered" % (len(voters), total)
    if not voters:
        problem = "; ".join(sorted({"%s: %s" % (a.source, a.problem) for a in answers}))
    elif agreeing * 2 <= len(voters) or (agreeing * 2 <= total and agreeing < len(voters)):
        problem = "sources disagree: " + ", ".join("%s %+.3f s" % (a.source, a.epoch - raw_epoch()) for a in voters)
    elif agreeing < min_sources:
        problem = "sources that agree: %d, min_sources: %d" % (agreeing, min_sources)
    elif agreeing * 2 <= total and not is_settled:
        problem = "only " + note
    elif not 0 <= epoch + now - clock_floor() < FIFTEEN_YEARS:
        problem = "the sources say %s, which cannot be" % time.strftime("%Y-%m-%d", time.gmtime(epoch + now))
    else:
        return Measurement(epoch, error, answers, None, note)
    return Measurement(None, None, answers, problem, note)
