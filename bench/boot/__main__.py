"""The race: the same guest, wrong clock and servers, with common practice and with timepolicy.

`python -m bench.boot` boots each contestant once, one after the other, in some twelve minutes on a machine that does
nothing else. It prints a table and writes RESULTS.md. Seconds count from the first route, which is when the first
packet could leave.
"""

import logging
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from tests.boot.lab.book import commit
from tests.boot.lab.image import GuestKind
from tests.boot.lab.result import BootResult
from tests.boot.lab.run import interrupt_on_termination, results_folder, run_scenario
from tests.boot.lab.scenario import Expectation, Until, load_scenario

USER_DATA = Path(__file__).parent / "user-data"
PAGE = Path(__file__).with_name("RESULTS.md")
SCENARIO = "clock-years-back"
LONGEST_S = 300.0
PHASES = ("contestant", "daemon", "until it asks", "until it is right", "until the flag is clear", "until kubelet")
INTRODUCTION = """\
# The race

Written by `python -m bench.boot` on {date}, for timepolicy {commit}. Each row is one boot of the same Debian 12 guest
under QEMU's emulation, with its hardware clock at 2020 and three truthful servers nearby. Seconds count from the first
route.

{moments}

## Where the time goes

Each column counts from the moment before it. A negative number means that it did not wait for that moment.

{phases}

The daemons need some of this time: chronyd clears the kernel's flag after its third sample, and the first burst of a
source with `minpoll 2` asks every second (ntp_core.c); systemd-timesyncd clears it after its first sample. Debian needs
the rest: its chrony.service is ordered after basic.target, which waits for cloud-init's network stage.
"""
COLUMNS = ("contestant", "daemon", "clock right", "flag cleared", "kubelet starts", "its clock's error")


@dataclass(frozen=True)
class Contestant:
    """One way to configure the time of a node; without a file it is timepolicy, with the lab's own scenario."""

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
    results = [(contestant, _boot(contestant)) for contestant in CONTESTANTS]
    moments = [COLUMNS, *(_row(*pair) for pair in results)]
    phases = [PHASES, *(_phases(*pair) for pair in results)]
    today, tables = datetime.now(UTC).date().isoformat(), {"moments": _table(moments), "phases": _table(phases)}
    PAGE.write_text(INTRODUCTION.format(date=today, commit=commit(), **tables))
    print(_table(moments))


def _table(rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [rows[0], ("---",) * len(rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


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


def _phases(contestant: Contestant, result: BootResult) -> tuple[str, ...]:
    kubelet = result.starts_of("kubelet")[0].at_s
    moments = (result.route_at_s, result.first_ntp_packet_at_s, result.right_at_s, result.flag_cleared_at_s, kubelet)
    return (contestant.name, result.client, *(_seconds(after, before) for before, after in pairwise(moments)))


def _seconds(moment: float | None, route: float | None) -> str:
    return "never" if moment is None or route is None else f"{moment - route:.1f} s"


if __name__ == "__main__":
    main()
