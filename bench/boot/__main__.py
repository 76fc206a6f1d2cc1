"""The race: the same guest, wrong clock and servers, with what people do today and with timepolicy.

`python -m bench.boot` boots each contestant once, one after the other, and prints a table; some twelve minutes.
Seconds count from the first route, which is when the first packet could leave.
"""

import logging
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from tests.boot.lab.image import GuestKind
from tests.boot.lab.result import BootResult
from tests.boot.lab.run import interrupt_on_termination, results_folder, run_scenario
from tests.boot.lab.scenario import Expectation, Until, load_scenario

USER_DATA = Path(__file__).parent / "user-data"
SCENARIO = "clock-years-back"
LONGEST_S = 300.0
COLUMNS = ("contestant", "daemon", "clock right", "flag cleared", "kubelet starts", "its clock's error")


@dataclass(frozen=True)
class Contestant:
    """One way to give a node its time; without a file it is timepolicy, by the lab's own scenario."""

    name: str
    client: str
    file: str | None


CHRONY, TIMESYNCD = "chrony", "systemd-timesyncd"
CONTESTANTS = (
    Contestant("no user-data", TIMESYNCD, "nothing.yaml"),
    Contestant("cloud-init's ntp:", TIMESYNCD, "cloud-init-ntp-timesyncd.yaml"),
    Contestant("timepolicy", TIMESYNCD, None),
    Contestant("no user-data", CHRONY, "nothing.yaml"),
    Contestant("cloud-init's ntp:", CHRONY, "cloud-init-ntp-chrony.yaml"),
    Contestant("a guide's chrony.conf", CHRONY, "hand-written.yaml"),
    Contestant("timepolicy", CHRONY, None),
)


def main() -> None:
    """Run the race and print its table."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    interrupt_on_termination()
    rows = [COLUMNS, *(_row(contestant, _boot(contestant)) for contestant in CONTESTANTS)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _boot(contestant: Contestant) -> BootResult:
    """The scenario's world, watched until the clock is right and the flag clear, and not judged."""
    scenario = load_scenario(SCENARIO)
    (plan,) = scenario.boots
    plan = replace(
        plan, until=Until(deadline_s=LONGEST_S), afterwards=[], expect=Expectation(verdict=None, login=False)
    )
    file = contestant.file
    observed = replace(scenario, name=f"race-{file or 'timepolicy'}", boots=[plan])
    (run,) = (run for run in observed.runs() if run.guest == GuestKind("bookworm", contestant.client))
    return run_scenario(run, results_folder(), (USER_DATA / file).read_text() if file else None)[0]


def _row(contestant: Contestant, result: BootResult) -> tuple[str, ...]:
    kubelet = result.starts_of("kubelet")[0]
    moments = (result.right_at_s, result.flag_cleared_at_s, kubelet.at_s)
    after_route = (_seconds(moment, result.route_at_s) for moment in moments)
    error = f"{kubelet.error_s:+.3f} s" if abs(kubelet.error_s) < 60 else f"{kubelet.error_s / 86400:+.1f} d"
    return (contestant.name, result.client, *after_route, error)


def _seconds(moment: float | None, route: float | None) -> str:
    return "never" if moment is None or route is None else f"{moment - route:.1f} s"


if __name__ == "__main__":
    main()
