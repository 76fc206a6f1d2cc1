"""NTP servers that are right, wrong, slow, refuse or do not answer, as a scenario says.

They read the host's clock and never set it.
"""

import contextlib
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

UNIX_EPOCH_IN_NTP = 2_208_988_800
HEADER = struct.Struct("!BBBbII4sQQQQ")
CLIENT_MODE, SERVER_MODE = 3, 4
UNSYNCHRONISED_LEAP, UNSYNCHRONISED_STRATUM = 3, 16
ONE_MILLISECOND = 65  # in NTP's short format, 1/65536 s
PRECISION = -20  # log2 seconds


@dataclass(frozen=True)
class Behaviour:
    """How a server answers at some time."""

    offset_s: float = 0.0
    delay_s: float = 0.0
    silent: bool = False
    stratum: int = 2
    leap: int = 0
    kiss: str = ""

    @property
    def usable(self) -> bool:
        """Whether a client can take time from this answer."""
        refusing = self.silent or bool(self.kiss)
        unsynchronised = self.leap == UNSYNCHRONISED_LEAP or not 0 < self.stratum < UNSYNCHRONISED_STRATUM
        return not refusing and not unsynchronised


@dataclass(frozen=True)
class Course:
    """A server's behaviour over time: (seconds after the guest's first packet, behaviour), sorted.

    The guest's first packet is when its network is up; the host cannot tell beforehand when that is.
    """

    steps: tuple[tuple[float, Behaviour], ...] = ((0.0, Behaviour()),)

    def at(self, elapsed_s: float) -> Behaviour:
        """Look up the behaviour in force so long after the first packet."""
        return [behaviour for since_s, behaviour in self.steps if since_s <= elapsed_s][-1]

    def usable_from_s(self) -> float | None:
        """Find when this server's time can first be used, in seconds after the first packet."""
        return next((since_s for since_s, behaviour in self.steps if behaviour.usable), None)


@dataclass(frozen=True)
class Packet:
    """A request as a server saw it."""

    at: float
    server: str
    client: str
    answered: bool


class NtpServers:
    """Servers on port 123 of several addresses, run by one thread."""

    def __init__(self, courses: Mapping[str, Course]) -> None:
        """Plan servers: address -> course."""
        self._courses = dict(courses)
        self._selector = selectors.DefaultSelector()
        self._stop_reader, self._stop_writer = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.packets: list[Packet] = []

    def start(self, inside: Callable[[Callable[[], None]], None]) -> None:
        """Open the ports in the namespace that `inside` calls functions in, then serve."""
        inside(self._bind)
        self._selector.register(self._stop_reader, selectors.EVENT_READ)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close every port."""
        if self._thread.is_alive():
            self._stop_writer.send(b"x")
            self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()
        self._stop_writer.close()

    def set_course(self, address: str, course: Course) -> None:
        """Change a server while it runs."""
        self._courses[address] = course

    @property
    def addresses(self) -> list[str]:
        """Every server's address."""
        return list(self._courses)

    @property
    def first_packet_at(self) -> float | None:
        """Host time of the guest's first NTP packet."""
        return self.packets[0].at if self.packets else None

    @property
    def answers_began_at(self) -> float | None:
        """Host time from which a question would have got a usable answer."""
        starts = [course.usable_from_s() for course in self._courses.values()]
        known = [start for start in starts if start is not None]
        first = self.first_packet_at
        if first is None or not known or time.time() < first + min(known):
            return None
        return first + min(known)

    def _bind(self) -> None:
        for address in self._courses:
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._selector.register(server, selectors.EVENT_READ, address)
            server.bind((address, 123))

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                assert isinstance(key.fileobj, socket.socket)
                self._receive(key.fileobj, key.data)

    def _receive(self, server: socket.socket, address: str) -> None:
        request, client = server.recvfrom(512)
        now = time.time()
        behaviour = self._courses[address].at(now - (self.first_packet_at or now))
        understood = len(request) >= HEADER.size and request[0] & 7 == CLIENT_MODE
        answered = understood and not behaviour.silent
        self.packets.append(Packet(now, address, client[0], answered))
        if answered:
            send = partial(_answer, server, client, Question(request, now, address), behaviour)
            # A slow answer gets a thread of its own, so that other requests do not wait.
            threading.Timer(behaviour.delay_s, send).start() if behaviour.delay_s else send()


@dataclass(frozen=True)
class Question:
    """A request, when it came, and the address that it was sent to."""

    packet: bytes
    received_at: float
    address: str


def make_answer(question: Question, behaviour: Behaviour) -> bytes:
    """Make the packet that a server with this behaviour sends now."""
    version = question.packet[0] >> 3 & 7
    leap = UNSYNCHRONISED_LEAP if behaviour.kiss else behaviour.leap
    stratum = 0 if behaviour.kiss else behaviour.stratum
    # A reference of its own for each server, or chrony would see one source behind all of them.
    reference = behaviour.kiss.encode() or bytes([192, 0, 2, int(question.address.rpartition(".")[2])])
    flags = leap << 6 | version << 3 | SERVER_MODE
    poll, origin = question.packet[2], struct.unpack_from("!Q", question.packet, 40)[0]
    received_s = question.received_at + behaviour.offset_s
    sent_s = time.time() + behaviour.offset_s
    stamps = (_ntp_time(received_s - 8), origin, _ntp_time(received_s), _ntp_time(sent_s))
    root = (ONE_MILLISECOND, ONE_MILLISECOND)
    return HEADER.pack(flags, stratum, poll, PRECISION, *root, reference, *stamps)


def _ntp_time(unix_s: float) -> int:
    return int((unix_s + UNIX_EPOCH_IN_NTP) * 2**32) % 2**64


def _answer(server: socket.socket, client: tuple[str, int], question: Question, behaviour: Behaviour) -> None:
    # The port may have been closed while the answer was delayed.
    with contextlib.suppress(OSError):
        server.sendto(make_answer(question, behaviour), client)
