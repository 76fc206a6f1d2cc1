"""Measuring, checking and reporting: what changes nothing on the node but its report."""

import json
import os
import time
from typing import Any

from timepolicy.agent.clock import is_synchronised, raw_epoch
from timepolicy.agent.daemon import NOT_SET, choose_daemon
from timepolicy.agent.files import FileList
from timepolicy.agent.gate_state import RUN, GateState
from timepolicy.agent.measurement import QUORUM_TIME, Measurement, evaluate
from timepolicy.agent.ntp import Answer, NtpClient
from timepolicy.agent.shapes import Cache, Check, Source
from timepolicy.agent.system import read, write

REPORT = RUN + "report.json"


def check(name: str, passed: object, seen: str, expected: str, hint: str) -> Check:
    """A row of the report's `checks`; a check that passes needs no hint."""
    verdict = "pass" if passed else "fail"
    return {"id": name, "verdict": verdict, "seen": seen, "expected": expected, "hint": "" if passed else hint}


def metrics(report: dict[str, Any]) -> str:
    """The report in Prometheus's text format."""
    lines = ["timepolicy_pass %d" % (report["verdict"] == "pass")]
    lines += [
        'timepolicy_check_pass{check="%s"} %d' % (row["id"], row["verdict"] == "pass") for row in report["checks"]
    ]
    form = 'timepolicy_source_offset_seconds{{source="{source}",address="{address}"}} {offset}'
    lines += [form.format(**row) for row in report["sources"] if not row["problem"]]
    return "\n".join(lines) + "\n"


class Verifier:
    """`contract` is what the policy asks of this node (schemas/contract.schema.json)."""

    def __init__(self, contract: dict[str, Any]) -> None:
        self.contract = contract
        self.max_offset = contract["gate"]["max_offset"]
        self.daemon = choose_daemon(contract["daemons"])
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

        def evaluated(answers: list[Answer]) -> Measurement:
            is_settled = waited is None or waited + time.monotonic() - began > QUORUM_TIME - 0.5
            return evaluate(sources, answers, self.contract["min_sources"], self.max_offset, is_settled)

        def is_enough(answers: list[Answer]) -> bool:
            return waited is not None and evaluated(answers).epoch is not None

        return evaluated(self.client.ask(sources, seconds, {} if cache is None else cache, lifetime, is_enough))

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
            *([self.check_daemon(), self.check_sources()] if self.daemon else []),
            self.check_kernel_flag(),
            self.check_offset(measured),
            self.check_hardware_clock(),
            self.check_files(),
        ]

    def check_timezone(self) -> Check:
        zone = os.path.realpath("/etc/localtime") if os.path.islink("/etc/localtime") else "not a link"
        expected = self.contract["timezone"]
        return check("timezone", zone.endswith("/" + expected), zone, expected, "run `timepolicy-node apply`")

    def check_daemon(self) -> Check:
        running, unit = self.daemon.running(), self.daemon.unit
        return check("daemon", running == [unit], " ".join(running) or "none", unit, "stop all other time daemons")

    def check_sources(self) -> Check:
        """The daemon uses the policy's sources and no others, and has selected one."""
        hosts = [source["host"] for source in self.contract["sources"]]
        used, selected = self.daemon.sources()
        foreign = [] if self.daemon.uses_dhcp else sorted(set(used) - set(hosts))
        seen = "uses %s; follows %s" % (" ".join(used) or "none", " ".join(selected) or "none")
        hint = "not in the policy: " + " ".join(foreign) if foreign else "the daemon has selected no source"
        return check("sources", selected and not foreign, seen, " ".join(hosts), hint)

    def check_kernel_flag(self) -> Check:
        clear = is_synchronised()
        return check("kernel-flag", clear, "clear" if clear else "set", "clear", "STA_UNSYNC is set")

    def check_offset(self, measured: Measurement) -> Check:
        right = measured.epoch is not None and abs(measured.offset) <= self.max_offset
        seen = measured.problem or "%+.6f s" % -measured.offset
        return check("offset", right, seen, "within %g s" % self.max_offset, "check that UDP 123 is open")

    def check_hardware_clock(self) -> Check:
        local = "LOCAL" in read("/etc/adjtime")
        return check("rtc", not local, "local time" if local else "UTC", "UTC", "run `timedatectl set-local-rtc 0`")

    def check_files(self) -> Check:
        changed = self.files.changed()
        seen = "changed: " + " ".join(changed) if changed else "unchanged"
        return check("files", not changed, seen, "unchanged", "change the policy instead")

    def judge(self, measured: Measurement) -> list[str]:
        """Check all and publish the report; the names of the checks that failed."""
        rows = self.checks(measured)
        failed = [row["id"] for row in rows if row["verdict"] == "fail"]
        self.publish("fail" if failed else "pass", ", ".join(failed), rows, measured)
        return failed

    def publish(self, verdict: str, reason: str, checks: list[Check], measured: Measurement) -> None:
        """Write the report (schemas/report.schema.json), and the metrics where the policy wants them."""
        report = {key: self.contract[key] for key in ("policy", "release", "role", "digest")}
        report.update(version=1, verdict=verdict, reason=reason, time=time.time(), checks=checks, sources=[])
        for answer in sorted(measured.answers, key=str):
            row = {"source": answer.source, "address": answer.address, "problem": answer.problem}
            row["offset"] = None if answer.problem else round(raw_epoch() - answer.epoch, 6)
            report["sources"].append(row)
        write(REPORT, json.dumps(report, indent=1, sort_keys=True) + "\n")
        if "textfile_dir" in self.contract:
            write(self.contract["textfile_dir"] + "/timepolicy.prom", metrics(report))

    def verify(self) -> int:
        self.judge(self.measure(3))
        return self.status()

    def status(self) -> int:
        """Print the last report; 1 if it is not `pass`."""
        report = json.loads(read(REPORT) or "null")
        if not report:
            print("there is no report yet")
            return 1
        print("{verdict}: policy {policy} on {release}, {role} {reason}".format(**report))
        for row in report["checks"]:
            print("{verdict} {id}: {seen} (expected: {expected}) {hint}".format(**row))
        for row in report["sources"]:
            print("source {source} {address}:".format(**row), row["problem"] or "clock is %+.6f s off" % row["offset"])
        return int(report["verdict"] != "pass")
