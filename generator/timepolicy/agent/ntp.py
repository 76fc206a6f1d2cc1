"""Asking NTP servers (RFC 5905, client mode), all of them at once."""

import os
import select
import socket
import struct
import time
from collections import namedtuple
from collections.abc import Callable
from typing import Any

from timepolicy.agent.clock import OLDEST, raw_time
from timepolicy.agent.shapes import AddressInfo, Cache, Source
from timepolicy.agent.system import start_thread

REFUSED = 64  # seconds for which a server that refuses is not asked again
REFUSALS = (b"RATE", b"DENY", b"RSTR")  # kiss codes (RFC 5905, section 7.4); a server that starts sends INIT or STEP
ERA = 2**64  # NTP timestamps wrap around in 2036, after 2**32 seconds; their unit is 2**-32 s
EPOCH = 2208988800  # seconds from 1900, where NTP's first era begins, to 1970
ANSWER_TIME = 3  # seconds within which an answer counts

# source: the host as the policy names it; address: the one that answered
# epoch: the source's time minus CLOCK_MONOTONIC_RAW, which neither steps nor slewing of our clock change
# distance: the root distance, which bounds the error of that (RFC 5905, section 11.2)
# Both are in seconds, and 0 where problem says why they are unknown.
Answer = namedtuple("Answer", "source address epoch distance problem")


def unix_time(timestamp: int) -> float:
    """An NTP timestamp in Unix seconds. One before 2020 is of the next era (RFC 5905, section 6)."""
    return (timestamp + (timestamp < OLDEST + EPOCH << 32) * ERA) / 2**32 - EPOCH


def read_answer(
    source: str, address: str, packet: bytes, questions: dict[bytes, float], received: float, limit: int
) -> Answer | None:
    """The Answer in a packet (RFC 5905, section 7.3); None if it answers none of `questions`.

    `questions` says when each nonce was sent; from stratum `limit` on, a server is only the echo of this one.
    """
    sent = questions.get(packet[24:32])
    if len(packet) < 48 or sent is None or packet[0] & 7 != 4:
        return None
    leap, stratum, code = packet[0] >> 6, packet[1], packet[12:16]
    if stratum == 0 and code in REFUSALS:
        return Answer(source, address, 0, 0, "answer refused (%s)" % code.decode())
    if leap == 3 or not 0 < stratum < 16 or not any(packet[40:48]):
        return Answer(source, address, 0, 0, "answered, but unsynchronised (stratum %d, leap %d)" % (stratum, leap))
    if stratum >= limit:
        return Answer(source, address, 0, 0, "has no upstream either (stratum %d)" % stratum)
    delay, dispersion = struct.unpack("!II", packet[4:12])  # of the server's own source, in 2**-16 s
    arrived, left = (unix_time(timestamp) for timestamp in struct.unpack("!QQ", packet[32:48]))
    distance = abs(received - sent - left + arrived) / 2 + (delay / 2 + dispersion) / 65536
    problem = "root distance of %.1f s is too large" % distance if distance > 3 else None
    return Answer(source, address, (arrived - sent + left - received) / 2, distance, problem)


def alternating(infos: list[AddressInfo], limit: int) -> list[AddressInfo]:
    """The first addresses of a host, of each family in turn: where one has no route, the other answers."""
    ranked = [(sum(info[0] == other[0] for other in infos[:place]), place) for place, info in enumerate(infos)]
    return [infos[place] for _, place in sorted(ranked)[:limit]]


class Question:
    """What is asked of one address; `answer` is the Answer, or None until there is one."""

    def __init__(self, source: str, info: AddressInfo, limit: int) -> None:
        self.source, self.info, self.address, self.limit = source, info, info[4][0], limit
        self.problem = "no answer on UDP %d" % info[4][1]
        self.sock: Any = None
        self.answer: Answer | None = None
        self.again = 0.0
        self.sent: dict[bytes, float] = {}

    def send(self) -> None:
        """Ask, with a random transmit timestamp, which the answer must repeat. A lost packet is repeated in 1 s."""
        nonce, self.again = os.urandom(8), time.monotonic() + 1
        try:
            if self.sock is None:
                self.sock = socket.socket(*self.info[:3])  # fails where the kernel lacks the family
            self.sock.connect(self.info[4])
            self.sent[nonce] = raw_time()
            self.sock.send(b"\x23" + bytes(39) + nonce)  # version 4, mode 3
        except OSError as error:
            self.fail(error)

    def receive(self) -> None:
        try:
            packet = self.sock.recv(512)
        except OSError as error:
            self.fail(error)
        else:
            self.answer = self.read(packet, raw_time())

    def read(self, packet: bytes, received: float) -> Answer | None:
        recent = {nonce: sent for nonce, sent in self.sent.items() if received - sent <= ANSWER_TIME}
        return read_answer(self.source, self.address, packet, recent, received, self.limit)

    def fail(self, error: OSError) -> None:
        self.problem = "no answer on UDP %d (%s)" % (self.info[4][1], error.strerror)
        self.again = time.monotonic() + 0.5

    def result(self) -> Answer:
        return self.answer or Answer(self.source, self.address, 0, 0, self.problem)


