"""timepolicy-node on a server of time."""
# Python 3.6. When it is packed, this stands behind the agent in one program (tests/pack_agent.py).
#
# One user-data serves a whole group of servers, so it is here that a server finds out which of them it is. It writes
# the others, and orphan mode when its time is good, into a file that chrony.conf includes. It checks that it serves.

import ipaddress
import os
import socket
import sys
import time

SOCKET = "/run/chrony/chronyd.sock"
LOCAL = "7F7F0101"  # the reference ID of a chronyd that follows its own clock


def own_addresses(host):
    """Those of the host's addresses that this node has: only from one's own does one reach it."""
    own = []
    try:
        infos = socket.getaddrinfo(host, 123, 0, socket.SOCK_DGRAM)
    except OSError:
        return own
    for info in infos:
        try:
            with socket.socket(*info[:3]) as sock:
                sock.connect(info[4])
                own += [info] if sock.getsockname()[0] == info[4][0] else []
        except OSError:
            continue
    return own


def servers(contract):
    """The cluster's own servers, this node among them."""
    return [row["host"] for row in contract["sources"] if row.get("own")]


def is_alone(contract):
    """Whether the policy has no upstream."""
    return len(servers(contract)) == len(contract["sources"])


def listeners(port, protocol="udp", state="07"):
    """The local addresses, in the kernel's hexadecimal, on which a port is open."""
    rows = []
    for path in ("/proc/net/" + protocol, "/proc/net/%s6" % protocol):
        try:
            with open(path) as file:
                rows += [line.split()[1].split(":") for line in file.readlines()[1:] if line.split()[3] == state]
        except OSError:
            continue
    return [address for address, number in rows if int(number, 16) == port]


