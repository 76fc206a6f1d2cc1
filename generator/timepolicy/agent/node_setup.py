"""What sets up a node: the daemon, its rivals, the timezone; and what removes timepolicy from it."""

import os
import re
import subprocess
import time
from typing import Any

from timepolicy.agent.clock import boottime, boottime_epoch
from timepolicy.agent.clock_setting import ClockSetter
from timepolicy.agent.daemon import choose_daemon
from timepolicy.agent.gate_state import BEGAN, STATE, first_run
from timepolicy.agent.interface import APPLY_UNIT, GATE_UNIT, SEAL_COMMAND, UNIT_FOLDER
from timepolicy.agent.shapes import States
from timepolicy.agent.system import log, read, run, systemctl, unit_states, write

FIRST_INSTALL_PAUSE = 30  # seconds, doubled each time, between two attempts to install the daemon


def wait_for_route(seconds: float) -> None:
    """Return when a packet can leave, or after some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        routes = read("/proc/net/route") + read("/proc/net/ipv6_route")
        # not the heading, link-local and multicast routes, and routes of lo
        if re.sub("(?m)^(Iface|fe80|ff).*|.* lo$", "", routes).strip():
            return
        time.sleep(0.1)


class NodeSetup(ClockSetter):
    """`requires_authentication`: no unauthenticated packet may move the clock, so that rivals are stopped first."""

    requires_authentication = False

    def __init__(self, contract: dict[str, Any]) -> None:
        super().__init__(contract)
        self.installer: Any = None
        self.install_at, self.install_pause = 0.0, FIRST_INSTALL_PAUSE

    def time_left(self) -> float:
        """Seconds until the gated units start on an unproven clock: infinite if they never do."""
        gate = self.contract["gate"]
        return first_run() + gate["timeout"] - boottime() if "start" in gate else float("inf")

    def apply(self) -> int:
        """Bring the node to the state that the policy describes. The gate is queued even if something fails."""
        daemon = self.daemon
        try:
            before, applied = boottime_epoch(), read(self.files.applied).split()
            is_new = self.contract["digest"] not in applied[-1:]
            # first, so that the next boot goes on where a power cut ends this one
            wanted_by = "%s/multi-user.target.wants/%s" % (UNIT_FOLDER, APPLY_UNIT)
            self.files.create(wanted_by, "../" + APPLY_UNIT, os.symlink)
            if self.files.remove_old():
                run("systemctl", "daemon-reload")
            is_changed = self.files.put_back()
            self.files.keep()
            is_installed = bool(daemon) and self.set_up_daemon(is_new or is_changed)
            if is_new:
                os.sync()  # the list says that a policy was applied only once all of its files are on disk
                write(self.files.applied, "\n".join(applied + [self.contract["digest"], ""]))
            self.set_timezone()
            wait_for_route(min(120, self.time_left()))  # 120 s, as systemd's own wait for a network
            self.early()
            if is_installed:
                systemctl("start", daemon.unit)
            if abs(boottime_epoch() - before) > self.max_offset:
                self.restart_early_starters()
        finally:
            systemctl("restart", GATE_UNIT)
        return 0

    def restart_early_starters(self) -> None:
        """Restart the gated units that were running before the clock was right."""
        units = self.contract["gate"]["units"]
        for unit, state in unit_states(units).items() if units else ():
            if state["ActiveState"] == "active":
                log("restarting %s: it started while the clock was wrong" % unit, [unit])
                systemctl("try-restart", unit)

    def set_up_daemon(self, is_new: object) -> bool:
        """Stop the rivals of the daemon and prepare it; False if it is not installed yet.

        Where authentication is required, rivals are stopped even then: they would believe unauthenticated answers.
        """
        states = unit_states([self.daemon.unit] + self.daemon.others)
        is_installed = states[self.daemon.unit]["LoadState"] != "not-found"
        if is_installed or self.requires_authentication:
            self.stop_other_daemons(states)
        if is_installed:
            self.daemon.prepare(self.files)
            self.prepare_daemon(states[self.daemon.unit], is_new)
        return is_installed

    def stop_other_daemons(self, states: States) -> None:
        """Mask and stop every other time daemon; a unit that is only an alias of ours has another Id."""
        for unit in self.daemon.others:
            if states[unit]["LoadState"] == "loaded" and states[unit]["Id"] == unit:
                log("stopping %s: the time daemon of this node is %s" % (unit, self.daemon.unit))
                self.files.create("%s/%s" % (UNIT_FOLDER, unit), "/dev/null", os.symlink)
                systemctl("stop", unit)

    def prepare_daemon(self, state: dict[str, str], is_new: object) -> None:
        """Do what needs no network; a daemon that runs with an earlier policy's settings is stopped."""
        mask = "%s/%s" % (UNIT_FOLDER, self.daemon.unit)
        if state["LoadState"] == "masked" and os.path.islink(mask):
            os.unlink(mask)
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

    def install(self) -> str | None:
        """Install the daemon if the image has none, beside everything else; why it is not there yet, or None.

        Once it is there, the policy is applied again, which restarts the gate.
        """
        found = choose_daemon(self.contract["daemons"], self.kinds)
        if found.unit != self.daemon.unit:
            self.daemon = found  # somebody else has installed this one
        unit, now = self.daemon.unit, time.monotonic()
        if self.installer and self.installer.poll() is None:
            return unit + " is being installed"  # its unit is there before the package is configured
        if unit_states([unit])[unit]["LoadState"] != "not-found":
            if self.installer:
                self.installer = None
                self.apply()
            return None
        if self.installer:
            status, self.installer = self.installer.poll(), None
            said = "failed (status %d)" % status if status else "succeeded, but brought no " + unit
            log("the installation %s; next attempt in %d s" % (said, self.install_pause))
            self.install_at, self.install_pause = now + self.install_pause, min(self.install_pause * 2, 600)
        if not self.installer and now >= self.install_at:
            log("%s is not installed: installing it" % unit)
            self.installer = subprocess.Popen(["sh", "-c", self.daemon.install])
        return unit + " is not installed"

    def remove(self) -> int:
        """Uninstall: put back what was there before. The clock and the timezone stay as they are."""
        files = self.files
        run("systemctl", "stop", "timepolicy-*")
        digests = dict(files.digests(files.old), **files.digests())
        # a daemon that we have installed has no configuration of its own to go back to
        uses_chrony = self.daemon and self.daemon.name == "chrony"
        bare = [path for path in digests if uses_chrony and path.endswith("/chrony.conf") and not files.has_saved(path)]
        metrics = self.contract.get("textfile_dir", "") + "/timepolicy.prom"
        files.restore(list(digests) + [files.path, files.old, metrics, STATE, BEGAN])
        # user-data that still has the policy does not install it at the next boot; its script, run again, does
        write(files.applied, read(files.applied) + "removed\n")
        run("systemctl", "daemon-reload")
        if self.daemon:
            run("systemctl", *(["disable", "--now"] if bare else ["try-restart"]), self.daemon.unit)
        # the daemons that we have masked
        for path, digest in digests.items():
            masked = path[len(UNIT_FOLDER) + 1 :]
            if digest == "made" and "/" not in masked and run("systemctl", "is-enabled", masked):
                systemctl("start", masked)
        return 0

    def seal(self, *options: str) -> int:
        """Run the script, which also seals trees. Nodes that have their policy by user-data alone lack it."""
        return subprocess.call(("sh", SEAL_COMMAND, *options))
