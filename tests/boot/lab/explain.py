"""The measurements of a boot as text: one row of a table, or the details that help to find a fault."""

from collections.abc import Sequence

from tests.boot.lab.result import BootResult

COLUMNS = ("scenario", "start error", "right at", "flag at", "kubelet at", "its error", "verdict")
BLOCKED_UNITS = ("kubelet", "containerd", "timepolicy")
JOURNAL_LINES = 60


def table(results: Sequence[BootResult], verdicts: Sequence[str]) -> str:
    """Lay results out in columns, in seconds."""
    rows = [COLUMNS, *(_row(*pair) for pair in zip(results, verdicts, strict=True))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def explain(broken: Sequence[str], result: BootResult) -> str:
    """Say what was not as expected, with the figures, the journal and where the files are."""
    return "\n".join(
        [
            *(f"- {sentence}" for sentence in broken),
            "",
            table([result], [result.verdict or "none"]),
            *_figures(result),
            "",
            *_journal(result),
            "",
            f"console: {result.console}",
            f"results: {result.console.removesuffix('.console.log')}.boot-*.json",
        ]
    )


def _row(result: BootResult, verdict: str) -> tuple[str, ...]:
    kubelet = next(iter(result.starts_of("kubelet")), None)
    return (
        f"{result.scenario}/{result.suite}/{result.client}",
        _span(result.start_error_s),
        _seconds(result.right_at_s),
        _seconds(result.flag_cleared_at_s),
        _seconds(kubelet.at_s if kubelet else None),
        _span(kubelet.error_s if kubelet else None),
        verdict,
    )


def _figures(result: BootResult) -> list[str]:
    packets = (f"{key} {count.asked}/{count.answered}" for key, count in result.ntp_packets.items())
    return [
        *(f"{s.label} at {s.at_s:.1f}: error {s.error_s:.3f}, flag clear {s.flag_clear}" for s in result.starts),
        f"route at {_seconds(result.route_at_s)}",
        f"first NTP packet at {_seconds(result.first_ntp_packet_at_s)}",
        f"answers began at {_seconds(result.answers_began_at_s)}",
        f"end at {_seconds(result.end_at_s)}: error {result.end_error_s}",
        f"NTP packets asked/answered: {', '.join(packets)}",
        f"failed units: {', '.join(result.failed_units) or 'none'}",
    ]


def _journal(result: BootResult) -> list[str]:
    """Pick the blocked units' lines from the journal."""
    lines = result.report.get("journal", "").splitlines()
    return [line for line in lines if any(unit in line for unit in BLOCKED_UNITS)][-JOURNAL_LINES:]


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f}"


def _span(value: float | None) -> str:
    """Write an error, in days where seconds would hide how large it is."""
    if value is None:
        return "-"
    return f"{value:+.3f} s" if abs(value) < 3600 else f"{value / 86400:+.1f} d"
