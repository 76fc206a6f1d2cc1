"""A server's rate limit, on a real chronyd: a booting client is never refused, a flood is."""

from bench.serve.__main__ import ask, asking_sockets, chronyd, product
from timepolicy.reports.capacity import BOOT_REQUESTS


def test_a_booting_client_is_never_refused_and_a_flood_is() -> None:
    with chronyd(product()), asking_sockets() as sockets:
        assert sum(ask(sockets[:1]) for _ in range(max(BOOT_REQUESTS.values()))) == max(BOOT_REQUESTS.values())
        assert sum(ask(sockets[:1]) for _ in range(200)) < 100, "but for the leak, by default one answer of four"
        assert ask(sockets[1:50]) == 49, "others are answered all the while"
