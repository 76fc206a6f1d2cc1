"""A simulated node: the real program of the agent, with the world outside of it in its place.

The program is the one that is packed, with the names of its source. It sees clocks, files, programs, names and sockets
of this world only; time passes only when it sleeps or waits. So a day takes less than a second or two, nothing depends
on the machine, and what must not happen can be asserted as well as what must.
"""

import builtins
import os
import stat
import subprocess
import time
import types
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tests.world.daemon import SLEW, Daemon
from tests.world.network import FakeSocket, Server
from tests.world.programs import Installation, Programs
from timepolicy.agent.packer import PROGRAMS, program, short_parameters

BOOT = 1_800_000_000.0
"""The right time when the node boots: 2027-01-15."""

CONTRACT = "/etc/timepolicy/node.json"


class Over(BaseException):
    """The time of the scenario is over."""


class Crash(BaseException):
    """The power is cut."""


class Blocked(BaseException):
    """A thread waits for something that does not come."""


@cache
def code(kind: str) -> types.CodeType:
    """The program of a kind of node."""
    return compile(short_parameters(program(kind)), kind, "exec")


class World:
    """What surrounds the agent. `clock` and `hardware` are the two clocks of the node minus the truth, at boot."""

    def __init__(self, root: Path, contract: str, *, clock: float = 0.0, hardware: float | None = 0.0) -> None:
        self.root, self.now, self.limit = root, 0.0, 0.0
        self.offset, self.slewing, self.slewed, self.suspended = clock, 0.0, 0.0, 0.0
        self.asleep = 0.0
        self.hardware, self.hardware_stands = hardware, False
        self.is_synchronised, self.leap, self.may_set_clock = False, 0, True
        self.servers: dict[str, Server] = {}
        self.families = {2, 10, 1}
        self.is_offline = self.daemon_hears_nothing = False
        self.in_thread = False
        self.resolver_hangs = False
        self.synced: set[int] = set()
        """The inodes of files that are on disk."""
        self.crashes_after = ""
        """The power is cut when this file has its name."""
        self.unsynced: list[str] = []
        """Files that came into their place before they were on disk: a crash leaves them empty."""
        self.asked: list[tuple[float, str]] = []
        self.events: list[tuple[float, str]] = []
        self.lines: list[tuple[float, str]] = []
        self.plans: list[tuple[float, Callable[[], None]]] = []
        self.units: dict[str, dict[str, str]] = {}
        self.daemons = {"chrony.service": Daemon(self, "chrony")}
        self.daemons["systemd-timesyncd.service"] = Daemon(self, "systemd-timesyncd")
        self.programs = Programs(self)
        self.package_manager = "works"
        self.addresses = {"10.0.9.9"}
        self.create(CONTRACT, contract)
        self.create("/proc/net/route", "Iface\tDestination\neth0\t00000000\n")
        self.create("/usr/share/zoneinfo/UTC", "TZif2")
        self.create("/etc/localtime", "TZif2")
        self.create("/run/dbus/system_bus_socket")
        self.create("/usr/lib/systemd/systemd")
        os.utime(root / "usr/lib/systemd/systemd", (BOOT - 300 * 86400, BOOT - 300 * 86400))

    # Files

    def path(self, path: Any) -> Any:
        return str(self.root) + path if isinstance(path, str) and path.startswith("/") else path

    def create(self, path: str, text: str = "") -> None:
        file = Path(self.path(path))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def remove(self, path: str) -> None:
        Path(self.path(path)).unlink(missing_ok=True)

    def read(self, path: str) -> str:
        file = Path(self.path(path))
        return file.read_text() if file.exists() else ""

    # Clocks

    def truth(self) -> float:
        return BOOT + self.now

    def clock_error(self) -> float:
        return self.offset

    def step(self, seconds: float, by: str) -> None:
        self.offset += seconds
        self.slewing = 0.0
        self.is_synchronised = self.is_synchronised and by != "agent"
        self.happened(f"{by} stepped {seconds:+.1f}")

    def slew(self, seconds: float) -> None:
        self.slewing = seconds

    def happened(self, what: str) -> None:
        self.events.append((self.now, what))

    def advance(self, seconds: float) -> None:
        """Let time pass: servers answer, the daemon polls, what was planned happens."""
        end = self.now + max(seconds, 1e-6)
        while True:
            due = [when for when, _ in self.plans]
            due += [daemon.next_poll for daemon in self.daemons.values() if daemon.runs]
            until = min([end, *due])
            self._pass(max(0.0, until - self.now))
            self._do_what_is_due()
            if self.now >= self.limit:
                raise Over
            if self.now >= end:
                return

    def _pass(self, seconds: float) -> None:
        correction = max(-seconds * SLEW, min(seconds * SLEW, self.slewing))
        self.offset += correction
        self.slewed += correction
        self.slewing -= correction
        self.now += seconds

    def _do_what_is_due(self) -> None:
        for plan in [plan for plan in self.plans if plan[0] <= self.now]:
            self.plans.remove(plan)
            plan[1]()
        for daemon in self.daemons.values():
            if daemon.runs and daemon.next_poll <= self.now:
                daemon.update()

    def pause(self, seconds: float) -> None:
        """The host pauses the machine: its clocks stand still, the truth and the hardware clock go on."""
        self.offset -= seconds
        if self.hardware is not None:
            self.hardware += 0.0
        self.now += seconds
        self.suspended -= seconds
        self.happened("paused")

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: of the clocks, CLOCK_REALTIME and CLOCK_BOOTTIME go on."""
        self.now += seconds
        self.suspended -= seconds
        self.asleep += seconds
        self.happened("suspended")

    # Running the agent

    def run(self, kind: str, *words: str, seconds: float = 60.0) -> Any:
        """Run a command for some seconds at most; its exit status, or None if it went on."""
        self.limit = self.now + seconds
        names: dict[str, Any] = {"__name__": "agent", "__builtins__": {**vars(builtins)}}
        names["__builtins__"].update(open=self._open, print=self._print, __import__=self._import)
        exec(code(kind), names)
        try:
            return names["main"](list(words), names[PROGRAMS[kind][-1]])
        except Over:
            return None

    def _print(self, *words: Any, **_options: Any) -> None:
        self.lines.append((self.now, " ".join(map(str, words))))

    def _open(self, path: Any, *options: Any, **more: Any) -> Any:
        if path == "/sys/class/rtc/rtc0/since_epoch":
            if self.hardware is None:
                raise FileNotFoundError(path)
            self.create("/rtc", str(int(BOOT + self.hardware + (0 if self.hardware_stands else self.now))))
            path = "/rtc"
        return open(self.path(path), *options, **more)

    def _import(self, name: str, *rest: Any) -> Any:
        fakes = {
            "time": self._time,
            "os": self._os,
            "socket": self._socket,
            "select": self._select,
            "subprocess": self._subprocess,
            "ctypes": self._ctypes,
            "threading": self._threading,
        }
        return fakes[name]() if name in fakes else builtins.__import__(name, *rest)

    # The modules that it imports

    def _time(self) -> types.SimpleNamespace:
        def clock_gettime(clock: int) -> float:
            raw = self.now + self.suspended
            return {4: raw, 7: raw + self.slewed + self.asleep, 1: raw + self.slewed}[clock]

        def clock_settime(_clock: int, seconds: float) -> None:
            if not self.may_set_clock:
                raise PermissionError(1, "Operation not permitted")
            self.step(seconds - self.truth() - self.offset, "agent")

        def sleep(seconds: float) -> None:
            if self.in_thread:
                raise Blocked
            self.advance(seconds)

        return types.SimpleNamespace(
            time=lambda: self.truth() + self.offset,
            monotonic=lambda: clock_gettime(1),
            clock_gettime=clock_gettime,
            clock_settime=clock_settime,
            sleep=sleep,
            strftime=time.strftime,
            gmtime=time.gmtime,
            CLOCK_REALTIME=0,
            CLOCK_MONOTONIC_RAW=4,
        )

    def _os(self) -> types.SimpleNamespace:
        def on_path(function: Callable[..., Any]) -> Callable[..., Any]:
            return lambda path, *rest, **more: function(self.path(path), *rest, **more)

        one = ("unlink", "makedirs", "stat", "listdir", "open", "chmod")
        functions: dict[str, Any] = {name: on_path(getattr(os, name)) for name in one}
        of_path = {name: on_path(getattr(os.path, name)) for name in ("exists", "lexists", "isdir", "isfile", "islink")}
        of_path["realpath"] = lambda path: os.path.realpath(self.path(path)).removeprefix(str(self.root))
        return types.SimpleNamespace(
            **functions,
            path=types.SimpleNamespace(**of_path, dirname=os.path.dirname, basename=os.path.basename),
            rename=self._rename,
            symlink=lambda target, path: os.symlink(target, self.path(path)),
            urandom=os.urandom,
            fdopen=os.fdopen,
            fchmod=os.fchmod,
            fsync=lambda handle: self.synced.add(os.fstat(handle).st_ino),
            sync=lambda: self.happened("sync"),
            environ={"NOTIFY_SOCKET": "/run/notify"},
            O_WRONLY=os.O_WRONLY,
            O_CREAT=os.O_CREAT,
            O_EXCL=os.O_EXCL,
            O_NOFOLLOW=os.O_NOFOLLOW,
        )

    def _rename(self, old: str, new: str) -> None:
        status = os.lstat(self.path(old))
        if stat.S_ISREG(status.st_mode) and status.st_ino not in self.synced:
            self.unsynced.append(new)
        os.rename(self.path(old), self.path(new))
        if new == self.crashes_after:
            raise Crash

    def _socket(self) -> types.SimpleNamespace:
        def getaddrinfo(host: str, port: int, *_rest: int) -> list[tuple[Any, ...]]:
            if self.resolver_hangs:
                assert self.in_thread, "the agent waits for the resolver"
                raise Blocked
            found = [address for address, server in self.servers.items() if host in (address, *server.names)]
            if not found:
                raise OSError(-2, "Name or service not known")
            return [(10 if ":" in address else 2, 2, 17, "", (address, port)) for address in found]

        return types.SimpleNamespace(
            socket=lambda *kinds: FakeSocket(self, *kinds),
            getaddrinfo=getaddrinfo,
            AF_UNIX=1,
            SOCK_DGRAM=2,
        )

    def _select(self) -> types.SimpleNamespace:
        def select(
            sockets: list[FakeSocket], _write: Any, _error: Any, timeout: float
        ) -> tuple[list[FakeSocket], Any, Any]:
            end = self.now + timeout
            arrivals = [packet[0] for sock in sockets for packet in sock.inbox[:1]]
            self.advance(max(0.0, min([end, *arrivals]) - self.now))
            return [sock for sock in sockets if sock.inbox and sock.inbox[0][0] <= self.now], [], []

        return types.SimpleNamespace(select=select)

    def _ctypes(self) -> types.SimpleNamespace:
        library = types.SimpleNamespace(adjtimex=lambda _buffer: self.leap if self.is_synchronised else 5)
        return types.SimpleNamespace(CDLL=lambda _name: library, create_string_buffer=bytearray)

    def _threading(self) -> types.SimpleNamespace:
        class Thread:
            def __init__(thread, target: Callable[..., Any], args: tuple[Any, ...], **_options: Any) -> None:  # noqa: N805
                thread.target, thread.args = target, args

            def start(thread) -> None:  # noqa: N805
                self.in_thread = True
                try:
                    thread.target(*thread.args)
                except Blocked:
                    pass
                finally:
                    self.in_thread = False

        return types.SimpleNamespace(Thread=Thread)

    def _subprocess(self) -> types.SimpleNamespace:
        return types.SimpleNamespace(
            check_output=self.programs.run,
            Popen=lambda command: Installation(self, command[-1]),
            call=self.programs.call,
            SubprocessError=subprocess.SubprocessError,
        )
