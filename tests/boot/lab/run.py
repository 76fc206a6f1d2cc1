"""Runs a scenario with one guest: makes its world, boots the guest, watches it, and measures."""

import base64
import logging
import os
import shlex
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tests.boot.lab.golden import image_of, left_on
from tests.boot.lab.guest import Boot, Machine
from tests.boot.lab.image import Image, ensure_image
from tests.boot.lab.measure import Observation, measure
from tests.boot.lab.network import Network
from tests.boot.lab.prepared_image import prepared_image
from tests.boot.lab.probe import RIGHT_WITHIN_S
from tests.boot.lab.result import REPORT_FILE, BlockedMoment, BootResult, StepOutcome
from tests.boot.lab.scenario import BootPlan, Run, Step
from tests.boot.lab.serial_port import Answer
from tests.boot.lab.user_data import REPOSITORY, render_user_data, script_of
from tests.boot.lab.world import World
from tests.boot.lab.world_plan import course

ASK_AGAIN_S = 2.0
# One process that looks every 20 ms for a minute: a shell would start one for each look, and slow the boot many times.
LOOK_FOR = (
    "python3 -ISc 'import os, sys, time; "
    "sys.exit(not any(os.path.exists(sys.argv[1]) or time.sleep(0.02) for _ in range(3000)))'"
)

log = logging.getLogger("bootlab")


def results_folder() -> Path:
    """Return the folder that results go to."""
    return Path(os.environ.get("TIMEPOLICY_LAB_RESULTS", REPOSITORY / "tests/boot/results"))


