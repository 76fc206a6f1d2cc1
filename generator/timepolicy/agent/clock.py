"""The clocks of this node."""

import ctypes
import os
import time

from timepolicy.agent.system import read

CLOCK_BOOTTIME = 7  # of <linux/time.h>; Python names it since 3.7
OLDEST = 1577836800  # 2020-01-01: NTP timestamps before it are of the next era
FIFTEEN_YEARS = 15 * 31557600


def kernel_state() -> int:
    """What adjtimex(2) returns: 1 to 4 around a leap second, 5 (TIME_ERROR) while STA_UNSYNC is set, otherwise 0.

    The buffer is larger than struct timex on any machine; its first member, `modes`, is 0, so that nothing is changed.
    """
    return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))


def is_synchronised() -> bool:
    """Whether the kernel's flag says that a daemon keeps the clock right."""
    return kernel_state() in range(5)


def is_leap_second() -> bool:
    """Whether a leap second has just happened or is near, so that two right clocks may differ by one second."""
    return kernel_state() in range(1, 5) and (time.time() + 1000) % 86400 < 2000


def without_leap_second(offset: float) -> float:
    """An offset of about a second, around a leap second, is none."""
    is_second = 0.8 < abs(offset) < 1.2 and is_leap_second()
    return offset - is_second * (1 if offset > 0 else -1)


def boottime() -> float:
    """Seconds since the machine was started, with those in which it was suspended."""
    return time.clock_gettime(CLOCK_BOOTTIME)


def raw_time() -> float:
    """CLOCK_MONOTONIC_RAW, which is not slewed together with the clock, and the time that the machine was suspended."""
    return time.clock_gettime(time.CLOCK_MONOTONIC_RAW) + boottime() - time.monotonic()


def boottime_epoch() -> float:
    """The clock minus CLOCK_BOOTTIME, in seconds: only a step of the clock changes it."""
    return time.time() - boottime()


def raw_epoch() -> float:
    """The clock minus CLOCK_MONOTONIC_RAW, in seconds: steps and slewing change it, and so does a suspended machine."""
    return time.time() - raw_time()


def clock_floor() -> float:
    """The earliest time that can be right: systemd starts no clock below it (systemd(1), /usr/lib/clock-epoch)."""
    paths = ("/usr/lib/clock-epoch", "/usr/lib/systemd/systemd", "/lib/systemd/systemd")
    return max([OLDEST] + [os.stat(path).st_mtime for path in paths if os.path.exists(path)])


def hardware_clock() -> float | None:
    """The hardware clock in whole Unix seconds; None on a machine without one."""
    text = read("/sys/class/rtc/rtc0/since_epoch")
    return float(text) if text else None


class Witness:
    """What shows, besides the network, that the clock was set or the machine was paused.

    The hardware clock goes on while a virtual machine is paused, and CLOCK_BOOTTIME while somebody sets the clock. Both
    are compared with the clock as they were when remember() was called last: when the clock was right.
    """

    def __init__(self) -> None:
        self.reading: float | None = None
        self.read_at = 0.0
        self.remember()

    def hardware_offset(self) -> float | None:
        """The hardware clock minus the clock; None without a hardware clock, or with one that stands still."""
        reading, now = hardware_clock(), raw_time()
        if reading != self.reading:
            self.reading, self.read_at = reading, now
        return None if reading is None or now - self.read_at > 1.5 else reading - time.time()

    def remember(self) -> None:
        self.hardware, self.boottime = self.hardware_offset(), boottime_epoch()

    def behind(self) -> list[float]:
        """By how many seconds the clock fell behind each witness. The hardware clock is read in whole seconds."""
        seconds, hardware = [self.boottime - boottime_epoch()], self.hardware_offset()
        if hardware is not None and self.hardware is not None:
            seconds.append(hardware - self.hardware)
        return seconds

    def saw_jump(self) -> bool:
        """Whether answers of before are worth nothing now; 1 s, for after a leap second they are wrong by that."""
        return any(abs(seconds) > limit for seconds, limit in zip(self.behind(), (0.5, 2)))

    def confirms(self, offset: float) -> bool:
        """Whether a witness agrees that the clock is behind by `offset` seconds, within 2 s."""
        return any(seconds > 2 and abs(seconds - offset) < 2 for seconds in self.behind())
