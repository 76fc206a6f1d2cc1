"""Runs the collector on nodes: by the system's ssh, with its own configuration, jump hosts and agent, or right here."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread, Timer
from typing import IO

from timepolicy.doctor.collector import collector
from timepolicy.doctor.examination import Examination, Tick, UnreadableExaminationError
from timepolicy.findings.printable import escaped

TICKS = 8
"""How often the clock is read through one connection; the quickest answer counts."""

LARGEST_OUTPUT = 8 << 20
"""Bytes that are read of one node's output."""

REASONS = {
    r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed": (
        "its host key is unknown or has changed; check it, then correct ~/.ssh/known_hosts"
    ),
    r"Permission denied": "ssh could not log in: no key was accepted, and nothing asks for a password here",
    r"Could not resolve hostname": "its name does not resolve on this machine",
    r"Connection refused": "nothing listens on its ssh port",
    r"timed out": "it does not answer on its ssh port",
    r"No route to host|Network is unreachable": "there is no route to it",
    r"a password is required|a terminal is required": (
        "sudo asks for a password there; allow `sudo -n`, or log in as root"
    ),
}
"""What ssh and sudo say, as patterns, and what that means."""


@dataclass(frozen=True, slots=True)
class Access:
    """How nodes are reached. `command` is ssh and its options, empty for this machine; `seconds` are for each node."""

    command: tuple[str, ...]
    seconds: float
    with_sudo: bool = False

    def of(self, host: str) -> list[str]:
        """Return the command that runs a shell on the host, which reads its script from standard input."""
        shell = ["sudo", "-n", "sh", "-s"] if self.with_sudo else ["sh", "-s"]
        if not self.command:
            return shell
        # shorter than `seconds`, so that ssh itself can say that nobody answers
        timeout = max(1, int(self.seconds / 2))
        return [*self.command, "-o", "BatchMode=yes", "-o", f"ConnectTimeout={timeout}", "--", host, *shell]


@dataclass(frozen=True, slots=True)
class Failure:
    """A node that could not be examined, and why."""

    host: str
    reason: str


def examine(host: str, access: Access) -> Examination | Failure:
    """Run the collector on one node, and measure its clock meanwhile; ends after `access.seconds`."""
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(
            access.of(host), bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except OSError as error:
        return Failure(host, f"cannot run {access.of(host)[0]}: {error.strerror}")
    complaints: list[bytes] = []
    timer = Timer(access.seconds, _end, [process])
    with process:
        assert process.stdin and process.stdout and process.stderr  # noqa: PT018  # all three are pipes
        reader = Thread(target=_read_all, args=(process.stderr, complaints), daemon=True)
        reader.start()
        timer.start()
        output, ticks = _converse(process.stdin, process.stdout)
        is_late = not timer.is_alive()
        timer.cancel()
        _end(process)
        reader.join(1)
    try:
        return Examination.read(host, output, ticks)
    except UnreadableExaminationError:
        said = b"".join(complaints).decode(errors="replace")
        return Failure(host, _reason(said, is_late=is_late, seconds=access.seconds))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children: ssh's jump hosts, or what the shell runs."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _read_all(stream: IO[bytes], parts: list[bytes]) -> None:
    parts.extend(part[:LARGEST_OUTPUT] for part in iter(lambda: stream.read(65536), b""))


def _converse(stdin: IO[bytes], stdout: IO[bytes]) -> tuple[str, list[Tick]]:
    """Send the collector, exchange ticks with it, and return the rest of its output."""
    ticks: list[Tick] = []
    try:
        stdin.write(collector())
        line = _line(stdout)
        while line not in (b"=ticks", b""):  # before it stands what a login shell's profile prints
            line = _line(stdout)
        for _ in range(TICKS):
            sent, begun = time.time(), time.monotonic()
            stdin.write(b"tick\n")
            answer = _line(stdout)
            if not re.fullmatch(rb"\d+\.\d+", answer):  # no nanoseconds from this `date`
                break
            ticks.append(Tick(sent, float(answer), sent + time.monotonic() - begun))
        stdin.write(b"end\n")
    except BrokenPipeError:
        return "", []
    output = bytearray()
    for part in iter(lambda: stdout.read(65536), b""):
        output += part
        if len(output) > LARGEST_OUTPUT:
            break
    return output.decode(errors="replace"), ticks if line else []


def _line(stream: IO[bytes]) -> bytes:
    """Read a line without buffering what follows it; empty at the end."""
    line = bytearray()
    for byte in iter(lambda: stream.read(1), b""):
        if byte == b"\n" or len(line) > LARGEST_OUTPUT:
            break
        line += byte
    return bytes(line)


def _reason(said: str, *, is_late: bool, seconds: float) -> str:
    for pattern, reason in REASONS.items():
        if re.search(pattern, said):
            return reason
    if is_late:
        return f"no answer within {seconds:g} s"
    lines = [line for line in said.splitlines() if line.strip()]
    return f"the collector did not run: {escaped(lines[-1])[:200]}" if lines else "the collector did not run to its end"


def run_script(host: str, access: Access, script: str) -> tuple[bool, str]:
    """Run a shell script on a node; return whether it succeeded, and its output."""
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(
            access.of(host), stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, start_new_session=True
        )
    except OSError as error:
        return False, f"cannot run {access.of(host)[0]}: {error.strerror}"
    with process:
        try:
            output, _ = process.communicate(f"cd /\n{script}\n".encode(), access.seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            return False, f"not finished within {access.seconds:g} s"
    return process.returncode == 0, output.decode(errors="replace").strip()


def examine_all(
    hosts: Sequence[str], access: Access, jobs: int, progress: Callable[[int], None]
) -> list[Examination | Failure]:
    """Examine hosts, `jobs` at a time; in their order. `progress` gets the number of those that are done."""
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(examine, host, access) for host in hosts]
        for number, _ in enumerate(as_completed(futures), 1):
            progress(number)
        return [future.result() for future in futures]
