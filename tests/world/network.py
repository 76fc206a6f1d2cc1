"""NTP servers and names, as the sockets of a simulated node see them."""

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world.world import World

EPOCH = 2208988800
ONE_WAY_S = 0.001


@dataclass
class Server:
    """An NTP server. In seconds: `offset`, its time minus the truth; `claim`, its root dispersion; `delay`."""

    offset: float = 0.0
    claim: float = 0.002
    delay: float = 0.0
    silent: bool = False
    stratum: int = 2
    leap: int = 0
    kiss: str = ""
    forged: str = ""
    """`nonce` answers another question, `mode` with a client's mode, `zero` without a transmit timestamp."""
    names: list[str] = field(default_factory=list)


class FakeSocket:
    """A UDP socket: packets wait in `inbox` with the time of their arrival."""

    def __init__(self, world: "World", family: int, *_kind: int) -> None:
        if family not in world.families:
            raise OSError(97, "Address family not supported by protocol")
        self.world, self.address = world, ""
        self.inbox: list[tuple[float, bytes]] = []

    def __enter__(self) -> "FakeSocket":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self.inbox.clear()

    def connect(self, address: tuple[Any, ...]) -> None:
        if self.world.is_offline and address[0] not in self.world.addresses:
            raise OSError(101, "Network is unreachable")
        self.address = address[0]

    def getsockname(self) -> tuple[str, int]:
        """A packet to one's own address leaves from that address."""
        return (self.address if self.address in self.world.addresses else min(self.world.addresses), 40000)

    def sendto(self, data: bytes, _address: str) -> None:
        """A datagram to systemd: a journal entry, or that the gate is open."""
        if data == b"READY=1":
            self.world.happened("ready")

    def send(self, packet: bytes) -> None:
        self.world.asked.append((self.world.now, self.address))
        server = self.world.servers.get(self.address)
        if server is not None and not server.silent and not self.world.is_offline:
            arrival = self.world.now + 2 * ONE_WAY_S + server.delay
            self.inbox.append((arrival, answer(server, packet, self.world.truth() + ONE_WAY_S)))

    def recv(self, _size: int) -> bytes:
        return self.inbox.pop(0)[1]


def answer(server: Server, question: bytes, truth: float) -> bytes:
    """The packet with which the server answers at the right time `truth` (RFC 5905, section 7.3)."""
    mode, nonce = 4, question[40:48]
    stamp = struct.pack("!Q", int((truth + server.offset + EPOCH) * 2**32) % 2**64)
    if server.forged == "nonce":
        nonce = bytes(8)
    elif server.forged == "mode":
        mode = 3
    stratum, reference, sent = server.stratum, b"\xc0\0\2\1", stamp
    if server.forged == "zero":
        sent = bytes(8)
    leap = server.leap
    if server.kiss:
        stratum, reference, leap = 0, server.kiss.encode(), 3
    head = bytes([leap << 6 | 4 << 3 | mode, stratum, 6, 0xEC])
    return head + struct.pack("!II", 0, int(server.claim * 65536)) + reference + bytes(8) + nonce + stamp + sent
