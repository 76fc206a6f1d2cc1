"""What holds the services of a node back until its clock is right, and then keeps watch."""

import json
import os
import re
import socket
import sys
import time
from typing import Any

from timepolicy.agent.clock import is_synchronised, raw_time
from timepolicy.agent.clock_setting import FIRST_PAUSE
from timepolicy.agent.holdover import bound, record, record_drift
from timepolicy.agent.interface import CONTRACT, VERIFY_INTERVAL
from timepolicy.agent.measurement import QUORUM_TIME, Measurement
from timepolicy.agent.node_setup import NodeSetup
from timepolicy.agent.shapes import Cache
from timepolicy.agent.system import log, read

USAGE = """usage: timepolicy-node COMMAND

verify  check this node, and print the report
status  print the last report  [--short] [--max-age SECONDS]
remove  uninstall timepolicy
seal    prepare this machine for an image of it
apply, early, gate and wait are for systemd

Exit status: 0 pass, 1 fail, 2 wrong usage, 3 no policy"""
ARGUMENTS = {"wait": r"(\S+ )?", "status": r"(--short |--max-age \d+s? )*", "seal": "(?s).*"}
COMMANDS = ("apply", "early", "gate", "wait", "verify", "status", "remove", "seal")
PUBLIC = 256  # seconds for which a source that is not the cluster's own is not asked again
PUBLIC_WAITING = 64  # the same while the gate waits, after its first minute
PUT_BACK_PAUSE = 600  # seconds between two repairs of files, and of the firewall
OLD_PROOF = 180  # seconds after which a gated unit that starts is told how old the proof of the clock is
GRACE = 20  # seconds that a gated unit waits longer than the timeout for a gate that does not run


