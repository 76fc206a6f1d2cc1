"""The time daemon of this node, chronyd or systemd-timesyncd, as its unit and its own tools show it."""

import os
import re
from typing import Any

from timepolicy.agent.system import read, run, unit_states

SOCKET = "/run/chrony/chronyd.sock"  # of a chronyd that runs
NOT_SET = ("", "00000000", "7F7F0101")  # reference IDs of a chronyd that follows nothing, or its own clock
NAMES = (
    *("chrony", "chronyd", "systemd-timesyncd", "ntp", "ntpd", "ntpsec", "openntpd", "ntpd-rs"),
    *("timemaster", "phc2sys"),  # of linuxptp: they set the clock from a network card
)


def choose_daemon(daemons: list[dict[str, Any]]) -> Any:  # a Daemon, or None for an empty list
    """The Daemon that this node uses: the one that runs, is enabled or is installed, and otherwise the first."""
    states = unit_states([row["unit"] for row in daemons]) if len(daemons) > 1 else {}

    def rank(row: dict[str, Any]) -> tuple[bool, ...]:
        state = states.get(row["unit"], {})
        known = state.get("LoadState", "not-found")
        is_active, is_enabled = state.get("ActiveState") == "active", state.get("UnitFileState") == "enabled"
        # one that we have masked for another daemon is installed after all
        return is_active, is_enabled, known == "loaded", known != "not-found"

    return Daemon(max(daemons, key=rank)) if daemons else None


class Daemon:
    """`settings` are a row of the contract's `daemons`. `others` are the units of all other time daemons."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.name, self.unit, self.drift_file = settings["name"], settings["unit"], settings["drift_file"]
        self.install = settings["install"]
        self.names = ["-N"]
        self.uses_dhcp = "dhcp_sources" in settings
        self.is_chrony = self.name == "chrony"
        self.others = [name + ".service" for name in NAMES if self.name not in name]

    def started(self) -> float | None:
        """When the running chronyd made its socket; None for another daemon, or one that does not run."""
        return os.stat(SOCKET).st_ctime if self.is_chrony and os.path.exists(SOCKET) else None

    def tracking(self) -> list[str]:
        """The row of `chronyc tracking`; fields are empty if chronyd does not run."""
        row = run("chronyc", "-c", "tracking").strip().split(",") if os.path.exists(SOCKET) else []
        return row if len(row) > 13 else [""] * 14

    def running(self) -> list[str]:
        """The units of all time daemons that run."""
        states = unit_states([self.unit] + self.others)
        return sorted({row["Id"] for row in states.values() if row["ActiveState"] == "active"})

    def sources(self) -> tuple[list[str], list[str]]:
        """The hosts that the daemon uses, and those that it has selected."""
        if self.is_chrony:
            rows = [line.split(",") for line in run("chronyc", "-c", *self.names, "sources").splitlines()]
            if not rows and self.names and os.path.exists(SOCKET):
                self.names = []  # chronyc before 4.0 has no -N, and prints what it makes of addresses
                return [], self.sources()[1]
            # chronyc(1): mode # is a reference clock, state * the selected source
            return [row[2] for row in rows if row[0] != "#"], [row[2] for row in rows if row[1] == "*"]
        facts = dict(line.partition("=")[::2] for line in run("timedatectl", "show-timesync", "--all").splitlines())
        used = facts.get("SystemNTPServers", "").split() + facts.get("LinkNTPServers", "").split()
        return used, facts.get("ServerName", "").split()

    def why_silent(self) -> str:
        """Why timesyncd sends nothing: it waits for networkd if that runs, though another program manages the links."""
        state = "" if self.is_chrony else read("/run/systemd/netif/state")
        is_waiting = "OPER_STATE=" in state and not re.search("OPER_STATE=(routable|degraded)", state)
        return "systemd-networkd runs but manages no link, so that systemd-timesyncd asks nobody" * is_waiting

    def stop(self) -> None:
        """Stop it, and remove a drift file that is not to be believed.

        After a large step chronyd writes a drift file with a large skew, its second number in ppm, and the next chronyd
        then needs minutes to come to rest.
        """
        run("systemctl", "stop", self.unit)
        if float((read(self.drift_file).split() + [0, 0])[1]) > 1000:
            os.unlink(self.drift_file)
