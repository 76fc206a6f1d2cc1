"""What sets the clock of a node: the agent steps it where the policy allows that, and the daemon does the rest."""

import time
from typing import Any

from timepolicy.agent.clock import Witness, raw_time
from timepolicy.agent.gate_state import first_run
from timepolicy.agent.measurement import QUORUM_TIME, Measurement
from timepolicy.agent.system import log, run
from timepolicy.agent.verifier import Verifier

FIRST_PAUSE = 10  # seconds, doubled each time, between two attempts to make the daemon synchronise


class ClockSetter(Verifier):
    """Steps need a reason besides the network once services run."""

    def __init__(self, contract: dict[str, Any]) -> None:
        super().__init__(contract)
        self.witness = Witness()
        self.cannot_set_clock = False
        self.help_at, self.pause = 0.0, FIRST_PAUSE

    def early(self) -> int:
        """Set the clock once, before the daemon starts."""
        first_run()
        measured = self.measure(QUORUM_TIME, {}, 0, 0)
        if measured.epoch is None:
            log("clock not set: " + measured.problem)
        elif not self.step(measured):
            log("clock is %+.3f s off" % -measured.offset)
        return int(measured.epoch is None)

    def may_step(self, measured: Measurement) -> bool:
        """Whether the policy allows a step of this size now.

        While the gate is closed, `when` decides. After that a witness must show that the clock was set or the machine
        paused: that leaves a clock behind and never ahead, and no source can make it up.
        """
        when, offset = self.contract["step"]["when"], measured.offset
        if offset is None or abs(offset) <= self.contract["step"]["threshold"] or not self.daemon:
            return False
        if not self.state.opened:
            return when != "never"
        return when in ("pause", "always") and self.witness.confirms(offset)

    def step(self, measured: Measurement) -> bool:
        """Step the clock if the policy allows it; True if it was stepped."""
        offset = measured.offset
        if self.cannot_set_clock or not self.may_step(measured):
            return False
        try:
            time.clock_settime(time.CLOCK_REALTIME, raw_time() + measured.epoch)
        except OSError as error:
            self.cannot_set_clock = True
            log("this node may not set its clock (%s), so that nothing is stepped" % error.strerror)
            return False
        self.stepped(offset, measured.note)
        return True

    def stepped(self, offset: float, note: str = "") -> None:
        log("clock stepped by %+.3f s%s" % (offset, "; " + note if note else ""))
        self.state.update(stepped=round(self.state.facts.get("stepped", 0) + offset, 6))

    def help_daemon(self, measured: Measurement, again: bool) -> None:
        """Step the clock if allowed, and make the daemon ask its sources now: by itself it may take minutes."""
        stepped = self.step(measured)
        if self.daemon:
            self.daemon.ask_again(stepped, again and not self.state.opened)

    def help_if_due(self, measured: Measurement) -> None:
        """Help the daemon after a pause, which grows each time."""
        if time.monotonic() > self.help_at:
            self.help_daemon(measured, self.pause > FIRST_PAUSE)
            self.help_at, self.pause = time.monotonic() + self.pause, self.pause * 2

    def forbid_steps(self, seconds: float = 0) -> None:
        """Tell the daemon that it may only slew; one that is about to start has some seconds for it.

        Where the gate opened on an unproven clock, which may be years off, it may still step.
        """
        if not self.daemon or self.contract["step"]["when"] == "always" or self.state.opened in (None, "timeout"):
            return
        end = time.monotonic() + seconds
        while not self.daemon.forbid_steps() and time.monotonic() < end:
            time.sleep(0.1)

    def start_daemon(self) -> None:
        """Start a daemon that has stopped while the gate is open."""
        run("systemctl", "start", self.daemon.unit)
        self.forbid_steps(10)
