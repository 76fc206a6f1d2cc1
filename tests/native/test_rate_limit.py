"""The rate limit of a server, with a real chronyd."""

from bench.serve.__main__ import ask, asking_sockets, chronyd, product
from timepolicy.reports.capacity import BOOT_REQUESTS


def test_a_flood_is_refused_and_a_booting_client_is_not() -> None:
    with chronyd(product()), asking_sockets() as sockets:
        assert sum(ask(sockets[:1]) for _ in range(max(BOOT_REQUESTS.values()))) == max(BOOT_REQUESTS.values())
        assert sum(ask(sockets[:1]) for _ in range(200)) < 100, "but for the leak, by default one answer of four"
        assert ask(sockets[1:50]) == 49, "others are answered all the while"
