"""Runs a scenario: makes its world, boots its guest, watches it, and measures."""

import logging
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.boot.lab.guest import Boot, Machine
from tests.boot.lab.image import Image, ensure_image
from tests.boot.lab.measure import Observation, measure
from tests.boot.lab.probe import RIGHT_WITHIN_S
from tests.boot.lab.result import REPORT_FILE, BlockedMoment, BootResult, CommandOutput
from tests.boot.lab.scenario import Scenario
from tests.boot.lab.world import World

REPOSITORY = Path(__file__).parents[3]
ASK_AGAIN_S = 2.0

log = logging.getLogger("bootlab")


def results_folder() -> Path:
    """Return the folder that results go to."""
    return Path(os.environ.get("TIMEPOLICY_LAB_RESULTS", REPOSITORY / "tests/boot/results"))


def render_user_data(scenario: Scenario) -> str:
    """Compile the scenario's policy for its guest with the real command line."""
    if scenario.policy is None:
        raise ValueError(f"{scenario.name} names no policy, so it needs user-data from elsewhere")
    command = [sys.executable, "-m", "timepolicy", "render", str(REPOSITORY / scenario.policy)]
    command += ["--distro", scenario.guest.distro]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=REPOSITORY)
    if done.returncode:
        raise RuntimeError(f"{shlex.join(command)} exited with {done.returncode}:\n{done.stderr}")
    return done.stdout


def run_scenario(scenario: Scenario, user_data: str, results: Path) -> list[BootResult]:
    """Boot as often as the scenario says; results, console log and user-data stay in `results`."""
    results.mkdir(parents=True, exist_ok=True)
    console = results / f"{scenario.name}.console.log"
    console.unlink(missing_ok=True)
    (results / f"{scenario.name}.user-data").write_text(user_data)
    log.info("%s: image %s-%s", scenario.name, scenario.guest.suite, scenario.guest.client)
    image = ensure_image(scenario.guest)
    with tempfile.TemporaryDirectory(prefix="tplab-") as folder_name:
        seen = [_in_a_new_world(scenario, image, Path(folder_name), console, user_data) for _ in range(scenario.boots)]
    for number, result in enumerate(seen, 1):
        result.write(results / f"{scenario.name}{f'.boot-{number}' if scenario.boots > 1 else ''}.json")
    return seen


def _in_a_new_world(scenario: Scenario, image: Image, folder: Path, console: Path, user_data: str) -> BootResult:
    """Boot the disk that lies in `folder`, made now if this is the first boot."""
    with World(scenario.world, folder) as world:
        machine = Machine(image, world.network, folder, console)
        if not machine.disk.exists():
            machine.prepare(user_data)
        return _boot(scenario, world, machine)


def interrupt_on_termination() -> None:
    """Treat SIGTERM as Ctrl-C, so that everything is torn down in either case."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _boot(scenario: Scenario, world: World, machine: Machine) -> BootResult:
    log.info("%s: power on, hardware clock %s", scenario.name, scenario.clock)
    with Boot(machine, scenario.clock_at_power_on()) as boot:
        try:
            watch = _Watch(scenario, world, boot)
            blocked = watch.while_blocked()
            met = watch.until_end()
            log.info("%s: asking for the report", scenario.name)
            afterwards = [watch.run(step.run) for step in scenario.afterwards] if boot.commands.ready else []
            report = boot.report() if boot.commands.ready else {}
            if scenario.boots > 1 and boot.commands.ready:
                boot.shut_down()
        except (RuntimeError, TimeoutError) as error:
            error.add_note(f"console: {machine.console}")
            raise
        seen = Observation(met, blocked, afterwards, report, boot.probe.samples, str(machine.console))
        return measure(scenario, world.ntp, seen)


@dataclass(frozen=True)
class _Watch:
    """Observes a running boot until its scenario has what it wants to see."""

    scenario: Scenario
    world: World
    boot: Boot

    def while_blocked(self) -> BlockedMoment | None:
        """Wait for the moment that the scenario names, then run its commands; None if it never comes."""
        wanted = self.scenario.while_blocked
        if wanted is None or not self._wait("first NTP packet", self._packet_came):
            return None
        due_s = (self.world.ntp.first_packet_at or 0.0) + wanted.after_s
        self._wait(f"{wanted.after_s:.0f} s of blocking", lambda: time.time() >= due_s)
        at_s = self.boot.probe.samples[-1].monotonic_s
        started = sorted(self._started())
        outputs = [self.run(command) for command in wanted.run]
        return BlockedMoment(at_s, started, outputs)

    def until_end(self) -> bool:
        """Wait for everything that ends the scenario; False when the deadline came first."""
        until = self.scenario.until
        return (
            self._wait(f"start of {', '.join(until.started)}", self._all_started)
            and (not until.clock_right or self._wait("a right clock", self._clock_right))
            and self._wait("the node's files", self._guest_agrees)
        )

    def _wait(self, for_what: str, condition: Callable[[], bool]) -> bool:
        log.info("%s: %5.1f s, waiting for %s", self.scenario.name, self._age_s(), for_what)
        return self.boot.wait_until(condition, self.scenario.until.deadline_s - self._age_s())

    def _age_s(self) -> float:
        return time.time() - self.boot.began_at

    def run(self, command: str) -> CommandOutput:
        """Run a command in the guest."""
        answer = self.boot.run(command)
        return CommandOutput(command, answer.status, answer.output)

    def _packet_came(self) -> bool:
        return self.world.ntp.first_packet_at is not None

    def _started(self) -> set[str]:
        return {sample.stand_in for sample in self.boot.probe.samples if sample.stand_in}

    def _all_started(self) -> bool:
        return set(self.scenario.until.started) <= self._started()

    def _clock_right(self) -> bool:
        latest = self.boot.probe.samples[-1]
        return latest.flag_clear and abs(latest.real_s - latest.host_s) < RIGHT_WITHIN_S

    def _guest_agrees(self) -> bool:
        """Ask the guest for the files and for the verdict; seldom, since asking takes its CPU."""
        time.sleep(ASK_AGAIN_S)
        wanted = [f"test -e {shlex.quote(path)}" for path in self.scenario.until.files]
        if verdict := self.scenario.expect.verdict:
            wanted.append(f"""grep -q '"verdict": *"{verdict}"' {REPORT_FILE}""")
        return self.boot.run(" && ".join(wanted)).status == 0
