"""The measurements of one boot, as data that can be stored and compared."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

REPORT_FILE = "/run/timepolicy/report.json"


@dataclass(frozen=True)
class Start:
    """A stand-in's process began: when, and how wrong the clock was then."""

    label: str
    at_s: float
    error_s: float
    flag_clear: bool


@dataclass(frozen=True)
class StepOutcome:
    """A command that ran in the guest, and whether the clock was right then if that was asked."""

    command: str
    status: int
    output: str
    clock_right: bool = True


@dataclass(frozen=True)
class BlockedMoment:
    """The node while it was blocked: the units that had started, its output, and whether login worked."""

    at_s: float | None
    started: list[str]
    outputs: list[StepOutcome]
    console: str
    login: bool | None


@dataclass(frozen=True)
class PacketCount:
    """Requests that one NTP server got, and how many it answered."""

    asked: int
    answered: int


@dataclass(frozen=True)
class BootResult:
    """The measurements of one boot.

    Times (`_at_s`) are seconds of the guest's monotonic clock, which starts with its kernel;
    errors (`_error_s`) are seconds that the guest's clock was ahead of the host's.
    `right_at_s` and `flag_cleared_at_s` hold until the steps afterwards, which may disturb the clock.
    None stands for what did not happen.
    """

    scenario: str
    suite: str
    client: str
    clock: str
    condition_met: bool
    start_error_s: float | None
    end_error_s: float | None
    end_flag_clear: bool
    end_at_s: float | None
    right_at_s: float | None
    flag_cleared_at_s: float | None
    route_at_s: float | None
    first_ntp_packet_at_s: float | None
    answers_began_at_s: float | None
    starts: list[Start]
    ntp_packets: dict[str, PacketCount]
    blocked: BlockedMoment | None
    afterwards: list[StepOutcome]
    login: bool | None
    report: dict[str, str]
    console: str
    left_on_disk: str | None = None

    def starts_of(self, label: str) -> list[Start]:
        """Select the starts of one stand-in."""
        return [start for start in self.starts if start.label == label]

    @property
    def verdict(self) -> str | None:
        """The verdict of the node's own report, None when it wrote none."""
        return None if self.node_report is None else str(self.node_report.get("verdict"))

    @property
    def failed_units(self) -> list[str]:
        """Names of the units that systemd lists as failed."""
        return [line.split()[0] for line in self.report.get("failed", "").splitlines() if line]

    @property
    def active_daemons(self) -> list[str]:
        """The time daemons that run."""
        units = [dict(line.partition("=")[::2] for line in block.splitlines()) for block in self._unit_blocks()]
        active = [unit["Id"] for unit in units if unit.get("ActiveState") == "active"]
        return [unit for unit in active if unit in ("chrony.service", "systemd-timesyncd.service")]

    def _unit_blocks(self) -> list[str]:
        return [block for block in self.report.get("units", "").split("\n\n") if "Id=" in block]

    @property
    def node_report(self) -> dict[str, Any] | None:
        """The node's own report, None when it wrote none."""
        text = self.report.get(f"file {REPORT_FILE}")
        return None if text is None else dict(json.loads(text))

    def write(self, path: Path) -> None:
        """Write all of it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> "BootResult":
        """Read what `write` wrote."""
        data: dict[str, Any] = json.loads(path.read_text())
        data["starts"] = [Start(**start) for start in data["starts"]]
        data["ntp_packets"] = {key: PacketCount(**count) for key, count in data["ntp_packets"].items()}
        data["afterwards"] = [StepOutcome(**outcome) for outcome in data["afterwards"]]
        if blocked := data["blocked"]:
            outputs = [StepOutcome(**outcome) for outcome in blocked["outputs"]]
            data["blocked"] = BlockedMoment(**{**blocked, "outputs": outputs})
        return cls(**data)
