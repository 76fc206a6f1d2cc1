"""The guest's serial ports, seen from the host as unix sockets that QEMU connects to."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.boot.lab.probe import Sample, parse_line

READY = "== ready"
END = "== end "


class SerialPort:
    """One port. It listens before QEMU starts, so that not one early byte of the guest is lost."""

    def __init__(self, path: Path, take_line: Callable[[str], None]) -> None:
        self._take_line = take_line
        self._connection: socket.socket | None = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def send(self, line: str) -> None:
        """Send a line to the guest."""
        if self._connection is None:
            raise RuntimeError("QEMU has not connected this serial port")
        self._connection.sendall(f"{line}\n".encode())

    def close(self) -> None:
        """Stop listening; a connection ends with QEMU's end, which must come first."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _read(self) -> None:
        try:
            self._connection, _ = self._listener.accept()
        except OSError:
            # Closed before QEMU came.
            return
        with self._connection, self._connection.makefile("r", errors="replace") as lines:
            for line in lines:
                self._take_line(line.rstrip("\r\n"))


class ProbePort(SerialPort):
    """Collects the clock probe's samples, each with the host's time of arrival."""

    def __init__(self, path: Path) -> None:
        self.samples: list[Sample] = []
        super().__init__(path, self._take)

    def _take(self, line: str) -> None:
        sample = parse_line(line, time.time())
        if sample:
            self.samples.append(sample)


@dataclass(frozen=True)
class Answer:
    """What the guest answered to one request."""

    sections: dict[str, str]
    status: int

    @property
    def output(self) -> str:
        """The output of a command."""
        return self.sections.get("output", "")


class CommandPort(SerialPort):
    """Asks the guest to do things, one after the other; README.md describes the protocol."""

    def __init__(self, path: Path) -> None:
        self.ready = False
        self._arrived: list[str] = []
        self._changed = threading.Condition()
        super().__init__(path, self._take)

    def ask(self, request: str, limit_s: float) -> Answer:
        """Send a request and wait for its answer; TimeoutError when it does not come."""
        with self._changed:
            self._arrived.clear()
            self.send(request)
            if not self._changed.wait_for(self._answered, limit_s):
                so_far = "\n".join(self._arrived)
                raise TimeoutError(f"no answer within {limit_s:.0f} s to: {request}\n{so_far}")
            return parse_answer(self._arrived)

    def _answered(self) -> bool:
        return bool(self._arrived) and self._arrived[-1].startswith(END)

    def _take(self, line: str) -> None:
        with self._changed:
            if line == READY:
                self.ready = True
            else:
                self._arrived.append(line)
                self._changed.notify_all()


def parse_answer(lines: list[str]) -> Answer:
    """Read an answer: sections start with `== NAME`, their lines with a space, `== end STATUS` is last."""
    sections: dict[str, list[str]] = {}
    name = ""
    for line in lines[:-1]:
        if line.startswith("== "):
            name = line.removeprefix("== ")
            sections[name] = []
        else:
            sections[name].append(line[1:])
    texts = {name: "\n".join(section) for name, section in sections.items()}
    return Answer(texts, int(lines[-1].removeprefix(END)))
