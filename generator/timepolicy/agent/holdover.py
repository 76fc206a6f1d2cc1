"""How far the clock may be off that a machine got from its hardware clock, by how that drifted before.

The record is written while the clock is proven, and completed at the next boot: before the daemon sets the hardware
clock anew, it is compared with the time of the sources.
"""

import json
from typing import Any

from timepolicy.agent.clock import hardware_clock
from timepolicy.agent.system import read, read_object, write

RECORD = "/var/lib/timepolicy/hardware-clock.json"
SHORTEST = 3600  # seconds; over less, the hardware clock's whole seconds say nothing about its drift
KEPT = 5  # drifts
INTERVAL = 1800  # seconds between two records of a running node


def recorded() -> dict[str, Any]:
    """`time`: of the record, in Unix seconds; `error`: the hardware clock minus that; `drifts`: in seconds a second."""
    found = read_object(RECORD)
    return found if "time" in found and "error" in found else {}


def record(now: float) -> None:
    """Record the hardware clock at the right time `now`."""
    old, clock = recorded(), hardware_clock()
    if clock is not None and not 0 <= now - old.get("time", 0) < INTERVAL:
        write(RECORD, json.dumps(dict(old, time=now, error=clock - now)) + "\n")


def record_drift(now: float) -> None:
    """Add the drift since the record; `now` is the first right time after a boot."""
    old, clock = recorded(), hardware_clock()
    if old and clock is not None and now - old["time"] > SHORTEST:
        # one second more than was seen, for a clock that is read in whole seconds
        drift = (abs(clock - now - old["error"]) + 1) / (now - old["time"])
        drifts = (old.get("drifts", []) + [drift])[-KEPT:]
        write(RECORD, json.dumps({"time": now, "error": clock - now, "drifts": drifts}) + "\n")


def bound(now: float) -> float | None:
    """The largest error of the clock, which says `now`, in seconds; None where nothing is known about it."""
    old, clock = recorded(), hardware_clock()
    if not old.get("drifts") or clock is None or "LOCAL" in read("/etc/adjtime"):
        return None
    right = clock - old["error"]
    # a hardware clock that is behind its record has lost its battery
    return abs(now - right) + 1 + max(old["drifts"]) * (right - old["time"]) if right >= old["time"] else None
