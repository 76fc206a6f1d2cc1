"""What the agent does besides on a node that serves time.

One user-data serves a whole group of servers, so that a server finds out here which of them it is. It writes the
others, and orphan mode once its time is good, into a file that chrony.conf includes, and checks that it serves.
"""

import ipaddress
import os
import socket
import time
from typing import Any

from timepolicy.agent.agent import PUT_BACK_PAUSE, Agent
from timepolicy.agent.chronyd import SOCKET
from timepolicy.agent.clock import boottime
from timepolicy.agent.gate_state import first_run
from timepolicy.agent.interface import FIREWALL_COMMAND
from timepolicy.agent.measurement import Measurement
from timepolicy.agent.ntp import NtpClient
from timepolicy.agent.shapes import AddressInfo, Check, Source
from timepolicy.agent.system import log, read, run, start_thread, systemctl
from timepolicy.agent.verifier import check

LOCAL = "7F7F0101"  # the reference ID of a chronyd that follows its own clock, 127.127.1.1
SILENT = 1800  # seconds
NO_STRATUM = 16  # of a server that is not synchronised (RFC 5905, section 7.3)


def listeners(port: int, protocol: str = "udp", state: str = "07") -> list[str]:
    """The local addresses, in the kernel's hexadecimal, on which a port is open.

    The state of an unconnected UDP socket in /proc/net/udp is 07, as of a closed one of TCP.
    """
    rows = []
    for path in ("/proc/net/" + protocol, "/proc/net/%s6" % protocol):
        try:
            with open(path) as file:
                rows += [line.split()[1].split(":") for line in file.readlines()[1:] if line.split()[3] == state]
        except OSError:
            continue
    return [address for address, number in rows if int(number, 16) == port]


