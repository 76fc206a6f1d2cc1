"""What sets up a node, sets its clock, and holds its services back until the clock is right."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from typing import Any

from timepolicy.agent.clock import boottime_epoch, hardware_clock_offset, is_synchronised
from timepolicy.agent.interface import APPLY_UNIT, CONTRACT, GATE_UNIT, SEAL_COMMAND, UNIT_FOLDER, VERIFY_INTERVAL
from timepolicy.agent.measurement import Measurement
from timepolicy.agent.shapes import States
from timepolicy.agent.system import log, read, run, systemctl, unit_states, write
from timepolicy.agent.verifier import PROOF, Verifier

USAGE = """usage: timepolicy-node COMMAND

verify  check this node, and print the report
status  print the last report
remove  uninstall timepolicy
seal    prepare this machine for an image of it
apply, early, gate and wait are for systemd

Exit status: 0 pass, 1 fail, 2 wrong usage, 3 no policy"""
COMMANDS = ("apply", "early", "gate", "wait", "verify", "status", "remove", "seal")
PUBLIC = 256  # seconds for which a source that is not the cluster's own is not asked again
FIRST_PAUSE = 10  # seconds, doubled each time, between two attempts to make the daemon synchronise


def wait_for_route() -> None:
    """Return when a packet can leave, or after 2 minutes, as systemd's own wait for a network does."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        routes = read("/proc/net/route") + read("/proc/net/ipv6_route")
        # not the heading, link-local and multicast routes, and routes of lo
        if re.sub("(?m)^(Iface|fe80|ff).*|.* lo$", "", routes).strip():
            return
        time.sleep(0.1)


