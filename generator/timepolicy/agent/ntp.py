"""Asking NTP servers (RFC 5905, client mode), all of them at once."""

import os
import select
import socket
import struct
import time
from collections import namedtuple
from typing import Any

from timepolicy.agent.shapes import AddressInfo, Cache, Report, Source
from timepolicy.agent.system import start_thread

REFUSED = 64  # seconds for which a server that refuses is not asked again
ERA = 2**64  # NTP timestamps wrap around in 2036, after 2**32 seconds; their unit is 2**-32 s

# source: the host as the policy names it; address: the one that answered
# epoch: the source's time minus CLOCK_MONOTONIC, so that a step of our clock does not change it
# distance: the root distance, which bounds the error of that (RFC 5905, section 11.2)
# Both are in seconds, and 0 where problem says why they are unknown.
Answer = namedtuple("Answer", "source address epoch distance problem")


def unix_time(timestamp: int) -> float:
    """An NTP timestamp in Unix seconds. One before 2020 is of the next era (RFC 5905, section 6)."""
    return (timestamp + (timestamp < 3786825600 << 32) * ERA) / 2**32 - 2208988800


class NtpClient:
    """Asks sources. The cache belongs to the caller."""

    def ask(self, sources: list[Source], seconds: float, cache: Cache, lifetime: float) -> list[Answer]:
        """The answers of all sources. Once a majority has answered, the others have half a second left.

        Sources in `cache` are not asked. A server that refuses is added to it, and for `lifetime` seconds also one that
        is not the cluster's own: public servers do not want to be asked every minute.
        """
        now = time.monotonic()
        end, late = now + seconds, "name does not resolve (no answer from DNS)"
        for host in [host for host in cache if cache[host][0] < now]:
            del cache[host]
        answers = [answer for _, rows in cache.values() for answer in rows]
        asked = [source for source in sources if source["host"] not in cache]
        expected = {source["host"]: 1 for source in asked}
        known = sum(not answer.problem for answer in answers)
        for source in asked:
            start_thread(self.ask_source, source, expected, end - 0.6, answers.append)
        while time.monotonic() < end:
            good, total = sum(not answer.problem for answer in answers), known + sum(expected.values())
            if good >= total:
                break
            if good * 2 > total:
                end, late = min(end, time.monotonic() + 0.5), "no answer in time"
            time.sleep(0.01)
        for source in asked:
            host = source["host"]
            rows = [answer for answer in answers if answer.source == host]
            if any("refused" in (row.problem or "") for row in rows):
                cache[host] = now + REFUSED, rows
            elif lifetime and not source.get("own") and not all(row.problem for row in rows):
                cache[host] = now + lifetime, rows
            elif not rows:
                answers.append(Answer(host, None, 0, 0, late))
        return answers

    def ask_source(self, source: Source, expected: dict[str, int], deadline: float, report: Report) -> Any:
        """Resolve a name, which may take longer than the deadline, and ask its first four addresses."""
        host, problem = source["host"], ""
        while time.monotonic() < deadline:
            try:
                infos = socket.getaddrinfo(host, source.get("port", 123), 0, socket.SOCK_DGRAM)[:4]
                expected[host] = min(source.get("count", 1), len(infos))
                return [start_thread(self.ask_address, host, info, deadline, report) for info in infos]
            except OSError as error:
                problem = "name does not resolve (%s)" % error.strerror
                time.sleep(0.2)
        return report(Answer(host, None, 0, 0, problem or "name does not resolve"))

    def ask_address(self, source: str, info: AddressInfo, deadline: float, report: Report) -> None:
        """Ask each second until one answer is valid; `report` gets it, or why there is none."""
        family, kind, protocol, _, address = info
        problem = "no answer on UDP %d" % address[1]
        with socket.socket(family, kind, protocol) as sock:
            while time.monotonic() < deadline:
                nonce, sent = os.urandom(8), time.monotonic()
                try:
                    sock.connect(address)
                    # version 4, mode 3; the transmit timestamp is random: the answer must repeat it
                    sock.send(b"\x23" + bytes(39) + nonce)
                    while select.select([sock], [], [], max(0, min(deadline, sent + 1) - time.monotonic()))[0]:
                        answer = self.read_answer(source, address[0], sock.recv(512), nonce, sent, time.monotonic())
                        if answer:
                            return report(answer)
                except OSError as error:
                    problem = "no answer on UDP %d (%s)" % (address[1], error.strerror)
                    time.sleep(0.5)
        return report(Answer(source, address[0], 0, 0, problem))

    def read_answer(
        self, source: str, address: str, packet: bytes, nonce: bytes, sent: float, received: float
    ) -> Answer | None:
        """The Answer in a packet (RFC 5905, section 7.3); None if it does not answer this question."""
        if len(packet) < 48 or packet[24:32] != nonce or packet[0] & 7 != 4:
            return None
        leap, stratum = packet[0] >> 6, packet[1]
        # a kiss-o'-death (section 7.4); chronyd without time answers with stratum 0 too, but with no code
        if stratum == 0 and any(packet[12:16]):
            return Answer(source, address, 0, 0, "answer refused (%s)" % packet[12:16].decode("ascii", "replace"))
        if leap == 3 or not 0 < stratum < 16 or not any(packet[40:48]):
            return Answer(source, address, 0, 0, "answered, but unsynchronised (stratum %d, leap %d)" % (stratum, leap))
        delay, dispersion = struct.unpack("!II", packet[4:12])  # of the server's own source, in 2**-16 s
        arrived, left = (unix_time(timestamp) for timestamp in struct.unpack("!QQ", packet[32:48]))
        distance = abs(received - sent - left + arrived) / 2 + (delay / 2 + dispersion) / 65536
        problem = "root distance of %.1f s is too large" % distance if distance > 3 else None
        return Answer(source, address, (arrived - sent + left - received) / 2, distance, problem)
