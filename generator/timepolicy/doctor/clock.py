"""What is wrong with the clock itself: how far it is off, its timezone, the hardware clock."""

from collections.abc import Iterator, Sequence
from statistics import median

from timepolicy.doctor.diagnosis import Check, Diagnosis, Weight
from timepolicy.doctor.node import WRONG_S, Node

SLEW_RATE = 1 / 12
"""Seconds a second at which chronyd corrects a clock at most (chrony.conf(5), maxslewrate 83333.333 ppm)."""

FROZEN_S = 2
"""For how long the collector watched the hardware clock, in seconds."""


def offset(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """A clock that is off the sources, and what the daemon does about it."""
    value = node.offset
    if value is None or abs(value) < WRONG_S:
        return
    tracking = node.tracking
    left = abs(float(tracking["offset"])) if tracking else 0.0
    if left > WRONG_S:
        yield Diagnosis(
            "slewing",
            f"the clock is {value:+.3f} s off, and chronyd slews it: {left:.3f} s are left, at least "
            f"{_duration(left / SLEW_RATE)}",
            "`chronyc makestep` steps it at once; programs that do not expect a step should be stopped before",
            f"chronyc tracking: system time {left:.6f} s",
        )
    else:
        correction = "chronyd does not say what it does about it" if node.hides_chronyd else "nothing corrects it"
        yield Diagnosis(
            "clock-wrong",
            f"the clock is {value:+.3f} s off the sources, and {correction}",
            "repair what is named above, then `chronyc makestep`, or restart systemd-timesyncd",
            "; ".join(f"{answer.host}: {answer.offset:+.3f} s" for answer in node.answers if answer.is_synchronized),
        )


def unsynchronized(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """The kernel's flag, where sources answer."""
    if node.is_synchronized is False and node.offset is not None:
        yield Diagnosis(
            "unsynchronized",
            "the kernel's flag says that the clock is not synchronized (STA_UNSYNC)",
            "see the log of the time daemon; after a start it takes some seconds with `iburst`, else minutes",
            "timedatectl: NTPSynchronized=no",
            fix=_ask_again(node),
        )


def _ask_again(node: Node) -> str:
    """The command that has the daemon ask its sources at once, where it will not step the clock."""
    if not node.is_right or len(node.daemons) != 1:
        return ""
    if node.runs("chronyd"):
        return "chronyc online && chronyc burst 4/4" if "rtcsync" in node.configuration else ""
    return "systemctl restart systemd-timesyncd.service" if node.runs("systemd-timesyncd") else ""


def timezone(node: Node, fleet: Sequence[Node]) -> Iterator[Diagnosis]:
    """/etc/localtime that is a copy, or another timezone than most nodes have."""
    link = node.examination.probe("timezone")
    if not link.ran and node.examination.probe("timezone-file").ran:
        yield Diagnosis(
            "localtime-is-a-copy",
            "/etc/localtime is a file, not a link: nothing can tell its name, and it misses updates of tzdata",
            "timedatectl set-timezone AREA/CITY",
            "readlink /etc/localtime failed",
            Weight.WARNING,
        )
    zones = [zone for zone in map(_zone, fleet) if zone]
    most = max(zones, key=zones.count, default="")
    if _zone(node) and zones.count(_zone(node)) * 2 < len(zones):
        yield Diagnosis(
            "other-timezone",
            f"the timezone is {_zone(node)}, on most of the nodes it is {most}",
            f"timedatectl set-timezone {most}",
            f"/etc/localtime -> {link.text.strip()}",
            Weight.WARNING,
        )


def hardware_clock(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """A hardware clock in local time, or one that stands still."""
    if node.examination.probe("hardware-clock-zone").text.strip() == "LOCAL":
        yield Diagnosis(
            "hardware-clock-in-local-time",
            "the hardware clock is in local time: the next boot begins hours off",
            "timedatectl set-local-rtc 0",
            "/etc/adjtime: LOCAL",
            Weight.WARNING,
            "timedatectl set-local-rtc 0" if node.is_right else "",
        )
    lines = node.examination.probe("hardware-clock").lines
    if len(lines) == 3 and all(line.isdigit() for line in lines):  # noqa: PLR2004  # before, the system's, after
        before, system, after = map(int, lines)
        if after == before:
            yield Diagnosis(
                "hardware-clock-frozen",
                "the hardware clock stands still: every boot begins with the same wrong time",
                "replace its battery, or repair the virtual machine's clock; gate services with timepolicy until then",
                f"two readings {FROZEN_S} s apart are the same",
                Weight.WARNING,
            )
        elif node.offset is not None and abs(before - system + node.offset) > 60:  # noqa: PLR2004  # a minute
            yield Diagnosis(
                "hardware-clock-wrong",
                f"the hardware clock is {before - system + node.offset:+.0f} s off: the next boot begins with that",
                "hwclock --systohc, once the system's clock is right; `rtcsync` in chrony.conf keeps it so",
                f"hardware clock {before}, system {system}",
                Weight.WARNING,
                "hwclock --systohc --utc" if node.is_right else "",
            )


def among_others(node: Node, fleet: Sequence[Node]) -> Iterator[Diagnosis]:
    """A clock that is off the other nodes' median, by measurements through ssh; for nodes without sources."""
    measured = [other.examination.clock_offset for other in fleet if other.examination.clock_offset]
    own = node.examination.clock_offset
    if own is None or node.offset is not None or len(measured) < 3:  # noqa: PLR2004  # of two, either may be wrong
        return
    middle = median(value for value, _ in measured)
    if abs(own[0] - middle) > own[1] + WRONG_S:
        yield Diagnosis(
            "off-the-median",
            f"the clock is {own[0] - middle:+.3f} s off the median of the {len(measured)} nodes",
            "repair its sources; before a cluster is installed, all clocks must agree",
            f"measured through ssh, within {own[1]:.3f} s",
        )


def _zone(node: Node) -> str:
    return node.examination.probe("timezone").text.strip().partition("zoneinfo/")[2]


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{seconds:.0f} s" if minutes < 2 else f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"  # noqa: PLR2004


CLOCK_CHECKS: tuple[Check, ...] = (offset, unsynchronized, among_others, timezone, hardware_clock)
