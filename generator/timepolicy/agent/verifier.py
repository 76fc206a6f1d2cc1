"""Measuring, checking and reporting: what changes nothing on the node but its report."""

import json
import os
import time
from typing import Any

from timepolicy.agent.chronyd import NOT_SET, Chronyd
from timepolicy.agent.clock import boottime, is_synchronised, raw_epoch
from timepolicy.agent.daemon import Daemon, choose_daemon
from timepolicy.agent.files import FileList
from timepolicy.agent.gate_state import RUN, GateState
from timepolicy.agent.measurement import QUORUM_TIME, Measurement, evaluate
from timepolicy.agent.metrics import metrics
from timepolicy.agent.ntp import Answer, NtpClient
from timepolicy.agent.shapes import Cache, Check, Source
from timepolicy.agent.system import read, read_object, unit_states, write

REPORT = RUN + "report.json"
REMEDIES = (
    ("disagree", "one of them is wrong: compare them with `chronyc -n sources`"),
    ("resolve", "check the resolver, or name addresses"),
    ("unsynchronised", "these servers have no time themselves"),
    ("no answer", "open UDP 123 to the sources"),  # which may be "(Connection refused)"
    ("refused", "these servers refuse this node"),
)
KUBERNETES = (
    *("kubelet.service", "k3s.service", "k3s-agent.service", "rke2-server.service", "rke2-agent.service"),
    *("k0scontroller.service", "k0sworker.service", "snap.microk8s.daemon-kubelite.service"),
)


def check(name: str, passed: object, seen: str, expected: str, hint: str) -> Check:
    """A row of the report's `checks`; a check that passes needs no hint."""
    verdict = "pass" if passed else "fail"
    return {"id": name, "verdict": verdict, "seen": seen, "expected": expected, "hint": "" if passed else hint}