class Agent(Verifier):
    """The commands of timepolicy-node are methods with the same names; what they return is the exit status."""

    # Setting the clock

    def early(self) -> int:
        """Set the clock once, before the daemon starts."""
        measured = self.measure(10)
        if measured.epoch is None:
            log("clock not set: " + measured.problem)
        elif not self.step(measured):
            log("clock is %+.3f s off" % -measured.offset)
        return int(measured.epoch is None)

    def may_step(self, measured: Measurement) -> bool:
        """Whether the policy allows a step of this size now. `boot` ends when the gate opens.

        `pause` is for machines that were suspended or migrated: that leaves a clock behind and never ahead.
        """
        when, offset = self.contract["step"]["when"], measured.offset
        if offset is None or abs(offset) <= self.contract["step"]["threshold"]:
            return False
        boot = not os.path.exists(PROOF)
        return when == "always" or (boot and when != "never") or (offset > 1 and when == "pause")

    def step(self, measured: Measurement) -> bool:
        """Step the clock if the policy allows it; True if it was stepped."""
        offset = measured.offset
        if not self.may_step(measured):
            return False
        time.clock_settime(time.CLOCK_REALTIME, time.monotonic() + measured.epoch)
        log("clock stepped by %+.3f s" % offset)
        return True

    # Setting up the node

    def apply(self) -> int:
        """Bring the node to the state that the policy describes. The gate is queued even if something fails."""
        daemon, units = self.daemon, self.contract["gate"]["units"]
        try:
            before, applied = boottime_epoch(), read(self.files.applied).split()
            is_new = self.contract["digest"] not in applied[-1:]
            if self.files.remove_old():
                run("systemctl", "daemon-reload")
            wanted_by = "%s/multi-user.target.wants/%s" % (UNIT_FOLDER, APPLY_UNIT)
            self.files.create(wanted_by, "../" + APPLY_UNIT, os.symlink)
            states = unit_states([daemon.unit] + daemon.others + units)
            is_installed = states[daemon.unit]["LoadState"] != "not-found"
            if is_installed:
                self.stop_other_daemons(states)
                self.prepare_daemon(states[daemon.unit], is_new)
            if is_new:
                os.sync()  # the list says that a policy was applied only once all of its files are on disk
                write(self.files.applied, "\n".join(applied + [self.contract["digest"], ""]))
            self.set_timezone()
            wait_for_route()
            self.early()
            if is_installed:
                systemctl("start", daemon.unit)
            for unit in units:
                if abs(boottime_epoch() - before) > self.max_offset and states[unit]["ActiveState"] == "active":
                    self.restart(unit)
        finally:
            systemctl("restart", GATE_UNIT)
        return 0

    def restart(self, unit: str) -> None:
        """Restart a gated unit that was running before the clock was right."""
        log("restarting %s: it started while the clock was wrong" % unit, [unit])
        systemctl("try-restart", unit)

    def stop_other_daemons(self, states: States) -> None:
        """Mask and stop every other time daemon; a unit that is only an alias of ours has another Id."""
        for unit in self.daemon.others:
            if states[unit]["LoadState"] == "loaded" and states[unit]["Id"] == unit:
                log("stopping %s: the time daemon of this node is %s" % (unit, self.daemon.unit))
                self.files.create("%s/%s" % (UNIT_FOLDER, unit), "/dev/null", os.symlink)
                systemctl("stop", unit)

    def prepare_daemon(self, state: dict[str, str], is_new: bool) -> None:
        """Do what needs no network; a daemon that runs with an earlier policy's settings is stopped."""
        if state["LoadState"] == "masked":
            os.unlink("%s/%s" % (UNIT_FOLDER, self.daemon.unit))
            run("systemctl", "daemon-reload")
        if state["UnitFileState"] != "enabled":
            run("systemctl", "--no-reload", "enable", self.daemon.unit)
        if is_new and state["ActiveState"] == "active":
            self.daemon.stop()

    def set_timezone(self) -> None:
        zone = self.contract["timezone"]
        if not os.path.exists("/usr/share/zoneinfo/" + zone):
            return log("timezone not set: no /usr/share/zoneinfo/%s, install %s" % (zone, self.contract["tzdata"]))
        if os.path.exists("/etc/timezone"):
            write("/etc/timezone", zone + "\n")
        return write("/etc/localtime", "../usr/share/zoneinfo/" + zone, os.symlink)

    def ignore_dhcp_servers(self) -> None:
        """Have systemd-networkd drop the NTP servers of DHCP, which it would give to systemd-timesyncd.

        A drop-in needs the name of the .network file, which only the state of the link shows.
        """
        links = "/run/systemd/netif/links/"
        if self.daemon.is_chrony or self.daemon.uses_dhcp:
            return
        for name in os.listdir(links) if os.path.isdir(links) else ():
            facts = dict(line.partition("=")[::2] for line in read(links + name).splitlines())
            if facts.get("NTP") and facts.get("NETWORK_FILE"):
                drop_in = "/etc/systemd/network/%s.d/timepolicy.conf" % os.path.basename(facts["NETWORK_FILE"])
                self.files.create(drop_in, "[DHCPv4]\nUseNTP=no\n[DHCPv6]\nUseNTP=no\n")
                run("networkctl", "reload")

    def install(self) -> None:
        """Install the daemon if the image has none, and apply the policy again."""
        unit = self.daemon.unit
        while unit_states([unit])[unit]["LoadState"] == "not-found":
            log("%s is not installed" % unit, self.contract["gate"]["units"])
            if subprocess.call(["sh", "-c", self.contract["install"]]):
                time.sleep(30)
            else:
                self.apply()

    def remove(self) -> int:
        """Uninstall: put back what was there before. The clock and the timezone stay as they are."""
        unit, files = self.daemon.unit, self.files
        run("systemctl", "stop", "timepolicy-*")
        digests = dict(files.digests(files.old), **files.digests())
        # a daemon that we have installed has no configuration of its own to go back to
        bare = [path for path in digests if path.endswith("/chrony.conf") and not files.has_saved(path)]
        metrics = self.contract.get("textfile_dir", "") + "/timepolicy.prom"
        files.restore(list(digests) + [files.path, files.old, metrics])
        run("systemctl", "daemon-reload")
        run("systemctl", *(["disable", "--now"] if bare else ["try-restart"]), unit)
        # the daemons that we have masked
        for path, digest in digests.items():
            masked = path[len(UNIT_FOLDER) + 1 :]
            if digest == "made" and "/" not in masked and run("systemctl", "is-enabled", masked):
                systemctl("start", masked)
        return 0

    def seal(self, *options: str) -> int:
        """Run the script, which also seals trees. Nodes that have their policy by user-data alone lack it."""
        return subprocess.call(("sh", SEAL_COMMAND, *options))

    # Holding services back

    def unproven(self, measured: Measurement) -> str | None:
        """Why the clock is not proven to be right, or None.

        Without answers, the proof of this boot holds as long as nobody steps the clock.
        """
        if measured.epoch is not None and abs(measured.offset) > self.max_offset:
            return "the clock is %+.3f s off" % -measured.offset
        if not is_synchronised():
            return measured.problem or "the time daemon has not synchronised the clock yet (STA_UNSYNC)"
        if measured.epoch is not None:
            return None
        proof = json.loads(read(PROOF) or "null")
        silent = all(answer.problem for answer in measured.answers)
        holds = proof and silent and abs(boottime_epoch() - proof["since_boot"]) < self.max_offset
        return None if holds else measured.problem

    def help_daemon(self, measured: Measurement, again: bool) -> None:
        """Step the clock if allowed, and make the daemon ask its sources now: by itself it may take minutes.

        Once a source has asked chronyd to poll less, it sends no burst for minutes (ntp_core.c): `again` restarts it.
        """
        stepped = self.step(measured)
        if again or not self.daemon.is_chrony:
            self.daemon.stop()
        else:
            run("chronyc", input="reset sources\n" * stepped + "refresh\nonline\nburst 3/6\n")
        systemctl("start", self.daemon.unit)

    def wait(self, unit: str | None = None) -> int:
        """Return when the clock is proven to be right: for one unit, which systemd is about to start, or for all."""
        gate, began, cache = self.contract["gate"], time.monotonic(), {}
        logged, log_at, ask_at, help_at, pause = None, began, began, began + FIRST_PAUSE, FIRST_PAUSE
        was_clear = False
        while True:
            clear, now = is_synchronised(), time.monotonic()
            # every 5 s, and as soon as the daemon has synchronised the clock
            if now < ask_at and (was_clear or not clear):
                time.sleep(0.1)
                continue
            was_clear, ask_at = clear, now + 5
            measured = self.measure(3, cache)
            reason = self.unproven(measured)
            if reason is None:
                if measured.epoch is not None and not unit:
                    write(PROOF, '{"since_boot": %f}\n' % boottime_epoch())
                return 0
            if "start" in gate and now > began + gate["timeout"]:
                log("STARTING WITH AN UNPROVEN CLOCK after %g s: %s" % (gate["timeout"], reason), gate["units"])
                return 0
            if reason != logged or now > log_at:
                logged, log_at = reason, now + 60
                running = self.daemon.running()
                reason += "; running time daemons: " + " ".join(running) if len(running) > 1 else ""
                log("waiting for the correct time: " + reason, [] if unit else gate["units"])
                self.publish("waiting", reason, [], measured)
            if measured.epoch is None:
                help_at, pause = now, FIRST_PAUSE
            elif now > help_at and not unit:
                self.help_daemon(measured, pause > FIRST_PAUSE)
                help_at, pause = now + pause, pause * 2

    def gate(self) -> None:
        """Open the gate when the clock is right, then stay: verify, report and keep the daemon running."""
        self.install()
        self.wait()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            # sd_notify(3); @ stands for the first byte of an abstract socket
            sock.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"].replace("@", "\0", 1))
        # the gate opens so early that D-Bus, by which networkd and timesyncd are asked, may not be there yet
        for _ in range(60):
            time.sleep(not os.path.exists("/run/dbus/system_bus_socket"))
        self.ignore_dhcp_servers()
        cache, logged, help_at, pause = {}, None, 0.0, FIRST_PAUSE
        while True:
            seen = hardware_clock_offset()
            measured = self.measure(3, cache, PUBLIC)
            failed = self.judge(measured)
            if failed != logged:
                log("failed: " + ", ".join(failed) if failed else "all checks pass")
                logged = failed
            if "daemon" in failed:
                systemctl("start", self.daemon.unit)
            if not {"offset", "kernel-flag"} & set(failed):
                help_at, pause = 0.0, FIRST_PAUSE
            elif measured.epoch is not None and time.monotonic() > help_at:
                self.help_daemon(measured, pause > FIRST_PAUSE)
                help_at, pause = time.monotonic() + pause, pause * 2
            end = time.monotonic() + (10 if failed else VERIFY_INTERVAL)
            while time.monotonic() < end:
                time.sleep(2)
                if abs(hardware_clock_offset() - seen) > 2:
                    cache.clear()
                    break


def main(words: list[str], kind: type[Agent]) -> Any:
    """Run a command as an agent of the class `kind`."""
    command, *arguments = words or [""]
    # a unit for `wait`, and options for `seal`
    if command not in COMMANDS or (len(arguments) > (command == "wait") and command != "seal"):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        contract = json.loads(read(CONTRACT))
    except ValueError as error:
        print("%s:" % CONTRACT, error, file=sys.stderr)
        return 3
    return getattr(kind(contract), command)(*arguments)
