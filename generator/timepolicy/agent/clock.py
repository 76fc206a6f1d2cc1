"""The clocks of this node."""

import ctypes
import time

from timepolicy.agent.system import read

CLOCK_BOOTTIME = 7  # of <linux/time.h>; Python names it since 3.7


def is_synchronised() -> bool:
    """Whether the kernel's flag says that a daemon keeps the clock right.

    adjtimex(2) returns TIME_ERROR, which is 5, while STA_UNSYNC is set. The buffer is larger than struct timex on any
    machine; its first member, `modes`, is 0, so that nothing is changed.
    """
    return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)) in range(5)


def boottime_epoch() -> float:
    """The clock minus CLOCK_BOOTTIME, in seconds: only a step of the clock changes it."""
    return time.time() - time.clock_gettime(CLOCK_BOOTTIME)


def monotonic_epoch() -> float:
    """The clock minus CLOCK_MONOTONIC, in seconds: a step changes it, and so does a suspended machine."""
    return time.time() - time.monotonic()


def hardware_clock_offset() -> float:
    """The hardware clock minus the system clock, in whole seconds.

    It changes when somebody sets the system clock, and while the machine is paused. A machine without a hardware clock
    has 0.
    """
    return float(read("/sys/class/rtc/rtc0/since_epoch") or time.time()) - time.time()
