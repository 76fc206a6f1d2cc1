"""timepolicy-node where the policy requires authentication."""
# Python 3.6. When it is packed, this stands behind the agent in one program (tests/pack_agent.py).
#
# No unauthenticated packet may move the clock, and the agent's own are not authenticated. So it sends none: chronyd
# sets the clock, from the first step on, and what the agent measures, proves and reports is chronyd's word about
# sources whose packets chronyd has checked.

import os
import sys
import time

BEFORE = "/run/timepolicy/before"  # the clock minus CLOCK_BOOTTIME when apply left the clock to chronyd
HELP_AFTER = 20  # seconds; a failed NTS key exchange is tried again after up to 17 minutes (nts_ntp_client.c)
NOT_SET = ("", "00000000", "7F7F0101")  # reference IDs of a chronyd that follows nobody, or its own clock


class Authentic:
    """Each method that the agent has too stands in its place."""

    def __init__(self, agent):
        self.agent, self.unit, self.help_at, self.pause = agent, None, 0.0, 0
        names = ("step", "early", "measure", "unproven", "wait", "checks")
        self.plain = {name: getattr(agent, name) for name in names}
        for name in names:
            setattr(agent, name, getattr(self, name))

    def chronyc(self, report, names="-N"):
        """Rows of a report of chronyd, with the sources as the policy names them, or with `-n` their addresses."""
        running = os.path.exists("/run/chrony/chronyd.sock")
        text = self.agent.run("chronyc", "-c", names, report) if running else ""
        return [line.split(",") for line in text.splitlines()]

    def clocks(self, names):
        return [row for row in self.chronyc("sources", names) if len(row) > 8 and row[0] != "#"]

    def sources(self):
        """Of each source with an address the rows of `sources` and `authdata`, and the address, in one order."""
        rows = zip(self.clocks("-N"), self.chronyc("authdata"), self.clocks("-n"))
        return [(row, key, bare[2]) for row, key, bare in rows if row[2] == key[0]]

    def measure(self, contract, *_options):
        """The time as chronyd has it from sources whose packets are authenticated; nothing is sent."""
        tracking = (self.chronyc("tracking") or [[""] * 14])[0]
        # chronyc(1): what has to be added to the clock, in whatever way chronyd is about to.
        theta = self.agent.since_start() + float(tracking[4] or 0)
        hosts = [source["host"] for source in contract["sources"]]
        sources = [source for source in self.sources() if source[0][2] in hosts]
        answers = [
            self.agent.Answer(row[2], address, theta - float(row[7]), float(row[9]), untrusted(row, key))
            for row, key, address in sources
        ]
        known = {answer.source for answer in answers}
        answers += [
            self.agent.Answer(host, None, 0, 0, "chronyd has not asked it") for host in hosts if host not in known
        ]
        followed = any(row[1] in "*+" and not untrusted(row, key) for row, key, _ in sources)
        if followed and tracking[0] not in NOT_SET and tracking[13] != "Not synchronised":
            return self.agent.Measurement(theta, answers, None)
        problems = sorted({"%s: %s" % (answer.source, answer.problem) for answer in answers if answer.problem})
        return self.agent.Measurement(
            None, answers, "; ".join(problems) or "chronyd follows no source yet" * bool(hosts)
        )

    def early(self, _contract):
        """Leave the clock alone; what ran before chronyd steps it is restarted then."""
        self.agent.write(BEFORE, repr(self.agent.since_boot()))
        self.agent.say("the clock is left to chronyd: only authenticated packets may move it")
        return 1

    def step(self, contract, result):
        """Have chronyd step by what it measured, when the policy lets the agent step (as in the agent's own)."""
        when, offset = contract["step"]["when"], result.offset
        if offset is None or abs(offset) <= contract["step"]["threshold"]:
            return False
        boot = not os.path.exists(self.agent.RUN + "proof.json")
        if not (when == "always" or (boot and when != "never") or (offset > 1 and when == "pause")):
            return False
        if not self.agent.run("chronyc", "makestep"):
            return False
        self.agent.say("chronyd stepped the clock by %+.3f s" % offset)
        return True

    def unproven(self, contract, result):
        """Besides, make a chronyd that has no answer ask again: by itself it may take a quarter of an hour."""
        now = time.monotonic()
        if result.theta is None and not self.unit and now > self.help_at:
            if self.pause:
                self.agent.help_daemon(contract, result, self.pause > HELP_AFTER)
            self.pause = self.pause * 2 or HELP_AFTER
            self.help_at = now + self.pause
        return self.plain["unproven"](contract, result)

    def wait(self, contract, unit=None):
        self.unit = unit
        status = self.plain["wait"](contract, unit)
        if not unit and os.path.exists(BEFORE):
            moved = self.agent.since_boot() - float(self.agent.read(BEFORE))
            os.unlink(BEFORE)
            if abs(moved) > contract["gate"]["max_offset"]:
                self.restart_early_starters(contract["gate"]["units"])
        return status

    def restart_early_starters(self, units):
        """A gated unit that runs before the gate opened was started by the image before there was a gate."""
        for unit, state in self.agent.unit_states(units).items() if units else ():
            if state["ActiveState"] == "active":
                self.agent.say("restarting %s: it started on a wrong clock" % unit, [unit])
                self.agent.systemctl("try-restart", unit)

    def checks(self, contract, result):
        rows = self.plain["checks"](contract, result)
        sources = self.sources()
        bare = [row[2] for row, key, _ in sources if key[1] not in ("NTS", "SK")]
        seen = ["%s %s" % (row[2], untrusted(row, key) or key[1]) for row, key, _ in sources]
        right = sources and not bare
        hint = "asked without authentication: " + " ".join(bare) if bare else "chronyd has no source"
        values = self.agent.VERDICTS[bool(right)], "; ".join(seen) or "none", "NTS or SK for each source"
        names = ("id", "verdict", "seen", "expected", "hint")
        return rows + [dict(zip(names, ("authentication",) + values + (hint * (not right),)))]


def untrusted(row, key):
    """Why a source of `chronyc sources` and `authdata` has no say, or None.

    Whatever is not authenticated as it should be, chronyd drops before it counts as reached (ntp_core.c).
    """
    mode, number, length, attempts, refused, cookies = (
        key[1],
        key[2],
        int(key[4]),
        int(key[6]),
        int(key[7]),
        int(key[8]),
    )
    if mode not in ("NTS", "SK"):
        return "is asked without authentication"
    if mode == "SK" and not length:
        return "key %s is not in chronyd's key file" % number
    if row[5] != "0":
        return {"x": "disagrees with the others", "~": "too variable"}.get(row[1])
    if mode == "NTS" and not cookies:
        return "no NTS key exchange yet (attempts: %d)" % attempts
    return "no authenticated answer" + " (refused its cookie)" * bool(refused)


if __name__ == "__main__":
    sys.exit(Authentic(sys.modules[__name__]).agent.main(sys.argv[1:]))
