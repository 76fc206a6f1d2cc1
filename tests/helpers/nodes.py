"""Nodes for tests: a network namespace and a root directory each, in which no real program can set the clock."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.boot.lab.network import remove_abandoned
from tests.helpers.json_schema import assert_valid
from tests.helpers.programs import need
from timepolicy.agent.packer import program, short_parameters
from timepolicy.plan.types import NodePlan
from timepolicy.resources import SCHEMAS

SYSTEMCTL = """#!/bin/sh
case "$*" in show*) ;; *) echo "$*" >>/calls; exit ;; esac
for unit; do
  case $unit in
    -* | show) ;;
    chrony.service | timepolicy-firewall.service)
      printf 'Id=%s\\nLoadState=loaded\\nActiveState=active\\nUnitFileState=enabled\\n\\n' "$unit" ;;
    *) printf 'Id=%s\\nLoadState=not-found\\nActiveState=inactive\\nUnitFileState=\\n\\n' "$unit" ;;
  esac
done
"""

LONG_NAMES = short_parameters(program("authentic_server"))
"""A program with all classes of the agent, and the names of their methods."""

ENTER = """
for folder in usr dev proc; do mkdir -p "$1/$folder"; mount --rbind "/$folder" "$1/$folder"; done
for link in bin lib lib64 sbin; do [ ! -e /$link ] || ln -sfn usr/$link "$1/$link"; done
mount --bind "$1/local" "$1/usr/local"
exec chroot "$1" sleep 600
"""
ASK = """
import json, sys, types
agent = types.ModuleType("agent")
exec(open("/usr/local/readable-agent").read(), agent.__dict__)
seconds, hosts = float(sys.argv[1]), sys.argv[2:]
answers = agent.NtpClient().ask([{"host": host} for host in hosts], seconds, {}, 0)
now = agent.raw_epoch()
print(json.dumps([a.problem or a.epoch - now for host in hosts for a in answers if a.source == host]))
"""
"""Lets the agent ask hosts for some seconds; prints for each its time minus this clock's, or why there is no answer."""

TOLERANCE_S = 0.25
"""Of a measured offset, in seconds: a busy machine answers late. What tests tell apart differs by a second or more."""

WITHOUT_CLOCK = ("setpriv", "--bounding-set=-sys_time", "--inh-caps=-sys_time")


