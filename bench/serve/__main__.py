"""The capacity of one core of a server: `python -m bench.serve` asks a real chronyd on loopback and writes RESULTS.md.

chronyd runs with the product's own directives for servers and without any right to set the clock. It is asked from many
addresses, as by many clients. The figure is its CPU time for each answer, so that the cost of asking and whatever else
runs on the machine matter little.
"""

import os
import platform
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.boot.lab.book import commit
from tests.helpers.cases import SERVER_EXAMPLE, file_of, plan_of
from tests.helpers.programs import need
from timepolicy.compiler import read_policy
from timepolicy.distros.release import DaemonName
from timepolicy.policy.build import build_policy
from timepolicy.policy.model import Policy
from timepolicy.policy.overrides import policy_for
from timepolicy.policy.role import Role
from timepolicy.reports.capacity import REQUESTS_PER_CORE, load_of
from timepolicy.source import Source

PAGE = Path(__file__).with_name("RESULTS.md")
PORT = 11123
CLIENTS = 2000
SECONDS = 10.0
NODES = (1_000, 100_000, 1_000_000)
REQUEST = b"\x23" + bytes(39) + b"\x01" * 8
TICKS = os.sysconf("SC_CLK_TCK")
NOT_HERE = re.compile(r"^(server|pool|include|driftfile|rtcsync|makestep|allow) ?.*\n", flags=re.MULTILINE)

INTRODUCTION = """\
# The capacity of one server

Written by `python -m bench.serve` on {date}, for timepolicy {commit}: {version}, on one core of {machine}.
chronyd is asked over loopback from {clients} addresses for {seconds:.0f} s, and the CPU time that it used is divided by
its answers. With the rate limit, most requests are not answered: one address may ask 16 times at once, then every 2 s.

| configuration | answers | CPU time for each | answers a second of one core |
|---|---|---|---|
{rows}

`timepolicy plan --nodes` assumes {reckoned} answers a second, which leaves room for a real network
card. For a policy with three servers, whose clients ask all of them, it shows:

| nodes | daemon | all the time | all booting at once | tiers of servers |
|---|---|---|---|---|
{loads}

A tier is a group of servers with its own clients, set by an override. More servers in one tier do not share the load,
because every client asks each of them.
"""


@dataclass(frozen=True)
class Result:
    """The measurement of one configuration."""

    name: str
    answers: int
    cpu_s: float

    @property
    def per_core(self) -> float:
        return self.answers / self.cpu_s


def main() -> None:
    results = [measure("as rendered, with ratelimit", product()), measure("without ratelimit", without_limit())]
    for result in results:
        print(f"{result.name}: {result.answers} answers, {result.per_core:.0f} a second of one core")
    PAGE.write_text(page(results))


def product() -> str:
    """The directives of a rendered server, without sources and files of a real machine."""
    text = file_of(plan_of(SERVER_EXAMPLE.read_text(), role=Role.SERVER), "/etc/chrony/chrony.conf")
    return NOT_HERE.sub("", text) + f"local stratum 2\nallow 127.0.0.0/8\nport {PORT}\ncmdport 0\n"


def without_limit() -> str:
    return re.sub(r"^ratelimit .*\n", "", product(), flags=re.MULTILINE)


def measure(name: str, configuration: str) -> Result:
    with chronyd(configuration) as process, asking_sockets() as sockets:
        before, answers = cpu_s(process.pid), 0
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            answers += ask(sockets)
        return Result(name, answers, cpu_s(process.pid) - before)


def ask(sockets: list[socket.socket]) -> int:
    """Ask once from each address; return how many were answered."""
    answered = 0
    for start in range(0, len(sockets), 100):
        some = sockets[start : start + 100]
        for sock in some:
            sock.send(REQUEST)
        answered += sum(receives(sock) for sock in some)
    return answered


def receives(sock: socket.socket) -> bool:
    try:
        return len(sock.recv(512)) >= len(REQUEST)
    except TimeoutError:
        return False


@contextmanager
def asking_sockets() -> Iterator[list[socket.socket]]:
    """A socket for each client, bound to an address of its own."""
    sockets = []
    try:
        for number in range(CLIENTS):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind((f"127.1.{number >> 8}.{number & 255}", 0))
            sock.connect(("127.0.0.1", PORT))
            sock.settimeout(0.002)
            sockets.append(sock)
        yield sockets
    finally:
        for sock in sockets:
            sock.close()


@contextmanager
def chronyd(configuration: str) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chrony.conf"
        path.write_text(configuration + f"pidfile {folder}/pid\nbindcmdaddress /\ndumpdir {folder}\n")
        command = [need("chronyd"), "-x", "-d", "-u", "root", "-f", str(path)]
        with Path(folder, "log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            time.sleep(2)
            assert process.poll() is None, Path(folder, "log").read_text()
            yield process
        finally:
            process.terminate()
            process.wait()


def cpu_s(pid: int) -> float:
    """The process's time in user and kernel mode (proc(5), stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def example() -> Policy:
    document = read_policy(Source.decode("policy", SERVER_EXAMPLE.read_bytes())).value
    assert document is not None
    return build_policy(policy_for(document, "debian-12", Role.CLIENT), Role.CLIENT)


def page(results: list[Result]) -> str:
    rows = [
        f"| {row.name} | {row.answers} | {row.cpu_s / row.answers * 1e6:.1f} µs | {row.per_core:.0f} |"
        for row in results
    ]
    loads = []
    for nodes in NODES:
        for daemon in DaemonName:
            load = load_of(example(), daemon, nodes)
            assert load is not None
            loads.append(
                f"| {nodes} | {daemon} | {load.steady:.0f}/s, {load.share:.1%} of a core"
                f" | {load.cold}, {load.cold_seconds:.1f} s of a core | {load.tiers} |"
            )
    version = subprocess.run([need("chronyd"), "--version"], capture_output=True, text=True, check=True).stdout
    return INTRODUCTION.format(
        date=datetime.now(UTC).date(),
        commit=commit(),
        version=" ".join(version.replace("(chrony) version ", "").split()[:2]),
        machine=f"{platform.machine()} ({processor()})",
        clients=CLIENTS,
        seconds=SECONDS,
        rows="\n".join(rows),
        reckoned=REQUESTS_PER_CORE,
        loads="\n".join(loads),
    )


def processor() -> str:
    match = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), flags=re.MULTILINE)
    return match[1] if match else "unknown"


if __name__ == "__main__":
    main()
