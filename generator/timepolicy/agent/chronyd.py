"""chronyd, as its socket and chronyc show it."""

import os
from typing import Any

from timepolicy.agent.daemon import Daemon
from timepolicy.agent.files import FileList
from timepolicy.agent.system import read, run, systemctl

SOCKET = "/run/chrony/chronyd.sock"  # of a chronyd that runs
NOT_SET = ("", "00000000", "7F7F0101")  # reference IDs of a chronyd that follows nothing, or its own clock
DHCP_SETTINGS = {
    "/etc/sysconfig/network": "PEERNTP=no",  # a file on EL8, a folder on SUSE
    "/etc/sysconfig/network/config": 'NETCONFIG_NTP_POLICY=""',
}


class Chronyd(Daemon):
    """`names` is the option with which chronyc prints sources as they are configured."""

    name = "chrony"

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.names = ["-N"]
        self.forbidden: float | None = None

    def tracking(self) -> list[str]:
        """The row of `chronyc tracking`; fields are empty if chronyd does not run."""
        row = run("chronyc", "-c", "tracking").strip().split(",") if os.path.exists(SOCKET) else []
        return row if len(row) > 13 else [""] * 14

    def rows(self) -> list[list[str]]:
        """Of `chronyc sources`: mode, state, name, stratum, poll, reach, seconds since the last answer, and more."""
        return [line.split(",") for line in run("chronyc", "-c", *self.names, "sources").splitlines()]

    def sources(self) -> tuple[list[str], list[str]]:
        rows = self.rows()
        if not rows and self.names and os.path.exists(SOCKET):
            self.names = []  # chronyc before 4.0 has no -N, and prints what it makes of addresses
            selected = self.sources()[1]
            self.names = ["-N"] * (not selected)  # or it has not read its configuration yet
            return [], selected
        # chronyc(1): mode # is a reference clock, state * the selected source. Addresses are not compared with names
        return [row[2] for row in rows if row[0] != "#"] * len(self.names), [row[2] for row in rows if row[1] == "*"]

    def stop(self) -> None:
        """Stop it, and remove a drift file that is not to be believed.

        After a large step chronyd writes a drift file with a large skew, its second number in ppm, and the next chronyd
        then needs minutes to come to rest.
        """
        super().stop()
        try:
            is_pipe = os.path.exists(self.drift_file) and not os.path.isfile(self.drift_file)
            is_wild = is_pipe or float((read(self.drift_file).split() + [0, 0])[1]) > 1000
        except ValueError:
            is_wild = True  # chronyd's user can write anything there
        if is_wild:
            os.unlink(self.drift_file)

    def ask_again(self, is_stepped: bool, may_stop: bool) -> None:
        """`is_stepped` says that the clock was just stepped, and `may_stop` that no gated unit runs yet.

        Once a source has asked chronyd to poll less, it sends no burst for minutes (ntp_core.c), until it restarts.

        After the gate has opened it goes on, for a chronyd that starts may step the clock again.
        """
        if may_stop:
            self.stop()
        else:
            run("chronyc", input="reset sources\n" * is_stepped + "refresh\nonline\nburst 3/6\n")
        systemctl("start", self.unit)

    def forbid_steps(self) -> bool:
        """The first updates after each start of chronyd could step a running clock, so that each one is told once."""
        try:
            started = os.stat(SOCKET).st_ctime
        except OSError:
            started = None
        # chronyc(1): with a limit of 0, chronyd never steps
        if started and started != self.forbidden and run("chronyc", "makestep", "1", "0"):
            self.forbidden = started
        return started is not None and started == self.forbidden

    def delete(self, hosts: list[str]) -> None:
        for host in hosts:
            run("chronyc", "delete", host)

    def prepare(self, files: FileList) -> None:
        """Have chrony's helper on EL8 and SUSE leave DHCP's servers alone: it adds them to a chronyd that runs."""
        for path, line in DHCP_SETTINGS.items():
            rows = read(path).splitlines()
            if os.path.isfile(path) and line not in rows and not self.uses_dhcp:
                kept = [row for row in rows if not row.startswith(line.split("=")[0] + "=")]
                files.create(path, "\n".join(kept + [line, ""]))