class Verifier:
    """`contract` is what the policy asks of this node (schemas/contract.schema.json).

    `kinds` are the daemons that the node may use.
    """

    kinds: tuple[type[Daemon], ...] = (Chronyd,)

    def __init__(self, contract: dict[str, Any]) -> None:
        self.contract = contract
        self.max_offset = contract["gate"]["max_offset"]
        self.daemon = choose_daemon(contract["daemons"], self.kinds)
        self.files = FileList()
        self.state = GateState()
        self.client = NtpClient()

    def sources(self) -> list[Source]:
        """The sources to ask."""
        return self.contract["sources"]

    def measure(
        self, seconds: float, cache: Cache | None = None, lifetime: float = 0, waited: float | None = None
    ) -> Measurement:
        """Ask all sources; NtpClient.ask describes `cache` and `lifetime`.

        A node that has `waited` some seconds for the time asks no longer than it has to.
        """
        sources, began = self.sources(), time.monotonic()
        if not sources and "clocks" in self.contract:
            return self.tracked([], "chronyd does not follow the hardware clock yet")

        def evaluated(answers: list[Answer], is_settled: bool) -> Measurement:
            return evaluate(sources, answers, self.contract["min_sources"], self.max_offset, is_settled)

        def is_enough(answers: list[Answer]) -> bool:
            # a majority of all sources, always: one that lies may be the first to answer
            return waited is not None and evaluated(answers, False).epoch is not None

        answers = self.client.ask(sources, seconds, {} if cache is None else cache, lifetime, is_enough)
        return evaluated(answers, waited is None or waited + time.monotonic() - began > QUORUM_TIME - 0.5)

    def tracked(self, answers: list[Answer], problem: str) -> Measurement:
        """The time as chronyd has it, if it follows a source; otherwise `problem` says why there is none.

        chronyc(1), tracking: the clock's offset, which chronyd is about to correct, and root delay and dispersion.
        """
        row = self.daemon.tracking()
        if row[0] in NOT_SET or row[13] == "Not synchronised":
            return Measurement(None, None, answers, problem, "")
        return Measurement(raw_epoch() + float(row[4]), float(row[10]) / 2 + float(row[11]), answers, None, "")

    def checks(self, measured: Measurement) -> list[Check]:
        """The rows of all checks, in the order of the report."""
        return [
            self.check_timezone(),
            self.check_gate(),
            *([self.check_daemon(), self.check_sources(measured)] if self.daemon else []),
            self.check_kernel_flag(),
            self.check_offset(measured),
            self.check_hardware_clock(),
            self.check_files(),
        ]

    def check_timezone(self) -> Check:
        """Many names of the tz database are links to others, so that the contents are compared."""
        zone, expected = os.path.realpath("/etc/localtime"), self.contract["timezone"]
        try:
            with open(zone, "rb") as own, open("/usr/share/zoneinfo/" + expected, "rb") as wanted:
                same = own.read() == wanted.read()
        except OSError:
            same = False
        return check(
            "timezone", same, zone, expected, "run `timepolicy-node apply`, install %s" % self.contract["tzdata"]
        )

    def check_gate(self) -> Check:
        """A node with none of the gated units gates nothing: their names are wrong, or they are not installed yet."""
        units = self.contract["gate"]["units"]
        states = unit_states([*units, *KUBERNETES])
        found = [unit for unit in states if states[unit]["LoadState"] == "loaded"]
        gated = [unit for unit in found if unit in units]
        hint = "this node has %s: add it to gate.units" % " ".join(found) if found else "write the names in gate.units"
        seen, expected = " ".join(gated) or "none of these units exists", " ".join(units) or "nothing gated"
        return check("gate", gated or not units, seen, expected, hint)

    def check_daemon(self) -> Check:
        running, unit = self.daemon.running(), self.daemon.unit
        return check("daemon", running == [unit], " ".join(running) or "none", unit, "stop all other time daemons")

    def foreign_sources(self, used: list[str]) -> list[str]:
        """Sources of the daemon that the policy does not have."""
        hosts = [source["host"] for source in self.contract["sources"]]
        return [] if self.daemon.uses_dhcp else sorted(set(used) - set(hosts))

    def check_sources(self, measured: Measurement) -> Check:
        """The daemon uses the policy's sources, as far as they answer, and no others, and has selected one."""
        used, selected = self.daemon.sources()
        foreign = self.foreign_sources(used)
        good = [answer for answer in measured.answers if used and not answer.problem]
        # of two names of one address, chronyd has one
        shared = {answer.address for answer in good if answer.source in used}
        unused = [answer for answer in good if answer.address not in shared]
        seen = "uses %s; follows %s" % (" ".join(used) or "none", " ".join(selected) or "none")
        hint = "restart the daemon" if unused else "the daemon has selected no source"
        hint = "not in the policy: " + " ".join(foreign) if foreign else hint
        expected = " ".join(source["host"] for source in self.contract["sources"])
        return check("sources", selected and not foreign and not unused, seen, expected, hint)

    def check_kernel_flag(self) -> Check:
        clear, why = is_synchronised(), self.daemon.why_silent() if self.daemon else ""
        return check("kernel-flag", clear, "clear" if clear else "set", "clear", why or "STA_UNSYNC is set")

    def check_offset(self, measured: Measurement) -> Check:
        right = measured.epoch is not None and abs(measured.offset) <= self.max_offset
        seen = measured.problem or "%+.6f s" % -measured.offset
        hints = [hint for part, hint in REMEDIES if part in seen]
        return check("offset", right, seen, "within %g s" % self.max_offset, (hints + ["the daemon corrects it"])[0])

    def check_hardware_clock(self) -> Check:
        local = "LOCAL" in read("/etc/adjtime")
        return check("rtc", not local, "local time" if local else "UTC", "UTC", "run `timedatectl set-local-rtc 0`")

    def check_files(self) -> Check:
        # a crash may have emptied the list, to which the agent adds what it makes
        is_whole = set(self.files.digests().values()) - {"made"}
        changed = self.files.changed() if is_whole else [self.files.path]
        seen = "changed: " + " ".join(changed) if changed else "unchanged"
        return check("files", not changed, seen, "unchanged", "change the policy instead")

    def judge(self, measured: Measurement) -> list[str]:
        """Check all and publish the report; the names of the checks that failed."""
        self.state.record(measured)
        rows = self.checks(measured)
        failed = [row["id"] for row in rows if row["verdict"] == "fail"]
        self.publish("fail" if failed else "pass", ", ".join(failed), rows, measured)
        return failed

    def publish(self, verdict: str, reason: str, checks: list[Check], measured: Measurement) -> None:
        """Write the report (schemas/report.schema.json), and the metrics where the policy wants them."""
        report = {key: self.contract[key] for key in ("policy", "release", "role", "digest")}
        report.update(version=1, verdict=verdict, reason=reason, time=time.time(), boottime=boottime(), sources=[])
        report["checks"] = checks
        for answer in sorted(measured.answers, key=str):
            row = {"source": answer.source, "address": answer.address or "", "problem": answer.problem}
            row["offset"] = None if answer.problem else round(raw_epoch() - answer.epoch, 6)
            report["sources"].append(row)
        if "textfile_dir" in self.contract:  # else the program has no metrics(): see packer.py
            name, running = (self.daemon.name, len(self.daemon.running())) if self.daemon else ("none", 0)
            write(self.contract["textfile_dir"] + "/timepolicy.prom", metrics(report, self.state.facts, name, running))
        write(REPORT, json.dumps(report, indent=1, sort_keys=True) + "\n")

    def verify(self) -> int:
        failed = self.judge(self.measure(3))
        return self.status() or int(bool(failed))  # the report may be an old one, if it could not be written

    def status(self, *options: str) -> int:
        """Print the last report: 0 if all checks passed, 1 if not or if it is too old, 2 without a report."""
        words = dict(zip(options, options[1:] + ("",)))
        report = read_object(REPORT)
        if not report:
            print("there is no report yet")
            return 2
        age = boottime() - report["boottime"]
        verdict = report["verdict"] if age <= float(words.get("--max-age", "180s").rstrip("s")) else "stale"
        line = "%s: policy {policy} on {release}, {role}, %d s ago {reason}" % (verdict, age)
        print(line.format(**report))
        if "--short" not in words:
            for row in report["checks"]:
                print("{verdict} {id}: {seen} (expected: {expected}) {hint}".format(**row))
            for row in report["sources"]:
                offset = row["problem"] or "clock is %+.6f s off" % row["offset"]
                print("source {source} {address}:".format(**row), offset)
        return int(verdict != "pass")