class Node:
    """A node with files, programs and a network; `addresses` have prefix lengths."""

    def __init__(self, name: str, addresses: list[str], root: Path) -> None:
        self.name, self.addresses, self.root = f"tpsrv-{os.getpid()}-{name}", addresses, root
        self.chronyd: subprocess.Popen[bytes] | None = None

    def start(self, bridge: str) -> None:
        for folder in (
            "local/bin",
            "local/sbin",
            "run/chrony",
            "var/lib/chrony",
            "etc/chrony",
            "etc/timepolicy",
            "tmp",
        ):
            (self.root / folder).mkdir(parents=True)
        (self.root / "run/chrony").chmod(0o750)
        (self.root / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\n")
        (self.root / "local/bin/systemctl").write_text(SYSTEMCTL)
        (self.root / "local/bin/systemctl").chmod(0o755)
        for name in ("chronyd", "chronyc"):
            shutil.copy(need(name), self.root / "local/bin")
        command("ip", "netns", "add", self.name)
        link = ["type", "veth", "peer", "name", "eth0", "netns", self.name]
        command("ip", "-n", bridge, "link", "add", f"v{len(ports(bridge))}", *link)
        command("ip", "-n", bridge, "link", "set", f"v{len(ports(bridge)) - 1}", "master", "br0", "up")
        for address in self.addresses:
            command("ip", "-n", self.name, "address", "add", address, "dev", "eth0", *["nodad"] * (":" in address))
        for device in ("lo", "eth0"):
            command("ip", "-n", self.name, "link", "set", device, "up")
        entry = ["ip", "netns", "exec", self.name, "unshare", "--mount", "sh", "-euc", ENTER, "sh", str(self.root)]
        self.process = subprocess.Popen(entry)
        until(lambda: os.readlink(f"/proc/{self.process.pid}/exe").endswith("sleep"))

    def command_line(self, *command: str) -> list[str]:
        """The command line that runs `command` on this node, without the right to set the clock."""
        enter = ["nsenter", "-t", str(self.process.pid), "--mount", "--net", "--root", "--wd=/"]
        path = "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
        return [*enter, *WITHOUT_CLOCK, "env", "-i", path, *command]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command_line(*command), capture_output=True, text=True, check=False, timeout=120)

    def install(self, plan: NodePlan) -> None:
        """Write the plan's files, and the list of them that the agent checks."""
        rows = []
        for file in plan.files:
            path = self.root / file.path[1:].replace("usr/local/", "local/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.content)
            path.chmod(file.mode)
            rows.append(f"{hashlib.sha256(file.content.encode()).hexdigest()}  {file.path}\n")
        (self.root / "etc/timepolicy").mkdir(parents=True, exist_ok=True)
        (self.root / "etc/timepolicy/files").write_text("".join(rows))
        (self.root / "local/readable-agent").write_text(LONG_NAMES)

    def agent(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("/usr/local/sbin/timepolicy-node", *arguments)

    def start_chronyd(self) -> None:
        command = self.command_line("chronyd", "-x", "-d", "-u", "root", "-f", "/etc/chrony/chrony.conf")
        with (self.root / "chronyd.log").open("ab") as log:
            self.chronyd = subprocess.Popen(command, stdout=log, stderr=log)
        until((self.root / "run/chrony/chronyd.sock").exists)

    def stop_chronyd(self) -> None:
        if self.chronyd:
            self.chronyd.terminate()
            self.chronyd.wait()
            self.chronyd = None

    def tracking(self) -> tuple[str, int, str]:
        """Reference ID, stratum and leap status."""
        row = self.run("chronyc", "-c", "tracking").stdout.strip().split(",")
        return row[0], int(row[2]), row[-1]

    def sources(self) -> set[str]:
        return {line.split(",")[2] for line in self.run("chronyc", "-c", "sources").stdout.splitlines()}

    def file(self, path: str) -> str:
        return (self.root / path).read_text()

    def report(self) -> Any:
        """The agent's last report, which is valid."""
        report = json.loads(self.file("run/timepolicy/report.json"))
        assert_valid(report, SCHEMAS / "report.schema.json")
        return report

    def stop(self) -> None:
        self.stop_chronyd()
        self.process.terminate()
        self.process.wait()
        # daemons that a test has started would outlive it
        for pid in subprocess.check_output(["ip", "netns", "pids", self.name], text=True).split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        command("ip", "netns", "delete", self.name)


@contextmanager
def nodes(folder: Path, **addresses: list[str]) -> Iterator[list[Node]]:
    """Nodes on one bridge, by their names."""
    remove_abandoned("tpsrv")
    bridge = f"tpsrv-{os.getpid()}-bridge"
    with ExitStack() as stack:
        command("ip", "netns", "add", bridge)
        stack.callback(command, "ip", "netns", "delete", bridge)
        command("ip", "-n", bridge, "link", "add", "br0", "type", "bridge")
        command("ip", "-n", bridge, "link", "set", "br0", "up")
        created = [Node(name, own, folder / name) for name, own in addresses.items()]
        for node in created:
            node.start(bridge)
            stack.callback(node.stop)
        yield created


def ports(bridge: str) -> list[str]:
    done = subprocess.run(["ip", "-n", bridge, "-o", "link", "show", "type", "veth"], capture_output=True, check=True)
    return done.stdout.decode().splitlines()


def command(*arguments: str) -> None:
    subprocess.run(arguments, check=True)


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for `condition`; fail if it does not become true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not become true"
        time.sleep(0.1)