class Agent(NodeSetup):
    """The commands of timepolicy-node are methods with the same names; what they return is the exit status."""

    def __init__(self, contract: dict[str, Any]) -> None:
        super().__init__(contract)
        self.logged, self.log_at = "", 0.0
        self.jump_seen_at, self.put_back_at = -60.0, 0.0
        self.cache: Cache = {}

    def unproven(self, measured: Measurement) -> str | None:
        """Why the clock is not proven to be right, or None."""
        if measured.epoch is not None and abs(measured.offset) > self.max_offset:
            return "the clock is %+.3f s off" % -measured.offset
        if self.contract["gate"].get("proof") == "sources":
            if measured.epoch is not None and self.daemon and self.daemon.running() != [self.daemon.unit]:
                return "%s does not run" % self.daemon.unit
        elif not is_synchronised():
            why = self.daemon.why_silent() if self.daemon else ""
            return measured.problem or why or "the time daemon has not synchronised the clock yet (STA_UNSYNC)"
        return measured.problem

    def wait(self, unit: str | None = None) -> int:
        """Return when `unit`, which systemd is about to start, may start: the gate has measured, and nobody is asked.

        Without a unit, return when the clock is proven, or the gate is open.
        """
        if unit is None:
            if not self.state.opened:
                self.wait_for_proof()
            return 0
        units = [unit]
        while read(CONTRACT):  # remove() takes it away
            reason = self.state.closed_because(self.max_offset)
            if reason is None:
                age = self.state.age()
                if age is not None and age > OLD_PROOF:
                    log("no source has answered for %d s: starting with the proof of then" % age, units)
                return 0
            # the gate opens at the timeout, unless it does not run
            if self.time_left() < (0 if self.state.opened else -GRACE):
                log("STARTING WITH AN UNPROVEN CLOCK: " + reason, units)
                return 0
            self.log_reason("waiting for the correct time: " + reason, units)
            time.sleep(0.5)
        return 0

    def log_reason(self, reason: str, units: list[str]) -> None:
        """Log a reason when it changes, and once a minute."""
        now = time.monotonic()
        if reason != self.logged or now > self.log_at:
            self.logged, self.log_at = reason, now + 60
            log(reason, units)

    def wait_for_proof(self) -> None:
        """Return when the clock is proven to be right, or the policy's timeout or holdover opens the gate."""
        began, ask_at, was_clear, has_drift = time.monotonic(), 0.0, False, False
        self.help_at = began + FIRST_PAUSE
        while True:
            clear, now = is_synchronised(), time.monotonic()
            # every 5 s, and as soon as the daemon has synchronised the clock
            if now < ask_at and (was_clear or not clear):
                time.sleep(0.1)
                continue
            was_clear, ask_at = clear, now + 5
            missing = self.install() if self.daemon else None
            measured = self.measure(3, self.cache, PUBLIC_WAITING if now > began + 60 else 0, now - began)
            if measured.epoch is not None and not has_drift and "holdover" in self.contract["gate"]:
                record_drift(raw_time() + measured.epoch)
                has_drift = True
            reason = missing or self.unproven(measured)
            self.state.record(measured)
            if self.opens(reason, measured, now - began):
                return
            running = self.daemon.running() if self.daemon else []
            others = "; running time daemons: " + " ".join(running) if len(running) > 1 else ""
            text = "%s%s" % (reason, others)
            self.state.update(reason=text)
            self.log_reason("waiting for the correct time: " + text, self.contract["gate"]["units"])
            self.publish("waiting", text, [], measured)
            if measured.epoch is None:
                self.help_at, self.pause = now, FIRST_PAUSE
            elif not missing:
                self.help_if_due(measured)

    def opens(self, reason: str | None, measured: Measurement, waited: float) -> bool:
        """Whether the gate opens now, and then why."""
        gate = self.contract["gate"]
        if reason is None:
            self.state.open("proof" if measured.epoch is not None else "orphan")
            log("the clock is proven" + ("; " + measured.note if measured.note else ""))
            return True
        is_silent = all(answer.problem for answer in measured.answers)
        if "holdover" in gate and is_silent and waited > QUORUM_TIME:
            largest = bound(time.time())
            if largest is not None and largest <= gate["holdover"]:
                self.state.open("holdover", holdover=round(largest, 3))
                log("no source answers; by its hardware clock, this clock is within %.3f s" % largest, gate["units"])
                return True
        if self.time_left() < 0:
            log("STARTING WITH AN UNPROVEN CLOCK after %g s: %s" % (gate["timeout"], reason), gate["units"])
            self.state.open("timeout")
            self.publish("waiting", reason, [], measured)
            return True
        return False

    def gate(self) -> None:
        """Open the gate when the clock is right, then stay: verify, report and keep the daemon running."""
        # a gate that is restarted stays open: a daemon that may step would be let loose on running units
        if not self.state.opened:
            self.wait_for_proof()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            # sd_notify(3); @ stands for the first byte of an abstract socket
            sock.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"].replace("@", "\0", 1))
        self.forbid_steps(10)
        # the gate opens so early that D-Bus, by which networkd and timesyncd are asked, may not be there yet
        for _ in range(60):
            time.sleep(not os.path.exists("/run/dbus/system_bus_socket"))
        if self.daemon:
            self.daemon.settle(self.files)
        self.logged, self.help_at, self.pause = "", 0.0, FIRST_PAUSE
        while True:
            self.forbid_steps()
            failed = self.verify_again()
            self.idle(10 if failed else VERIFY_INTERVAL)

    def verify_again(self) -> list[str]:
        """One round of an open gate: measure, report, and repair what can be repaired. The checks that failed."""
        measured = self.measure(3, self.cache, PUBLIC)
        failed = self.judge(measured)
        text = "failed: " + ", ".join(failed) if failed else "all checks pass"
        if text != self.logged:
            log(text)
            self.logged = text
        if measured.epoch is not None and abs(measured.offset) <= self.max_offset:
            self.witness.remember()
            if self.state.opened != "proof" and self.unproven(measured) is None:
                self.state.open("proof")
            if "holdover" in self.contract["gate"] and is_synchronised():
                record(raw_time() + measured.epoch)
        self.repair(failed)
        if not {"offset", "kernel-flag"} & set(failed):
            self.help_at, self.pause = 0.0, FIRST_PAUSE
        elif measured.epoch is not None:
            self.help_if_due(measured)
        return failed

    def repair(self, failed: list[str]) -> None:
        """Put right what somebody else has changed."""
        if not self.daemon:
            return
        foreign = self.foreign_sources(self.daemon.sources()[0]) if "sources" in failed else []
        if foreign:
            log("deleting sources that are not in the policy: " + " ".join(foreign))
            self.daemon.delete(foreign)
        # not at once: what rewrites a file again and again must not restart the daemon each time
        if "files" in failed and time.monotonic() > self.put_back_at and self.files.put_back():
            self.put_back_at = time.monotonic() + PUT_BACK_PAUSE
            self.daemon.stop()
            failed = failed + ["daemon"]
        if self.install() is None and "daemon" in failed:
            self.start_daemon()

    def idle(self, seconds: float) -> None:
        """Wait for the next round, which comes at once when the clock was set or the machine was paused.

        A jump that stays, because no source answers or the daemon slews, is looked at once a minute.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(2)
            self.forbid_steps()
            if self.witness.saw_jump() and time.monotonic() > self.jump_seen_at + 60:
                self.jump_seen_at = time.monotonic()
                self.cache.clear()
                return


def main(words: list[str], kind: type[Agent]) -> Any:
    """Run a command as an agent of the class `kind`."""
    command, *arguments = words or [""]
    if command not in COMMANDS or not re.fullmatch(ARGUMENTS.get(command, ""), " ".join([*arguments, ""])):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        contract = json.loads(read(CONTRACT))
    except ValueError as error:
        print("%s:" % CONTRACT, error, file=sys.stderr)
        return 3
    return getattr(kind(contract), command)(*arguments)
