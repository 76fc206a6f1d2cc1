"""Turns what was recorded during a boot into its result."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.boot.lab.ntp_server import NtpServers
from tests.boot.lab.probe import ClockHistory, Sample
from tests.boot.lab.result import BlockedMoment, BootResult, PacketCount, Start, StepOutcome
from tests.boot.lab.scenario import BootPlan, Run


@dataclass(frozen=True)
class Observation:
    """What the host saw and asked while the guest ran; at `settled_at`, host time, the steps afterwards began."""

    condition_met: bool
    blocked: BlockedMoment | None
    afterwards: list[StepOutcome]
    report: dict[str, str]
    samples: Sequence[Sample]
    settled_at: float | None = None
    login: bool | None = None
    console: str = ""


def measure(run: Run, plan: BootPlan, ntp: NtpServers, seen: Observation) -> BootResult:
    """Compute the figures of one boot."""
    history = ClockHistory(seen.samples)
    errors = history.errors()
    until_settled = history.until(seen.settled_at)
    return BootResult(
        scenario=run.scenario.name,
        suite=run.guest.suite,
        client=run.guest.client,
        clock=plan.clock,
        condition_met=seen.condition_met,
        start_error_s=errors[0][1] if errors else None,
        end_error_s=errors[-1][1] if errors else None,
        end_flag_clear=bool(errors) and errors[-1][0].flag_clear,
        end_at_s=errors[-1][0].monotonic_s if errors else None,
        right_at_s=until_settled.right_at_s(),
        flag_cleared_at_s=until_settled.flag_cleared_at_s(),
        route_at_s=history.route_at_s(),
        first_ntp_packet_at_s=history.guest_time_of(ntp.first_packet_at),
        answers_began_at_s=history.guest_time_of(ntp.answers_began_at),
        starts=_starts(history),
        ntp_packets=_count_packets(ntp),
        blocked=seen.blocked,
        afterwards=seen.afterwards,
        login=seen.login,
        report=seen.report,
        console=seen.console,
    )


def _starts(history: ClockHistory) -> list[Start]:
    return [
        Start(sample.stand_in, sample.monotonic_s, error, sample.flag_clear)
        for sample, error in history.errors()
        if sample.stand_in
    ]


def _count_packets(ntp: NtpServers) -> dict[str, PacketCount]:
    counts = {address: PacketCount(0, 0) for address in ntp.addresses}
    for packet in ntp.packets:
        old = counts[packet.server]
        counts[packet.server] = PacketCount(old.asked + 1, old.answered + packet.answered)
    return counts
