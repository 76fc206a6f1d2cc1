"""The clock probe's lines as the host reads them, and what they say about the guest's clock."""

from collections.abc import Sequence
from dataclasses import dataclass

STA_UNSYNC = 0x40
RIGHT_WITHIN_S = 0.5
# Samples looked at on either side to find one that reached the host without delay: 2 s in all.
NEIGHBOURS = 10


@dataclass(frozen=True)
class Sample:
    """One line of the probe: the guest's clocks, and the host's when the line arrived."""

    host_s: float
    monotonic_s: float
    real_s: float
    status: int
    routes: int
    label: str

    @property
    def stand_in(self) -> str:
        """Name the stand-in whose start this is, or nothing."""
        return self.label.removesuffix("-start") if self.label.endswith("-start") else ""

    @property
    def flag_clear(self) -> bool:
        """Whether the kernel says that the clock is synchronised."""
        return not self.status & STA_UNSYNC


def parse_line(line: str, host_s: float) -> Sample | None:
    """Read a sample; None for a line that was cut (the port was opened in the middle of it)."""
    fields = line.split()
    try:
        tag, monotonic, real, status, _, routes, *label = fields
        if tag not in ("P", "E"):
            return None
        clocks = float(monotonic), float(real)
        return Sample(host_s, *clocks, int(status), int(routes), " ".join(label))
    except ValueError:
        return None


class ClockHistory:
    """All samples of one boot, in order, with the host's time of each freed of the line's delay."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        """Take the samples as they arrived."""
        self._samples = list(samples)
        # A busy host reads late and never early, so around a sample the smallest lag is the truest.
        lags = [sample.host_s - sample.monotonic_s for sample in self._samples]
        self._lags = [min(lags[max(0, i - NEIGHBOURS) : i + NEIGHBOURS + 1]) for i in range(len(lags))]

    def until(self, host_s: float | None) -> "ClockHistory":
        """Return the part before a moment of the host's clock; all of it for None."""
        return self if host_s is None else ClockHistory([s for s in self._samples if s.host_s <= host_s])

    def errors(self) -> list[tuple[Sample, float]]:
        """Pair each sample with its clock's error in seconds, positive when the guest is ahead."""
        pairs = zip(self._samples, self._lags, strict=True)
        return [(sample, sample.real_s - sample.monotonic_s - lag) for sample, lag in pairs]

    def right_at_s(self) -> float | None:
        """Find when the clock became right for the rest of the boot, in guest monotonic time."""
        good = [abs(error) < RIGHT_WITHIN_S for _, error in self.errors()]
        return self._since(good)

    def flag_cleared_at_s(self) -> float | None:
        """Find from when on the kernel said 'synchronised' for the rest of the boot."""
        return self._since([sample.flag_clear for sample in self._samples])

    def route_at_s(self) -> float | None:
        """Find when the first IPv4 route was seen: packets could leave."""
        return next((s.monotonic_s for s in self._samples if s.routes), None)

    def guest_time_of(self, host_s: float | None) -> float | None:
        """Translate a moment of the host's clock into the guest's monotonic time."""
        if host_s is None:
            return None
        pairs = zip(self._samples, self._lags, strict=True)
        nearest = min(pairs, key=lambda pair: abs(pair[0].host_s - host_s), default=None)
        return None if nearest is None else host_s - nearest[1]

    def _since(self, good: list[bool]) -> float | None:
        """Find the first sample from which everything is good to the end."""
        trailing = len(good)
        while trailing and good[trailing - 1]:
            trailing -= 1
        return self._samples[trailing].monotonic_s if trailing < len(good) else None
