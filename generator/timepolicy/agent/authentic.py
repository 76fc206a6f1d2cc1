"""What the agent does differently where the policy requires authentication.

No unauthenticated packet may move the clock, and the agent's own are not authenticated. So it sends none: chronyd sets
the clock, from the first step on, and what the agent measures and reports is what chronyd says about sources whose
packets it has checked.
"""

import os
import time
from typing import Any

from timepolicy.agent.agent import Agent
from timepolicy.agent.chronyd import SOCKET
from timepolicy.agent.clock import boottime_epoch, raw_epoch
from timepolicy.agent.gate_state import RUN
from timepolicy.agent.measurement import Measurement
from timepolicy.agent.ntp import Answer
from timepolicy.agent.shapes import Check
from timepolicy.agent.system import log, read, run, write
from timepolicy.agent.verifier import check

BEFORE = RUN + "before"  # the clock minus CLOCK_BOOTTIME when apply left the clock to chronyd
HELP_AFTER = 20  # seconds; chronyd retries a failed NTS key exchange after up to 17 minutes (nts_ntp_client.c)


def untrusted(row: list[str], key: list[str]) -> str | None:
    """Why a source of `chronyc sources` and `chronyc authdata` has no vote, or None.

    chronyd drops a packet that is not authenticated as configured before it counts as reached (ntp_core.c).
    """
    mode, number, length, attempts, refused, cookies = key[1], key[2], *(int(key[column]) for column in (4, 6, 7, 8))
    if mode not in ("NTS", "SK"):
        return "polled without authentication"
    if mode == "SK" and not length:
        return "key %s is not in chronyd's key file" % number
    if row[5] != "0":  # the register of the last eight polls
        return {"x": "disagrees with the others", "~": "too variable"}.get(row[1])
    if mode == "NTS" and not cookies:
        return "no NTS key exchange yet (attempts: %d)" % attempts
    return "no authenticated answer" + " (refused its cookie)" * bool(refused)


class Authentic(Agent):
    """Takes from chronyd what Agent measures itself."""

    requires_authentication = True

    def __init__(self, contract: dict[str, Any]) -> None:
        super().__init__(contract)
        self.ask_again_at, self.ask_again_pause = 0.0, 0

    def chronyc(self, report: str, names: str = "-N") -> list[list[str]]:
        """The rows of a report of chronyd, with the sources' names as in the policy, or with `-n` their addresses."""
        text = run("chronyc", "-c", names, report) if os.path.exists(SOCKET) else ""
        return [line.split(",") for line in text.splitlines()]

    def server_rows(self, names: str) -> list[list[str]]:
        """The rows of `chronyc sources` that are not reference clocks."""
        return [row for row in self.chronyc("sources", names) if len(row) > 8 and row[0] != "#"]

    def authenticated(self) -> list[tuple[list[str], list[str], str]]:
        """Of each source with an address: its rows of `sources` and `authdata`, and the address. All have one order."""
        rows = zip(self.server_rows("-N"), self.chronyc("authdata"), self.server_rows("-n"))
        return [(row, key, bare[2]) for row, key, bare in rows if row[2] == key[0]]

    def measure(self, *_options: Any) -> Measurement:
        """The time as chronyd has it from sources whose packets are authenticated; nothing is sent."""
        hosts = [source["host"] for source in self.sources()]
        rows = [row for row in self.authenticated() if row[0][2] in hosts]
        epoch = raw_epoch() + float(self.daemon.tracking()[4] or 0)
        answers = [
            Answer(row[2], address, epoch - float(row[7]), float(row[9]), untrusted(row, key))
            for row, key, address in rows
        ]
        known = {answer.source for answer in answers}
        answers += [Answer(host, None, 0, 0, "not polled by chronyd") for host in hosts if host not in known]
        problems = sorted({"%s: %s" % (answer.source, answer.problem) for answer in answers if answer.problem})
        problem = "; ".join(problems) or "chronyd has selected no source yet" * bool(hosts)
        if any(row[1] in "*+" and not untrusted(row, key) for row, key, _ in rows):
            return self.tracked(answers, problem)
        return Measurement(None, None, answers, problem, "")

    def early(self) -> int:
        """Leave the clock alone; what ran before chronyd steps it is restarted then."""
        write(BEFORE, repr(boottime_epoch()))
        log("chronyd will set the clock: only authenticated packets may move it")
        return 1

    def step(self, measured: Measurement) -> bool:
        """Have chronyd step the clock by what it measured, if the policy allows it."""
        offset = measured.offset
        if not self.may_step(measured) or not run("chronyc", "makestep"):
            return False
        self.stepped(offset)
        return True

    def unproven(self, measured: Measurement) -> str | None:
        """Also make a chronyd without answers ask again: by itself it may take a quarter of an hour."""
        now = time.monotonic()
        if measured.epoch is None and not self.state.opened and now > self.ask_again_at:
            if self.ask_again_pause:
                self.help_daemon(measured, self.ask_again_pause > HELP_AFTER)
            self.ask_again_pause = self.ask_again_pause * 2 or HELP_AFTER
            self.ask_again_at = now + self.ask_again_pause
        return super().unproven(measured)

    def wait_for_proof(self) -> None:
        super().wait_for_proof()
        if os.path.exists(BEFORE):
            moved = boottime_epoch() - float(read(BEFORE))
            os.unlink(BEFORE)
            if abs(moved) > self.max_offset:
                self.restart_early_starters()

    def checks(self, measured: Measurement) -> list[Check]:
        rows = self.authenticated()
        bare = [row[2] for row, key, _ in rows if key[1] not in ("NTS", "SK")]
        seen = "; ".join("%s %s" % (row[2], untrusted(row, key) or key[1]) for row, key, _ in rows)
        hint = "polled without authentication: " + " ".join(bare) if bare else "chronyd has no source"
        expected = "NTS or SK for each source"
        return super().checks(measured) + [check("authentication", rows and not bare, seen or "none", expected, hint)]
