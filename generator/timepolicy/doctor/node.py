"""What a node's examination says about its daemons, sources and clock."""

import re
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address
from statistics import median

from timepolicy.doctor.examination import Examination

NTP_EPOCH_S = 2208988800
"""Seconds from 1900, where NTP's first era begins, to 1970 (RFC 5905, section 6)."""

UNSYNCHRONIZED_STRATUM, UNKNOWN_LEAP = 16, 3
"""What a server without time says of itself (RFC 5905, section 7.3)."""

WRONG_S = 0.1
"""From this offset on the clock is called wrong: the agent's default `max_offset`."""

CAP_SYS_TIME = 1 << 25
"""The right to set the clock, in the mask of /proc/PID/status (capabilities(7))."""

DAEMONS: Mapping[str, str] = {
    "chronyd": "chronyd",
    "systemd-timesyn": "systemd-timesyncd",  # the kernel cuts names at 15 characters
    "ntpd": "ntpd",
    "ntp-daemon": "ntpd-rs",
    "openntpd": "OpenNTPD",
    "phc2sys": "phc2sys",
}
"""Programs that set the system's clock, by the names that the kernel has of them."""


@dataclass(frozen=True, slots=True)
class Running:
    """A running time daemon."""

    name: str
    can_set_clock: bool
    command: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered to the node; `problem` says why there is no time in it, in the words of the system.

    `offset` is the node's clock minus the source's, `error` its bound, both in seconds.
    """

    host: str
    address: str
    port: int
    problem: str = ""
    stratum: int = 0
    leap: int = 0
    code: str = ""
    offset: float = 0.0
    error: float = 0.0

    @property
    def is_synchronized(self) -> bool:
        """Whether the source answered with a time that counts."""
        return not self.problem and 0 < self.stratum < UNSYNCHRONIZED_STRATUM and self.leap != UNKNOWN_LEAP


def read_answer(host: str, address: str, port: int, text: str) -> Answer:
    """Return what the probe says that asked a source."""
    found = re.search(r"^(\d+\.\d+) (\d+\.\d+) ((?:[0-9a-f]{2}){48,})$", text, flags=re.MULTILINE)
    if not found:
        reason = re.search(r"Connection refused|No route to host|[Uu]nreachable|not permitted|Address family", text)
        return Answer(host, address, port, problem=reason[0] if reason else "no answer")
    packet = bytes.fromhex(found[3])
    sent, received = float(found[1]), float(found[2])
    arrived, left = (stamp / 2**32 - NTP_EPOCH_S for stamp in struct.unpack("!QQ", packet[32:48]))
    delay, dispersion = (value / 65536 for value in struct.unpack("!II", packet[4:12]))
    return Answer(
        *(host, address, port),
        stratum=packet[1],
        leap=packet[0] >> 6,
        code=packet[12:16].decode("ascii", "replace") if packet[1] == 0 else "",
        offset=(sent + received) / 2 - (arrived + left) / 2,
        error=(received - sent) / 2 + delay / 2 + dispersion,
    )


@dataclass(frozen=True)
class Node:
    """A node, as its examination shows it."""

    examination: Examination

    @property
    def host(self) -> str:
        """The name by which it was reached."""
        return self.examination.host

    @cached_property
    def daemons(self) -> list[Running]:
        """The time daemons that run."""
        found = []
        for line in self.examination.probe("daemons").lines:
            name, _, rest = line.partition(" ")
            mask, _, command = rest.partition(" ")
            if name in DAEMONS and re.fullmatch("[0-9a-f]+", mask):
                found.append(Running(DAEMONS[name], bool(int(mask, 16) & CAP_SYS_TIME), command.strip()))
        return found

    def runs(self, daemon: str) -> bool:
        """Whether that daemon runs."""
        return any(running.name == daemon for running in self.daemons)

    @cached_property
    def answers(self) -> list[Answer]:
        """What each address of each source answered."""
        probes = self.examination.named("source").items()
        asked = [(re.fullmatch(r"(\S+) (\S+) (\d{1,5})", name), probe.text) for name, probe in probes]
        return [read_answer(name[1], name[2], int(name[3]), text) for name, text in asked if name]

    @cached_property
    def offset(self) -> float | None:
        """The node's clock minus the median of the sources that have the time, in seconds; None without any."""
        offsets = [answer.offset for answer in self.answers if answer.is_synchronized]
        return median(offsets) if offsets else None

    @cached_property
    def files(self) -> dict[str, str]:
        """The configuration files of time daemons, by path."""
        return {path: probe.text for path, probe in self.examination.named("file").items() if probe.ran}

    @cached_property
    def configuration(self) -> str:
        """The text of the files that the running chronyd reads, or may include."""
        return "\n".join(text for path, text in self.files.items() if "chrony" in path)

    @cached_property
    def tracking(self) -> dict[str, str] | None:
        """What `chronyc -c tracking` says, by the names of chronyc(1); None if it says nothing."""
        names = (
            *("id", "name", "stratum", "reference", "offset", "last", "rms", "frequency", "residual", "skew"),
            *("delay", "dispersion", "interval", "leap"),
        )
        lines = self.examination.probe("tracking").lines
        values = lines[0].split(",") if lines else []
        if len(values) != len(names) or not re.fullmatch(r"-?\d+\.\d+", values[names.index("offset")]):
            return None
        return dict(zip(names, values, strict=True))

    @cached_property
    def units(self) -> dict[str, dict[str, str]]:
        """What systemd says about units, by their names; only those that exist."""
        units: dict[str, dict[str, str]] = {}
        for block in self.examination.probe("units").text.split("\n\n"):
            rows = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
            if rows.get("LoadState") not in (None, "not-found"):
                units[rows["Id"]] = rows
        return units

    def is_active(self, unit: str) -> bool:
        """Whether systemd says that the unit is active."""
        return self.units.get(unit, {}).get("ActiveState") == "active"

    @cached_property
    def is_synchronized(self) -> bool | None:
        """Whether the kernel's flag STA_UNSYNC is clear; None where nobody could say."""
        answer = self.examination.probe("synchronized").text.strip()
        return {"yes": True, "no": False}.get(answer)

    @cached_property
    def addresses(self) -> set[IPv4Address | IPv6Address]:
        """The node's own addresses."""
        found: set[IPv4Address | IPv6Address] = set()
        for text in re.findall(r" inet6? ([0-9a-f.:]+)/", self.examination.probe("addresses").text):
            with suppress(ValueError):
                found.add(ip_address(text))
        return found

    @property
    def is_root(self) -> bool:
        """Whether the collector ran as root; what it could not read is missing otherwise."""
        return self.examination.probe("user").text.strip() in ("0", "")

    @property
    def hides_chronyd(self) -> bool:
        """Whether chronyd runs and says nothing: to others than root it does by its command port alone."""
        return self.runs("chronyd") and self.tracking is None

    @property
    def is_right(self) -> bool:
        """Whether the clock is known to be right: then the start of a daemon does not step it."""
        return self.offset is not None and abs(self.offset) < WRONG_S

    @cached_property
    def true_time(self) -> float:
        """The time as the sources have it, or else this machine; Unix seconds, when the node was examined."""
        if not self.examination.ticks:
            return 0.0
        tick = self.examination.ticks[-1]
        return tick.answered - self.offset if self.offset is not None else tick.received