class NtpClient:
    """Asks sources. The cache belongs to the caller. `limit` is the lowest stratum that is no answer."""

    limit = 16

    def ask(
        self,
        sources: list[Source],
        seconds: float,
        cache: Cache,
        lifetime: float,
        is_enough: Callable[[list[Answer]], bool] | None = None,
    ) -> list[Answer]:
        """The answers of all sources: for each address an answer, or why there is none.

        Once the answers are enough, the others have half a second left. Sources in `cache` are not asked. A server that
        refuses is added to it, and for `lifetime` seconds also one that is not the cluster's own: public servers do not
        want to be asked every minute.
        """
        now = time.monotonic()
        for host in [host for host in cache if cache[host][0] < now]:
            del cache[host]
        kept = [answer for _, rows in cache.values() for answer in rows]
        asked = [source for source in sources if source["host"] not in cache]
        answers = self.ask_all(asked, now + seconds, lambda rows: bool(is_enough and is_enough(kept + rows)))
        for source in asked:
            rows = [answer for answer in answers if answer.source == source["host"]]
            if any((row.problem or "").startswith("answer refused") for row in rows):
                cache[source["host"]] = now + REFUSED, rows
            elif lifetime and not source.get("own") and not all(row.problem for row in rows):
                cache[source["host"]] = now + lifetime, rows
        return kept + answers

    def ask_all(self, sources: list[Source], end: float, is_enough: Callable[[list[Answer]], bool]) -> list[Answer]:
        """Resolve names in threads, which may take longer than until `end`, and ask what they resolve to."""
        found: list[tuple[Source, list[AddressInfo]]] = []
        problems = {source["host"]: "name does not resolve (no answer from DNS)" for source in sources}
        for source in sources:
            start_thread(self.resolve, source, end, found, problems)
        questions: list[Question] = []
        answered = resolved = 0
        while time.monotonic() < end:
            for source, infos in found[resolved:]:
                resolved += 1
                limit = max(4, source.get("count", 1))
                questions += [Question(source["host"], info, self.limit) for info in alternating(infos, limit)]
            self.exchange([question for question in questions if not question.answer])
            now_answered = sum(question.answer is not None for question in questions)
            if resolved == len(sources) and now_answered == len(questions):
                break
            if now_answered > answered and is_enough(self.results(questions, problems)):
                end = min(end, time.monotonic() + 0.5)
            answered = now_answered
        for question in questions:
            if question.sock:
                question.sock.close()
        return self.results(questions, problems)

    def exchange(self, questions: list[Question]) -> None:
        """Send what is due, and wait a moment for answers."""
        for question in questions:
            if question.again <= time.monotonic():
                question.send()
        by_socket = {question.sock: question for question in questions if question.sock}
        for sock in select.select(list(by_socket), [], [], 0.02)[0]:
            by_socket[sock].receive()

    def results(self, questions: list[Question], problems: dict[str, str]) -> list[Answer]:
        """An Answer for each question, and one for each host without any."""
        answers = [question.result() for question in questions]
        hosts = {answer.source for answer in answers}
        return answers + [Answer(host, None, 0, 0, problems[host]) for host in problems if host not in hosts]

    def resolve(
        self, source: Source, end: float, found: list[tuple[Source, list[AddressInfo]]], problems: dict[str, str]
    ) -> None:
        """Add the addresses of a host to `found`, or say in `problems` why there are none."""
        while time.monotonic() < end:
            try:
                infos = socket.getaddrinfo(source["host"], source.get("port", 123), 0, socket.SOCK_DGRAM)
            except OSError as error:
                problems[source["host"]] = "name does not resolve (%s)" % error.strerror
                time.sleep(0.2)
            else:
                found.append((source, infos))
                return