class Server(Agent):
    """`serving` is the contract's, with the file that chrony.conf includes."""

    def __init__(self, contract: dict[str, Any]) -> None:
        super().__init__(contract)
        self.serving = contract["serving"]
        self.has_orphan_mode = "orphan_stratum" in self.serving
        self.servers = [row["host"] for row in contract["sources"] if row.get("own")]  # this node among them
        self.started_at, self.open_again_at = time.monotonic(), 0.0
        self.resolved: dict[str, list[tuple[Source, list[AddressInfo]]]] = {}

    # Which server this is, and what it serves

    def own_addresses(self, host: str) -> list[AddressInfo]:
        """Those of the host's addresses that this node has: a packet to one's own address leaves from that address.

        A resolver that does not answer within 2 s counts as saying what it said before.
        """
        own: list[AddressInfo] = []
        found, problems, end = self.resolved.setdefault(host, []), {}, time.monotonic() + 2
        del found[:-1]
        known = len(found)
        start_thread(self.client.resolve, {"host": host}, end, found, problems)
        while len(found) == known and not problems and time.monotonic() < end:
            time.sleep(0.02)
        for info in found[-1][1] if found else ():
            try:
                with socket.socket(*info[:3]) as sock:
                    sock.connect(info[4])
                    own += [info] if sock.getsockname()[0] == info[4][0] else []
            except OSError:
                continue
        return own

    def tracking(self) -> tuple[str, int, str]:
        """The reference ID, the stratum and the leap status of chronyd."""
        row = self.daemon.tracking()
        return row[0], int(row[2] or NO_STRATUM), row[13] or "not running"

    def leads(self) -> bool:
        """Whether every upstream is lost, and the other servers follow this one."""
        return self.has_orphan_mode and self.tracking()[0] == LOCAL

    def is_orphan(self) -> bool:
        """Whether the chronyd of this boot may go on without an upstream."""
        return "\nlocal " in "\n" + read(self.serving["file"])

    def is_cut_off(self) -> bool:
        """Whether no upstream has answered for half an hour and, from then on, none can be selected again.

        chronyd before 4.7 believes silent upstreams for hours, in which the servers follow each other in a ring. With a
        `distance` of 0 one of them leads at once, and takes no other time, so that an upstream must be there again.
        """
        rows = [row for row in self.daemon.rows() if row[2] not in self.servers]
        if " distance" in read(self.serving["file"]):
            return not any(row[1] in "*+-" and row[5] != "0" for row in rows)
        # of a source that has never answered, chronyc says 4294967295: soon after a start that means nothing
        return time.monotonic() > self.started_at + SILENT and all(int(row[6]) > SILENT for row in rows)

    def update_file(self, orphan: bool) -> None:
        """Write the file that chrony.conf includes, and pass the difference on to a chronyd that runs."""
        path = self.serving["file"]
        old = read(path).splitlines()
        new = [
            "server %s %s" % (host, self.serving["options"]) for host in self.servers if not self.own_addresses(host)
        ]
        if orphan and self.has_orphan_mode:
            more = self.serving.get("orphan_options") or " distance 0" * self.is_cut_off()
            new.append("local stratum %d orphan%s" % (self.serving["orphan_stratum"], more))
        if new != old or not os.path.exists(path):
            self.files.create(path, "".join(line + "\n" for line in new))
            gone = [line.split() for line in old if line not in new]
            commands = ["local off" if words[0] == "local" else "delete " + words[1] for words in gone]
            commands += ["add " * line.startswith("server") + line for line in new if line not in old]
            if os.path.exists(SOCKET):
                run("chronyc", input="".join(line + "\n" for line in commands))

    # In the place of the agent's own methods

    def early(self) -> int:
        """Orphan mode begins when the gate opens: clients must not follow a clock that chronyd still corrects."""
        self.update_file(self.state.opened in ("proof", "orphan"))
        return super().early()

    def sources(self) -> list[Source]:
        """All but this node itself."""
        return [row for row in super().sources() if not (row.get("own") and self.own_addresses(row["host"]))]

    def measure(self, *options: Any) -> Measurement:
        # to a server that leads the orphans, the answers of servers that follow it are only echoes of its own time
        self.client.limit = self.serving["orphan_stratum"] if self.leads() else NO_STRATUM
        measured = super().measure(*options)
        return measured._replace(problem="there is no other source") if measured.problem == "" else measured

    def unproven(self, measured: Measurement) -> str | None:
        """A server without any answer leads, if it was right in this boot or has waited as long as the gate does."""
        reason = super().unproven(measured)
        if reason is None:
            self.update_file(True)
        elif measured.epoch is None and self.has_orphan_mode:
            if not self.is_orphan() and boottime() > first_run() + self.contract["gate"]["timeout"]:
                log("SERVING THIS NODE'S OWN TIME: " + reason, self.contract["gate"]["units"])
                self.update_file(True)
            if self.is_orphan() and self.leads():
                return None
        return reason

    def judge(self, measured: Measurement) -> list[str]:
        """An address may have moved to another server since, so the file is updated first."""
        self.update_file(self.is_orphan())
        return super().judge(measured)

    def repair(self, failed: list[str]) -> None:
        # not at once: what closes it again and again, as a network plugin that wants to be first, must not be fought
        if "firewall" in failed and time.monotonic() > self.open_again_at:
            self.open_again_at = time.monotonic() + PUT_BACK_PAUSE
            log("the firewall was closed: opening it again")
            systemctl("reload-or-restart", "timepolicy-firewall.service")
        super().repair(failed)

    # Checks

    def checks(self, measured: Measurement) -> list[Check]:
        rows = super().checks(measured)
        if len(self.servers) == len(self.contract["sources"]) and self.leads():
            for row in rows:
                if row["id"] in ("sources", "kernel-flag", "offset"):
                    row.update(verdict="pass", seen="no upstream; this node leads", hint="")
        rows += [self.check_serving(), self.check_access(), self.check_upstream(measured)]
        rows += [self.check_stratum(), self.check_command_port()]
        rows += [self.check_nts()] if "nts" in self.serving else []
        return rows + ([self.check_firewall()] if "firewall" in self.serving else [])

    def check_serving(self) -> Check:
        """Ask this node at those of its addresses that its own access list allows."""
        answers = []
        networks = [ipaddress.ip_network(network) for network in self.serving["allow"]]
        for info in [info for host in self.servers for info in self.own_addresses(host)]:
            if any(ipaddress.ip_address(info[4][0]) in network for network in networks):
                answers += NtpClient().ask([{"host": info[4][0]}], 2, {}, 0)
        seen = ["%s: %s" % (answer.address, answer.problem or "answers") for answer in answers]
        seen = seen or ["open; no address of this node is allowed to ask" if listeners(123) else "closed"]
        right = listeners(123) and not any(answer.problem for answer in answers)
        return check("serving", right, "; ".join(seen), "answers on UDP 123", "see chronyd's log, check the firewall")

    def check_access(self) -> Check:
        allowed = self.serving["allow"]
        # chronyc(1): 208 Access allowed
        refused = [network for network in allowed if "208" not in run("chronyc", "accheck", network.split("/")[0])]
        seen = "refuses " + " ".join(refused) if refused else "allows " + " ".join(allowed)
        return check("access", not refused, seen, " ".join(allowed), "run `timepolicy-node apply`")

    def check_stratum(self) -> Check:
        _, stratum, leap = self.tracking()
        right = leap in ("Normal", "Insert second", "Delete second") and stratum < NO_STRATUM
        seen = "stratum %d, leap status %s" % (stratum, leap)
        return check("stratum", right, seen, "below 16", "chronyd has no time to serve")

    def check_upstream(self, measured: Measurement) -> Check:
        """The stratum says little: servers without an upstream follow each other."""
        answered = sorted({answer.source for answer in measured.answers if not answer.problem} - set(self.servers))
        others = " ".join(row["host"] for row in self.contract["sources"] if row["host"] not in self.servers)
        right, hint = answered or not others, "the servers keep a common time by themselves"
        return check("upstream", right, " ".join(answered) or "none", others or "none", hint)

    def check_command_port(self) -> Check:
        """Only this node may send commands to chronyd."""
        loopback = ("0100007F", "00000000000000000000000001000000")
        open_on = [address for address in listeners(323) if address not in loopback]
        seen = "on " + " ".join(open_on) if open_on else "on this node only"
        return check("command-port", not open_on, seen, "on this node only", "remove `bindcmdaddress`")

    def check_nts(self) -> Check:
        is_open = listeners(4460, "tcp", "0A")  # TCP_LISTEN; the port is RFC 8915's
        seen = "open" if is_open else "closed"
        return check("nts", is_open, seen, "TCP 4460 is open", "see chronyd's log about certificate and key")

    def check_firewall(self) -> Check:
        """Ask for the rules: the unit stays active when somebody flushes them, or switches on a firewall."""
        seen = run(FIREWALL_COMMAND, "check").strip().replace("\n", "; ")
        return check(
            "firewall",
            seen and "closed" not in seen,
            seen or "unknown",
            "open",
            "see `journalctl -u timepolicy-firewall`",
        )