def interrupt_on_termination() -> None:
    """Treat SIGTERM as Ctrl-C, so that everything is torn down in either case."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def run_scenario(run: Run, results: Path, user_data: str | None = None) -> list[BootResult]:
    """Run the boots of the scenario; results, console log and user-data stay in `results`.

    With `user_data` the guest gets that, and not what the scenario's policy compiles to.
    """
    results.mkdir(parents=True, exist_ok=True)
    stem = results / run.name.replace("/", ".")
    console = Path(f"{stem}.console.log")
    console.unlink(missing_ok=True)
    log.info("%s: image, seed and world", run.name)
    with tempfile.TemporaryDirectory(prefix="tplab-") as folder:
        seen = [
            _in_a_new_world(run, number, Path(folder), console, user_data) for number in range(len(run.scenario.boots))
        ]
    for number, result in enumerate(seen, 1):
        result.write(Path(f"{stem}.boot-{number}.json"))
    return seen


def _in_a_new_world(run: Run, number: int, folder: Path, console: Path, user_data: str | None) -> BootResult:
    """Boot the machine whose disk lies in `folder`, created now if this is its first boot."""
    plan = run.scenario.boots[number]
    seed_file = console.with_suffix(".user-data")
    seed = user_data or render_user_data(plan.policy, run.guest, plan.cloud_config, form=plan.form)
    home = folder / f"machine-{_machine(run, number)}"
    with World(run.scenario.world, folder) as world:
        if not home.exists():
            home.mkdir()
            image = _image(run, plan.clone_of, folder, world.network)
            machine = Machine(image, world.network, home, console)
            machine.prepare(seed, instance=f"boot-{number}" if number else "first")
        else:
            machine = Machine(ensure_image(run.guest), world.network, home, console)
            if seed != seed_file.read_text():
                machine.seed_with(seed, instance=f"boot-{number}")
        seed_file.write_text(seed)
        seen = _boot(run, plan, world, machine)
    return replace(seen, left_on_disk=left_on(machine.disk)) if plan.expect.sealed else seen


def _machine(run: Run, number: int) -> int:
    """Number the machine of a boot by the first boot that it had."""
    began = [at for at, plan in enumerate(run.scenario.boots[: number + 1]) if plan.clone_of is not None]
    return began[-1] if began else 0


def _image(run: Run, original: int | None, folder: Path, network: Network) -> Image:
    """Return the image of a new machine: the guest's, a prepared one, or another machine's disk."""
    base = ensure_image(run.guest)
    if original:
        disk = folder / f"machine-{_machine(run, original - 1)}" / "disk.qcow2"
        image = folder / f"image-of-{original}"
        return Image(image) if image.exists() else image_of(base, disk, image)
    return prepared_image(run.scenario.image, run.guest, network, folder) if run.scenario.image else base


def _boot(run: Run, plan: BootPlan, world: World, machine: Machine) -> BootResult:
    log.info("%s: power on, hardware clock %s", run.name, plan.clock)
    with Boot(machine, plan.clock_at_power_on()) as boot:
        watch = Watch(run, plan, world, boot)
        try:
            seen = watch.until_the_cut() if plan.cut_power else watch.to_the_end()
        except (RuntimeError, TimeoutError) as error:
            error.add_note(f"console: {machine.console}")
            raise
        return measure(run, plan, world.ntp, replace(seen, console=str(machine.console)))


@dataclass(frozen=True)
class Watch:
    """Observes a running boot until its scenario has what it wants to see."""

    run: Run
    plan: BootPlan
    world: World
    boot: Boot

    def until_the_cut(self) -> Observation:
        """Let the guest run to the moment that the scenario names, and cut its power."""
        met = self._wait("the moment of the power cut", self._power_fails)
        self.boot.cut_power()
        return Observation(met, None, [], {}, self.boot.probe.samples)

    def to_the_end(self) -> Observation:
        """Watch, do the scenario's steps, ask for the node's state, and power off if there is another boot."""
        blocked = self.while_blocked()
        met = self.until_end()
        settled_at = time.time()
        log.info("%s: %5.1f s, the steps afterwards", self.run.name, self._age_s())
        outcomes = [self.do(step) for step in self.plan.afterwards] if self.boot.commands.ready else []
        login = self.boot.can_log_in() if self.plan.expect.login else None
        report = self.boot.report() if self.boot.commands.ready else {}
        if self.plan is not self.run.scenario.boots[-1] and self.boot.commands.ready:
            self.boot.shut_down()
        return Observation(met, blocked, outcomes, report, self.boot.probe.samples, settled_at, login)

    def while_blocked(self) -> BlockedMoment | None:
        """Wait for the moment that the scenario names, then run its commands; None if it never comes."""
        blocked = self.plan.while_blocked
        if blocked is None or not self._wait("first NTP packet", self._packet_came):
            return None
        due_s = (self.world.ntp.first_packet_at or 0.0) + blocked.after_s
        self._wait(f"{blocked.after_s:.0f} s of blocking", lambda: time.time() >= due_s)
        at_s = self.boot.probe.samples[-1].monotonic_s
        started = sorted(self._started())
        outputs = [self.do(Step(run=command)) for command in blocked.run]
        login = self.boot.can_log_in() if self.plan.expect.login else None
        return BlockedMoment(at_s, started, outputs, self.boot.console_text(), login)

    def until_end(self) -> bool:
        """Wait for everything that ends the scenario; False when the deadline came first."""
        until = self.plan.until
        return (
            self._wait(f"start of {', '.join(until.started)}", self._all_started)
            and (not until.clock_right or self._wait("a right clock", self._clock_right))
            and self._wait("the node's report", self._guest_agrees)
        )

    def do(self, step: Step) -> StepOutcome:
        """Change the world, pause the machine, run the command until its answer is as it must be, look at the clock."""
        for address, behaviour in step.servers.items():
            self.world.ntp.set_course(address, course(behaviour))
        if step.pause_s:
            self.boot.pause(step.pause_s)
        script = script_of(step, self.run.guest)
        command = step.run if script is None else _running(script)
        answer = self.boot.run(command)
        deadline = time.monotonic() + step.within_s
        while not _fits(step, answer) and time.monotonic() < deadline:
            time.sleep(ASK_AGAIN_S)
            answer = self.boot.run(command)
        return StepOutcome(step.run, answer.status, answer.output, self._clock_right_again(step))

    def _wait(self, for_what: str, condition: Callable[[], bool]) -> bool:
        log.info("%s: %5.1f s, waiting for %s", self.run.name, self._age_s(), for_what)
        return self.boot.wait_until(condition, self.plan.until.deadline_s - self._age_s())

    def _age_s(self) -> float:
        return time.time() - self.boot.began_at

    def _packet_came(self) -> bool:
        return self.world.ntp.first_packet_at is not None

    def _power_fails(self) -> bool:
        """The guest itself waits for a file: a check from outside would be too late."""
        cut = self.plan.cut_power
        if cut is None or cut.file is None:
            began = self.world.ntp.first_packet_at
            return cut is not None and began is not None and time.time() >= began + (cut.after_packet_s or 0.0)
        return self.boot.commands.ready and self.boot.run(f"{LOOK_FOR} {shlex.quote(cut.file)}").status == 0

    def _started(self) -> set[str]:
        return {sample.stand_in for sample in self.boot.probe.samples if sample.stand_in}

    def _all_started(self) -> bool:
        return set(self.plan.until.started) <= self._started()

    def _clock_right_again(self, step: Step) -> bool:
        """The probe's latest line may still be of before the step, so one is awaited that came after it."""
        began, limit_s = time.time(), step.clock_right_within_s
        if limit_s is None:
            return True
        samples = self.boot.probe.samples
        return self.boot.wait_until(lambda: samples[-1].host_s > began and self._clock_right(), limit_s)

    def _clock_right(self) -> bool:
        latest = self.boot.probe.samples[-1]
        return latest.flag_clear and abs(latest.real_s - latest.host_s) < RIGHT_WITHIN_S

    def _guest_agrees(self) -> bool:
        """Ask the guest for the files and for the verdict; seldom, because that uses its CPU."""
        time.sleep(ASK_AGAIN_S)
        conditions = [f"test -e {shlex.quote(path)}" for path in self.plan.until.files]
        if verdict := self.plan.expect.verdict:
            # by its indentation: each check has a verdict too
            conditions.append(f"""grep -q '^ "verdict": "{verdict}"' {REPORT_FILE}""")
        return not conditions or self.boot.run(" && ".join(conditions)).status == 0


def _fits(step: Step, answer: Answer) -> bool:
    words_fit = all(w in answer.output for w in step.has) and not any(w in answer.output for w in step.lacks)
    return words_fit and step.status in (None, answer.status)


def _running(script: str) -> str:
    encoded = base64.b64encode(script.encode()).decode()
    return f"echo {encoded} | base64 -d >/root/install.sh && sh /root/install.sh"
