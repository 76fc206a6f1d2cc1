"""The agent measures NTP servers that are right, wrong or silent, in a network namespace."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.boot.lab.network import BRIDGE, Network
from tests.boot.lab.ntp_server import Behaviour, Course, NtpServers
from tests.helpers.nodes import TOLERANCE_S
from tests.helpers.programs import need, need_root, run
from timepolicy.agent.client import Client

A, B, C = "10.2.12.11", "10.2.12.12", "10.2.12.13"
YEARS = 6 * 365 * 86400.0
MONTHS = 150 * 86400.0
TRUE, SILENT, AHEAD = Behaviour(), Behaviour(silent=True), Behaviour(offset_s=3600.5)


@contextmanager
def servers(behaviours: dict[str, Behaviour]) -> Iterator[Network]:
    need("ip")
    need_root()
    with Network(list(behaviours)) as network:
        running = NtpServers({address: Course(((0.0, how),)) for address, how in behaviours.items()})
        running.start(network.inside)
        try:
            yield network
        finally:
            running.stop()


def measure(behaviours: dict[str, Behaviour], hosts: list[str] | None = None, **contract: Any) -> Any:
    sources = [{"host": host} for host in hosts or behaviours]
    with servers(behaviours) as network:
        return network.inside(lambda: agent(**{"sources": sources, **contract}).measure(3))


def agent(**contract: Any) -> Client:
    """An agent that only measures."""
    daemon = {"name": "chrony", "unit": "chrony.service", "drift_file": "", "install": "false"}
    return Client({"min_sources": 1, "gate": {"max_offset": 0.1}, "daemons": [daemon], **contract})


@dataclass(frozen=True)
class Row:
    """The behaviour of the servers, and the result: an offset, or parts of a problem's text."""

    behaviours: dict[str, Behaviour]
    offset: float | None = None
    problem: tuple[str, ...] = ()
    contract: dict[str, Any] = field(default_factory=dict)


ROWS = {
    "three agree": Row({A: TRUE, B: TRUE, C: TRUE}, offset=0),
    "the clock is years behind": Row({a: Behaviour(offset_s=YEARS) for a in (A, B, C)}, offset=YEARS),
    "the clock is months ahead": Row({a: Behaviour(offset_s=-MONTHS) for a in (A, B, C)}, offset=-MONTHS),
    "before the clock floor": Row({A: Behaviour(offset_s=-YEARS)}, problem=("the sources say 20", "which cannot be")),
    "15 years after it": Row({A: Behaviour(offset_s=3 * YEARS)}, problem=("the sources say 20", "which cannot be")),
    "one of three lies": Row({A: AHEAD, B: TRUE, C: TRUE}, offset=0),
    "one of three is silent": Row({A: SILENT, B: TRUE, C: TRUE}, offset=0),
    "one of three is not synchronised": Row({A: Behaviour(leap=3, stratum=16), B: TRUE, C: TRUE}, offset=0),
    "one of three refuses": Row({A: Behaviour(kiss="RATE"), B: TRUE, C: TRUE}, offset=0),
    "one is slow": Row({A: TRUE, B: TRUE, C: Behaviour(delay_s=1.0)}, offset=0),
    "one alone": Row({A: TRUE}, offset=0),
    "one alone where two must agree": Row(
        {A: TRUE}, problem=("sources that agree: 1, min_sources: 2",), contract={"min_sources": 2}
    ),
    "two disagree": Row({A: TRUE, B: AHEAD}, problem=("sources disagree", f"{B} +3600.")),
    "all are silent": Row({A: SILENT, B: SILENT}, problem=(f"{A}: no answer on UDP 123", f"{B}: no answer on UDP 123")),
    "not synchronised": Row({A: Behaviour(leap=3, stratum=16)}, problem=("unsynchronised (stratum 16, leap 3)",)),
    "kiss of death": Row({A: Behaviour(kiss="DENY")}, problem=("answer refused (DENY)",)),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_result(row: Row) -> None:
    result = measure(row.behaviours, **row.contract)
    if row.offset is None:
        assert result.offset is None
        for part in row.problem:
            assert part in result.problem
    else:
        assert result.problem is None
        assert result.offset == pytest.approx(row.offset, abs=TOLERANCE_S)


def test_a_closed_port() -> None:
    result = measure({A: TRUE}, sources=[{"host": A, "port": 11123}])
    assert f"{A}: no answer on UDP 11123 (Connection refused)" in result.problem


def test_a_name_without_a_resolver() -> None:
    result = measure({A: TRUE}, hosts=["ntp.example.invalid"])
    assert "ntp.example.invalid: name does not resolve" in result.problem


@pytest.mark.parametrize(
    ("source", "how", "asked_again"),
    [
        ({"host": A}, TRUE, False),
        ({"host": A, "own": True}, TRUE, True),
        ({"host": A}, SILENT, True),
        ({"host": A, "own": True}, Behaviour(kiss="RATE"), False),
    ],
    ids=["a public source", "the cluster's own", "a silent one", "one that refuses"],
)
def test_which_source_is_asked_again(source: dict[str, Any], how: Behaviour, asked_again: bool) -> None:
    need("ip")
    need_root()
    with Network([A]) as network:
        running = NtpServers({A: Course(((0.0, how),))})
        running.start(network.inside)
        try:
            kept: dict[str, Any] = {}
            first = network.inside(lambda: agent(sources=[source]).measure(0.8, kept, 256))
            before = len(running.packets)
            second = network.inside(lambda: agent(sources=[source]).measure(0.8, kept, 256))
            assert before >= 1
            assert (len(running.packets) > before) == asked_again
        finally:
            running.stop()
    assert second.problem == first.problem
    assert (first.offset is None) == (second.offset is None)
    if first.offset is not None:
        assert second.offset == pytest.approx(first.offset, abs=TOLERANCE_S)


@pytest.mark.parametrize("address", ["10.2.100.5/24", "fd00:2::5/64"])
def test_a_route_is_awaited(address: str) -> None:
    need("ip")
    need_root()
    with Network([]) as network:
        run(network.command("ip", "address", "flush", "dev", BRIDGE))
        program = [sys.executable, "-c", "from timepolicy.agent.node_setup import wait_for_route; wait_for_route(120)"]
        with subprocess.Popen(network.command(*program)) as waiting:
            with pytest.raises(subprocess.TimeoutExpired):
                waiting.wait(1.5)
            run(network.command("ip", "address", "add", address, "dev", BRIDGE, "nodad"))
            assert waiting.wait(5) == 0
