"""A network namespace of its own for each boot, with a tap for each guest, and one bridge for all."""

import contextlib
import ctypes
import itertools
import os
import re
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TypeVar

BRIDGE = "lab0"
HOST_ADDRESS = "10.2.12.1"
PREFIX_LENGTH = 16
NAMESPACES = Path("/run/netns")
CLONE_NEWNET = 0x40000000

_serial = itertools.count(1)
_Result = TypeVar("_Result")


class Network:
    """A namespace with a bridge, taps in it for the guests, the host's address and further addresses of servers.

    Its name carries this process's id, so that several boots can run at once and so that what a
    killed process left behind is recognised and removed by the next one.
    """

    def __init__(self, addresses: list[str], guests: int = 1) -> None:
        """Plan the network; nothing exists before it is entered."""
        self._guests = guests
        self.name = f"tplab-{os.getpid()}-{next(_serial)}"
        self._addresses = addresses

    def __enter__(self) -> "Network":
        """Make the namespace, or leave nothing."""
        remove_abandoned("tplab")
        _ip("netns", "add", self.name)
        try:
            self._set_up()
        except BaseException:
            _ip("netns", "delete", self.name)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the namespace; the tap and the addresses go with it."""
        _ip("netns", "delete", self.name)

    def command(self, *command: str) -> list[str]:
        """Make the command line that runs `command` in here."""
        return ["ip", "netns", "exec", self.name, *command]

    def inside(self, function: Callable[[], _Result]) -> _Result:
        """Call `function` in here. Sockets that it opens stay in here wherever they are used."""

        def enter_and_call() -> _Result:
            _join(self.name)
            return function()

        # A namespace belongs to a thread, so a thread that ends at once keeps the process out.
        with ThreadPoolExecutor(max_workers=1) as executor:
            return executor.submit(enter_and_call).result()

    def _set_up(self) -> None:
        def ip(*arguments: str) -> None:
            _ip("-netns", self.name, *arguments)

        ip("link", "set", "lo", "up")
        ip("link", "add", BRIDGE, "type", "bridge")
        for number in range(self._guests):
            ip("tuntap", "add", tap(number), "mode", "tap")
            ip("link", "set", tap(number), "master", BRIDGE, "up")
        ip("address", "add", f"{HOST_ADDRESS}/{PREFIX_LENGTH}", "dev", BRIDGE)
        for address in self._addresses:
            ip("address", "add", f"{address}/32", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")


def tap(number: int) -> str:
    """Name what a guest is plugged into."""
    return f"tap{number}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def _join(name: str) -> None:
    """Move the calling thread into a namespace (os.setns is not in Python 3.11)."""
    libc = ctypes.CDLL(None, use_errno=True)
    with (NAMESPACES / name).open() as handle:
        if libc.setns(handle.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns into {name}")


def remove_abandoned(prefix: str) -> None:
    """Remove the namespaces `PREFIX-PID-NAME` of processes that were killed, and what still runs in them."""
    for path in NAMESPACES.glob(f"{prefix}-*"):
        match = re.fullmatch(rf"{prefix}-(\d+)-\w+", path.name)
        if match and not Path("/proc", match[1]).exists():
            # Another process may remove it at the same time.
            with contextlib.suppress(subprocess.CalledProcessError, ProcessLookupError):
                _kill_processes(path.name)
                _ip("netns", "delete", path.name)


def _kill_processes(name: str) -> None:
    command = ["ip", "netns", "pids", name]
    listed = subprocess.run(command, check=True, capture_output=True, text=True)
    for process_id in listed.stdout.split():
        os.kill(int(process_id), signal.SIGKILL)
