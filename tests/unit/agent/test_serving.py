"""What the agent does on a simulated server: whom it serves, when, and what its checks say."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.world.readings import REPORT, checks, facts, happened, log
from tests.world.scenario import world_of
from tests.world.world import World

INCLUDED = "/etc/chrony/chrony.servers"
SOURCES = [
    {"host": "10.0.9.9", "own": True},
    {"host": "10.0.9.8", "own": True},
    {"host": "10.0.0.1"},
    {"host": "10.0.0.2"},
]
SERVING = {"file": INCLUDED, "options": "iburst", "allow": ["10.0.0.0/16"], "orphan_stratum": 8}
FIREWALL = "/usr/local/sbin/timepolicy-firewall check"
UDP_123 = "  sl  local_address\n   0: 00000000:007B 00000000:0000 07\n"


def server(root: Path, serving: dict[str, Any] | None = None, **row: Any) -> World:
    """A server at 10.0.9.9, with another one at 10.0.9.8 and two upstreams."""
    contract = {"role": "server", "serving": {**SERVING, **(serving or {})}, **row.pop("contract", {})}
    world = world_of({"sources": SOURCES, "contract": contract, **row}, root)
    world.programs.outputs[FIREWALL] = "open in nftables\n"
    world.create("/proc/net/udp", UDP_123)
    return world


def booted(root: Path, serving: dict[str, Any] | None = None, *, seconds: float = 60, **row: Any) -> World:
    world = server(root, serving, **row)
    world.run("server", "apply", seconds=200)
    world.run("server", "gate", seconds=seconds)
    return world


def commands(world: World) -> list[str]:
    return [what.removeprefix("chronyc ") for _, what in world.events if what.startswith("chronyc ")]


# What it serves


def test_a_server_lists_the_others_and_leads_orphans_once_its_time_is_right(tmp_path: Path) -> None:
    world = booted(tmp_path)
    assert world.read(INCLUDED) == "server 10.0.9.8 iburst\nlocal stratum 8 orphan\n"
    assert f"made  {INCLUDED}" in world.read("/etc/timepolicy/files")


def test_a_server_does_not_lead_while_its_gate_is_closed(tmp_path: Path) -> None:
    world = server(tmp_path)
    world.run("server", "apply", seconds=200)
    assert world.read(INCLUDED) == "server 10.0.9.8 iburst\n"
    world.run("server", "gate", seconds=60)
    ready = [when for when, what in world.events if what == "ready"]
    leads = [when for when, what in world.events if what == "chronyc local stratum 8 orphan"]
    assert len(ready) == len(leads) == 1
    assert ready[0] >= leads[0]


def local_lines(world: World) -> list[str]:
    return [line for line in world.read(INCLUDED).splitlines() if line.startswith("local")]


def test_half_an_hour_after_the_last_upstream_one_server_leads_at_once(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.is_offline = True
    world.run("server", "gate", seconds=1700)
    assert local_lines(world) == ["local stratum 8 orphan"]
    world.run("server", "gate", seconds=1900)
    assert local_lines(world) == ["local stratum 8 orphan distance 0"]
    world.run("server", "gate", seconds=20_000)
    assert local_lines(world) == ["local stratum 8 orphan distance 0"]
    world.is_offline, world.programs.outputs["chronyc -c -N sources"] = False, "^,?,10.0.0.1,2,6,1,20,0,0,0"
    world.run("server", "gate", seconds=300)
    assert local_lines(world) == ["local stratum 8 orphan distance 0"], "an upstream that cannot be selected yet"
    del world.programs.outputs["chronyc -c -N sources"]
    world.run("server", "gate", seconds=120)
    assert local_lines(world) == ["local stratum 8 orphan"]
    assert [line for line in commands(world) if line.startswith("local")] == [
        *("local stratum 8 orphan", "local off", "local stratum 8 orphan distance 0"),
        *("local off", "local stratum 8 orphan"),
    ]


def test_a_chronyd_that_has_just_started_has_lost_nothing(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.programs.outputs["chronyc -c -N sources"] = "^,?,10.0.0.1,0,6,0,4294967295,0,0,0"
    world.run("server", "gate", seconds=600)
    assert local_lines(world) == ["local stratum 8 orphan"]


def test_one_upstream_that_answers_keeps_the_others_from_leading(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.programs.outputs["chronyc -c -N sources"] = "\n".join(
        ["^,*,10.0.0.1,2,6,377,20,0,0,0", "^,?,10.0.0.2,0,6,0,4294967295,0,0,0", "^,-,10.0.9.8,3,6,377,5,0,0,0"]
    )
    world.run("server", "gate", seconds=4000)
    assert local_lines(world) == ["local stratum 8 orphan"]


def test_a_daemon_that_waits_by_itself_keeps_its_line(tmp_path: Path) -> None:
    options = " distance 0 waitsynced 2100 waitunsynced 0"
    world = booted(tmp_path, {"orphan_options": options})
    world.is_offline = True
    world.run("server", "gate", seconds=5000)
    assert local_lines(world) == ["local stratum 8 orphan" + options]
    assert [line for line in commands(world) if line.startswith("local")] == ["local stratum 8 orphan" + options]


def test_it_never_asks_itself(tmp_path: Path) -> None:
    world = booted(tmp_path)
    assert {address for _, address in world.asked if address != "10.0.9.9"} == {"10.0.9.8", "10.0.0.1", "10.0.0.2"}
    assert "10.0.9.9" not in [row["source"] for row in json.loads(world.read(REPORT))["sources"]]


def test_a_clock_that_was_compared_with_nothing_is_not_served(tmp_path: Path) -> None:
    world = booted(tmp_path, offline=True, seconds=500)
    assert world.read(INCLUDED) == "server 10.0.9.8 iburst\n"
    assert "ready" not in happened(world)


def test_without_any_answer_it_leads_after_the_timeout_of_the_gate(tmp_path: Path) -> None:
    world = booted(tmp_path, offline=True, seconds=900)
    ready = [when for when, what in world.events if what == "ready"]
    assert "local stratum 8 orphan" in commands(world)
    assert 600 <= ready[0] < 620
    assert facts(world)["opened"] == "orphan"
    assert "SERVING THIS NODE'S OWN TIME: " in "\n".join(line for _, line in world.lines)


def test_without_orphan_mode_it_never_leads(tmp_path: Path) -> None:
    world = server(tmp_path, offline=True)
    contract = json.loads(world.read("/etc/timepolicy/node.json"))
    del contract["serving"]["orphan_stratum"]
    world.create("/etc/timepolicy/node.json", json.dumps(contract))
    world.run("server", "apply", seconds=200)
    world.run("server", "gate", seconds=900)
    assert world.read(INCLUDED) == "server 10.0.9.8 iburst\n"
    assert commands(world) == []
    assert "ready" not in happened(world)


def test_an_address_that_moves_to_this_node_is_no_longer_a_source(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.addresses = {"10.0.9.8"}
    world.run("server", "gate", seconds=60)
    assert world.read(INCLUDED) == "server 10.0.9.9 iburst\nlocal stratum 8 orphan\n"
    assert commands(world) == ["local stratum 8 orphan", "delete 10.0.9.8", "add server 10.0.9.9 iburst"]


def test_upstreams_that_only_follow_this_orphan_are_no_sources(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.programs.local_stratum = "8"
    world.is_offline = True
    world.run("server", "verify", seconds=60)
    assert checks(world)["upstream"]["verdict"] == "fail"
    world.programs.outputs["chronyc -c tracking"] = "7F7F0101,,8,0,0,0,0,0,0,0,0,0,0,Normal\n"
    world.is_offline = False
    for row in world.servers.values():
        row.stratum = 9
    world.run("server", "verify", seconds=60)
    assert "has no upstream either (stratum 9)" in checks(world)["offset"]["seen"]


# Its checks


def test_a_server_that_is_right_passes(tmp_path: Path) -> None:
    world = server(tmp_path, {"nts": True, "firewall": True})
    world.create("/proc/net/tcp", "  sl  local_address\n   0: 00000000:116C 00000000:0000 0A\n")
    world.run("server", "apply")
    world.run("server", "gate", seconds=60)
    assert world.run("server", "verify", seconds=60) == 0
    rows = checks(world)
    assert list(rows)[8:] == ["serving", "access", "upstream", "stratum", "command-port", "nts", "firewall"]
    assert rows["serving"]["seen"] == "10.0.9.9: answers"
    assert rows["access"]["seen"] == "allows 10.0.0.0/16"
    assert rows["upstream"]["seen"] == "10.0.0.1 10.0.0.2"
    assert rows["stratum"]["seen"] == "stratum 3, leap status Normal"
    assert rows["firewall"]["seen"] == "open in nftables"


@pytest.mark.parametrize(
    ("leap", "verdict"),
    [("Normal", "pass"), ("Insert second", "pass"), ("Delete second", "pass"), ("Not synchronised", "fail")],
)
def test_leap_status(leap: str, verdict: str, tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.programs.leap_status = leap
    world.run("server", "verify", seconds=60)
    assert checks(world)["stratum"]["verdict"] == verdict


def test_a_chronyd_that_does_not_run_fails(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.daemons["chrony.service"].stop()
    world.run("server", "verify", seconds=60)
    assert checks(world)["stratum"]["seen"] == "stratum 16, leap status not running"
    assert checks(world)["stratum"]["verdict"] == "fail"


@pytest.mark.parametrize(
    ("check", "path", "text", "seen"),
    [
        ("serving", "/proc/net/udp", "  sl  local_address\n", "10.0.9.9: answers"),
        ("command-port", "/proc/net/udp", UDP_123 + "   1: 0100007F:0143 0:0 07\n", "on this node only"),
        ("command-port", "/proc/net/udp", UDP_123 + "   1: 0909000A:0143 0:0 07\n", "on 0909000A"),
        ("command-port", "/proc/net/udp6", f"head\n   1: {'0' * 25}1000000:0143 0:0 07\n", "on this node only"),
        ("nts", "/proc/net/tcp", "  sl  local_address\n   0: 00000000:116C 00000000:0000 01\n", "closed"),
    ],
    ids=["no port", "command port on loopback", "open command port", "command port on ::1", "NTS only connected"],
)
def test_ports(check: str, path: str, text: str, seen: str, tmp_path: Path) -> None:
    world = booted(tmp_path, {"nts": True})
    world.create(path, text)
    world.run("server", "verify", seconds=60)
    assert checks(world)[check]["seen"] == seen
    assert checks(world)[check]["verdict"] == ("pass" if seen == "on this node only" else "fail")


def test_a_server_that_does_not_answer_itself_fails(tmp_path: Path) -> None:
    world = booted(tmp_path)
    world.servers["10.0.9.9"].silent = True
    world.run("server", "verify", seconds=60)
    row = checks(world)["serving"]
    assert (row["verdict"], row["seen"]) == ("fail", "10.0.9.9: no answer on UDP 123")


def test_a_network_that_chronyd_refuses_fails(tmp_path: Path) -> None:
    world = booted(tmp_path, {"allow": ["10.0.0.0/16", "fd00::/64"]})
    world.programs.outputs["chronyc accheck fd00::"] = "209 Access denied\n"
    world.run("server", "verify", seconds=60)
    row = checks(world)["access"]
    assert (row["verdict"], row["seen"]) == ("fail", "refuses fd00::/64")


def test_a_resolver_that_hangs_holds_nothing_up(tmp_path: Path) -> None:
    """What it said before counts: this server does not become a source of itself."""
    names = {"ntp-a.example.org": ["10.0.9.9"], "ntp-b.example.org": ["10.0.9.8"]}
    sources = [*({"host": name, "own": True} for name in names), *SOURCES[2:]]
    world = server(tmp_path, sources=sources, names=names)
    world.run("server", "apply", seconds=200)
    hangs_at = world.now + 60
    world.plans.append((hangs_at, lambda: setattr(world, "resolver_hangs", True)))
    world.run("server", "gate", seconds=660)
    assert world.resolver_hangs
    assert world.read(INCLUDED) == "server ntp-b.example.org iburst\nlocal stratum 8 orphan\n"
    assert json.loads(world.read(REPORT))["boottime"] > hangs_at + 500


def test_a_firewall_that_somebody_closed_fails_and_is_opened_again(tmp_path: Path) -> None:
    world = booted(tmp_path, {"firewall": True})
    world.programs.outputs[FIREWALL] = "closed in nftables\n"
    world.run("server", "gate", seconds=30)
    row = checks(world)["firewall"]
    assert (row["verdict"], row["seen"]) == ("fail", "closed in nftables")
    assert "systemctl reload-or-restart timepolicy-firewall.service" in happened(world)
    assert "the firewall was closed: opening it again" in log(world)


def test_a_firewall_that_is_closed_again_and_again_is_opened_every_ten_minutes(tmp_path: Path) -> None:
    world = booted(tmp_path, {"firewall": True})
    world.programs.outputs[FIREWALL] = "closed in iptables\n"
    world.run("server", "gate", seconds=3000)
    opened = [second for second, what in world.events if what.endswith("reload-or-restart timepolicy-firewall.service")]
    assert len(opened) == 5
    assert min(later - before for before, later in pairwise(opened)) > 600


def test_a_firewall_program_that_fails_does_not_pass(tmp_path: Path) -> None:
    world = booted(tmp_path, {"firewall": True})
    world.programs.outputs[FIREWALL] = ""
    world.run("server", "verify", seconds=60)
    row = checks(world)["firewall"]
    assert (row["verdict"], row["seen"]) == ("fail", "unknown")


def test_an_open_firewall_is_left_alone(tmp_path: Path) -> None:
    world = booted(tmp_path, {"firewall": True})
    assert "systemctl reload-or-restart timepolicy-firewall.service" not in happened(world)
    assert checks(world)["firewall"]["verdict"] == "pass"


def test_servers_without_an_upstream_pass_while_one_of_them_leads(tmp_path: Path) -> None:
    own = [{"host": "10.0.9.9", "own": True}, {"host": "10.0.9.8", "own": True}]
    world = booted(tmp_path, sources=own, offline=True, seconds=900)
    world.run("server", "verify", seconds=60)
    rows = checks(world)
    assert [rows[name]["seen"] for name in ("sources", "kernel-flag", "offset")] == [
        "no upstream; this node leads",
        "no upstream; this node leads",
        "no upstream; this node leads",
    ]
    assert rows["upstream"]["verdict"] == "pass"
