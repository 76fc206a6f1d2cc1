"""What the gate knows in this boot, for the units that it holds back, the report, and an agent that is restarted.

It is /run/timepolicy/gate.json, an object with
    opened    "proof", "orphan", "holdover" or "timeout"; missing while the gate is closed
    waited    for how many seconds the gate was closed
    reason    why it is closed, or why the clock is not right
    offset    the time of the sources minus the clock when they were measured last, and `error`, its bound, in seconds
    measured  CLOCK_BOOTTIME of that measurement, and `epoch`, the clock minus CLOCK_BOOTTIME, in seconds
    stepped   by how many seconds the agent has stepped the clock
    holdover  the bound of the clock's error, in seconds, where the gate opened without any source
"""

import json
from typing import Any

from timepolicy.agent.clock import boottime, boottime_epoch, without_leap_second
from timepolicy.agent.measurement import Measurement
from timepolicy.agent.system import read, read_object, write

RUN = "/run/timepolicy/"
STATE = RUN + "gate.json"
BEGAN = RUN + "began"
STARTED = boottime()  # of this process, for a node that cannot keep the file


def first_run() -> float:
    """CLOCK_BOOTTIME of the agent's first run in this boot, from which the timeout counts."""
    if not read(BEGAN):
        write(BEGAN, "%f\n" % STARTED)
    try:
        return float(read(BEGAN))
    except ValueError:
        return STARTED


class GateState:
    """Each property reads the file again: another process may have written it."""

    @property
    def facts(self) -> dict[str, Any]:
        return read_object(STATE)

    def update(self, **facts: Any) -> None:
        write(STATE, json.dumps(dict(self.facts, **facts), sort_keys=True) + "\n")

    def record(self, measured: Measurement) -> None:
        """Keep what was measured; sources that do not answer leave the last offset in force."""
        if measured.epoch is not None:
            offset = round(measured.offset, 6)
            self.update(
                offset=offset, error=round(measured.error, 6), measured=boottime(), epoch=boottime_epoch(), reason=None
            )

    def open(self, how: str, **facts: Any) -> None:
        self.update(opened=how, waited=round(boottime() - first_run(), 1), reason=None, **facts)

    @property
    def opened(self) -> str | None:
        return self.facts.get("opened")

    def offset(self) -> float | None:
        """The last offset as it is now, if somebody has set the clock since; None if nothing was measured yet."""
        facts = self.facts
        if "offset" not in facts:
            return None
        return without_leap_second(facts["offset"] + facts["epoch"] - boottime_epoch())

    def closed_because(self, max_offset: float) -> str | None:
        """Why no gated unit may start now, or None. Nobody is asked: the gate measures."""
        facts, offset = self.facts, self.offset()
        if not facts.get("opened"):
            return facts.get("reason") or "timepolicy-gate.service has not measured the clock yet"
        if offset is not None and abs(offset) > max_offset:
            return "the clock is %+.3f s off" % -offset
        return None

    def age(self) -> float | None:
        """Seconds since the sources answered last; None if they never did."""
        facts = self.facts
        return boottime() - facts["measured"] if "measured" in facts else None