class Server:
    """Each method that the agent has too stands in its place."""

    def __init__(self, agent):
        self.agent, self.began, self.limit = agent, time.monotonic(), 16
        names = ("early", "measure", "read_answer", "unproven", "judge", "checks")
        self.plain = {name: getattr(agent, name) for name in names}
        for name in names:
            setattr(agent, name, getattr(self, name))

    def tracking(self):
        """Reference ID, stratum and leap status."""
        row = self.agent.run("chronyc", "-c", "tracking").strip().split(",") if os.path.exists(SOCKET) else ""
        return (row[0], int(row[2]), row[-1]) if len(row) > 3 else ("", 16, "not running")

    def leads(self, contract):
        """Every upstream is lost, and the other servers follow this one."""
        return "orphan_stratum" in contract["serving"] and self.tracking()[0] == LOCAL

    def is_orphan(self, contract):
        """Whether this boot's chronyd may go on without an upstream."""
        return "\nlocal " in "\n" + self.agent.read(contract["serving"]["file"])

    def amend(self, contract, orphan):
        """Write the file that chrony.conf includes as it should be now, and tell a chronyd that runs."""
        serving = contract["serving"]
        old = self.agent.read(serving["file"]).splitlines()
        new = ["server %s %s" % (host, serving["options"]) for host in servers(contract) if not own_addresses(host)]
        if orphan and "orphan_stratum" in serving:
            new.append("local stratum %d orphan" % serving["orphan_stratum"])
        if new != old or not os.path.exists(serving["file"]):
            self.agent.lay(serving["file"], "".join(line + "\n" for line in new))
            gone = [line.split() for line in old if line not in new]
            commands = ["local off" if words[0] == "local" else "delete " + words[1] for words in gone]
            commands += ["add " * line.startswith("server") + line for line in new if line not in old]
            if os.path.exists(SOCKET):
                self.agent.run("chronyc", input="".join(line + "\n" for line in commands))

    def early(self, contract):
        """Orphan mode waits for a first right time: a clock that nobody has compared yet is no time to serve."""
        self.amend(contract, False)
        failed = self.plain["early"](contract)
        self.amend(contract, not failed)
        return failed

    def measure(self, contract, *options):
        others = [row for row in contract["sources"] if not (row.get("own") and own_addresses(row["host"]))]
        self.limit = contract["serving"]["orphan_stratum"] if self.leads(contract) else 16
        result = self.plain["measure"](dict(contract, sources=others), *options)
        return result._replace(problem="there is no other source") if result.problem == "" else result

    def read_answer(self, source, address, packet, *rest):
        """To who leads the orphans their answers are echoes."""
        answer = self.plain["read_answer"](source, address, packet, *rest)
        if answer and not answer.problem and packet[1] >= self.limit:
            return answer._replace(problem="has no upstream either (stratum %d)" % packet[1])
        return answer

    def unproven(self, contract, result):
        """A server without any answer leads, once it was right in this boot or has waited as long as the gate does."""
        why = self.plain["unproven"](contract, result)
        if why is None:
            self.amend(contract, True)
        elif result.theta is None and "orphan_stratum" in contract["serving"]:
            if not self.is_orphan(contract) and time.monotonic() > self.began + contract["gate"]["timeout"]:
                self.agent.say("SERVING THIS NODE'S OWN TIME: " + why, contract["gate"]["units"])
                self.amend(contract, True)
            if self.is_orphan(contract) and self.leads(contract):
                return None
        return why

    def judge(self, contract, result):
        self.amend(contract, self.is_orphan(contract))
        return self.plain["judge"](contract, result)

    def checks(self, contract, result):
        rows = self.plain["checks"](contract, result)
        alone = is_alone(contract) and self.leads(contract)
        for row in rows:
            if alone and row["id"] in ("sources", "kernel-flag", "offset"):
                row.update(verdict="pass", seen="no upstream; this node leads", hint="")
        names = ("id", "verdict", "seen", "expected", "hint")
        more = [self.check_serving(contract), self.check_access(contract), self.check_upstream(contract, result)]
        more += [self.check_stratum(), self.check_command_port()]
        more += [getattr(self, "check_" + name)() for name in ("nts", "firewall") if name in contract["serving"]]
        for check, right, seen, expected, hint in more:
            row = check, self.agent.VERDICTS[bool(right)], seen, expected, hint * (not right)
            rows.append(dict(zip(names, row)))
        return rows

    def check_serving(self, contract):
        """Ask the node at its own addresses, as far as they are allowed to ask."""
        self.limit, answers = 16, []
        networks = [ipaddress.ip_network(network) for network in contract["serving"]["allow"]]
        own = [info for host in servers(contract) for info in own_addresses(host)]
        for info in own:
            if any(ipaddress.ip_address(info[4][0]) in network for network in networks):
                self.agent.ask_address(info[4][0], info, time.monotonic() + 2, answers.append)
        seen = ["%s: %s" % (answer.address, answer.problem or "answers") for answer in answers]
        seen = seen or ["open; no own address is allowed to ask" if listeners(123) else "closed"]
        right = listeners(123) and not any(answer.problem for answer in answers)
        return "serving", right, "; ".join(seen), "answers on UDP 123", "see the log of chronyd and the firewall"

    def check_access(self, contract):
        allowed = contract["serving"]["allow"]
        refused = [
            network for network in allowed if "208" not in self.agent.run("chronyc", "accheck", network.split("/")[0])
        ]
        seen = "refuses " + " ".join(refused) if refused else "allows " + " ".join(allowed)
        return "access", not refused, seen, " ".join(allowed), "run `timepolicy-node apply`"

    def check_stratum(self):
        _, stratum, leap = self.tracking()
        right = leap in ("Normal", "Insert second", "Delete second") and stratum < 16
        seen = "stratum %d, leap status %s" % (stratum, leap)
        return "stratum", right, seen, "below 16", "it has no time to serve"

    @staticmethod
    def check_upstream(contract, result):
        """While servers without an upstream follow each other, their stratum says little."""
        own = servers(contract)
        heard = sorted({answer.source for answer in result.answers if not answer.problem} - set(own))
        others = " ".join(row["host"] for row in contract["sources"] if row["host"] not in own)
        right, hint = heard or not others, "the servers keep the time by themselves"
        return "upstream", right, " ".join(heard) or "none", others or "none", hint

    @staticmethod
    def check_command_port():
        loopback = ("0100007F", "00000000000000000000000001000000")
        open_on = [address for address in listeners(323) if address not in loopback]
        seen = "on " + " ".join(open_on) if open_on else "on this node only"
        return "command-port", not open_on, seen, "on this node only", "take `bindcmdaddress` away"

    @staticmethod
    def check_nts():
        is_open = listeners(4460, "tcp", "0A")  # TCP_LISTEN
        seen = "open" if is_open else "closed"
        return "nts", is_open, seen, "TCP 4460 is open", "chronyd's log says what is wrong with certificate or key"

    def check_firewall(self):
        unit = "timepolicy-firewall.service"
        state = self.agent.unit_states([unit])[unit]["ActiveState"]
        seen = "%s; %s" % (state, self.agent.run("timepolicy-firewall", "show").strip() or "no firewall is active")
        return "firewall", state == "active", seen, "active", "see `journalctl -u timepolicy-firewall`"


if __name__ == "__main__":
    sys.exit(Server(sys.modules[__name__]).agent.main(sys.argv[1:]))
