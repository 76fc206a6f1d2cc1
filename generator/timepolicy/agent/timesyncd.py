"""systemd-timesyncd, as timedatectl and systemd-networkd show it."""

import os
import re

from timepolicy.agent.daemon import Daemon
from timepolicy.agent.files import FileList
from timepolicy.agent.system import read, run

NETIF = "/run/systemd/netif/"  # of systemd-networkd, if that runs


class Timesyncd(Daemon):
    """It can be told nothing while it runs."""

    name = "systemd-timesyncd"

    def sources(self) -> tuple[list[str], list[str]]:
        facts = dict(line.partition("=")[::2] for line in run("timedatectl", "show-timesync", "--all").splitlines())
        used = facts.get("SystemNTPServers", "").split() + facts.get("LinkNTPServers", "").split()
        return used, facts.get("ServerName", "").split()

    def why_silent(self) -> str:
        """It waits for networkd if that runs, though another program manages the links."""
        state = read(NETIF + "state")
        is_waiting = "OPER_STATE=" in state and not re.search("OPER_STATE=(routable|degraded)", state)
        return "systemd-networkd runs but manages no link, so that systemd-timesyncd asks nobody" * is_waiting

    def settle(self, files: FileList) -> None:
        """Have systemd-networkd drop the NTP servers of DHCP, which it would give to systemd-timesyncd.

        A drop-in needs the name of the .network file, which only the state of the link shows.
        """
        links = NETIF + "links/"
        if self.uses_dhcp or not os.path.isdir(links):
            return
        for name in os.listdir(links):
            facts = dict(line.partition("=")[::2] for line in read(links + name).splitlines())
            if facts.get("NTP") and facts.get("NETWORK_FILE"):
                drop_in = "/etc/systemd/network/%s.d/timepolicy.conf" % os.path.basename(facts["NETWORK_FILE"])
                files.create(drop_in, "[DHCPv4]\nUseNTP=no\n[DHCPv6]\nUseNTP=no\n")
                run("networkctl", "reload")
