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
from tests.boot.lab.run import interrupt_on_termination, render_user_data, results_folder, run_scenario
from tests.boot.lab.scenario import Expectation, Scenario, Until, load_scenario

USER_DATA = Path(__file__).parent / "user-data"
LONGEST_S = 300.0
COLUMNS = ("contestant", "daemon", "clock right", "flag cleared", "kubelet starts", "its clock's error")


@dataclass(frozen=True)
class Contestant:
    """One way to give a node its time; without a file it is timepolicy, by the lab's own scenario."""

    name: str
    scenario: str
    file: str | None


CHRONY, TIMESYNCD = "chrony-clock-2020", "timesyncd-clock-2020"
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
    scenario = _observed(load_scenario(contestant.scenario))
    file = contestant.file
    user_data = render_user_data(scenario) if file is None else (USER_DATA / file).read_text()
    (result,) = run_scenario(replace(scenario, name=f"race-{file or 'timepolicy'}"), user_data, results_folder())
    return result


def _observed(scenario: Scenario) -> Scenario:
    """The same world, watched until the clock is right and the flag clear, and not judged."""
    until = Until(deadline_s=LONGEST_S)
    guest = GuestKind(scenario.guest.suite, scenario.guest.client)
    return replace(scenario, guest=guest, until=until, afterwards=[], expect=Expectation())


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
