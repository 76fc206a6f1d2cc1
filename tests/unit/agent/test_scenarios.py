"""The agent in a simulated node: tests/world/scenarios.yaml, row by row."""

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.cases import ROOT
from tests.world import world as simulation
from tests.world.network import Server
from tests.world.programs import unit
from tests.world.world import World

SCENARIOS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "tests/world/scenarios.yaml").read_text())
CHRONY = {
    "name": "chrony",
    "unit": "chrony.service",
    "drift_file": "/var/lib/chrony/drift",
    "install": "install-chrony",
}
CONFIGURATION = "server 10.0.0.1 iburst\n"
STATE, RECORD = "/run/timepolicy/gate.json", "/var/lib/timepolicy/hardware-clock.json"


def contract(row: dict[str, Any]) -> str:
    """The contract of a client with four sources, and what the row changes in it."""
    changes = row.get("contract", {})
    return json.dumps(
        {
            "policy": "test",
            "release": "debian-12",
            "role": "client",
            "timezone": "UTC",
            "tzdata": "tzdata",
            "sources": row.get("sources", [{"host": f"10.0.0.{number}"} for number in range(1, 5)]),
            "min_sources": changes.get("min_sources", 1),
            "daemons": changes.get("daemons", [CHRONY]),
            "step": changes.get("step", {"threshold": 0.1, "when": "pause"}),
            "gate": {"units": ["kubelet.service"], "max_offset": 0.1, "timeout": 600.0, **changes.get("gate", {})},
            "digest": "0123456789abcdef",
        }
    )


def change(world: World, what: dict[str, Any]) -> None:
    for address, values in what.get("servers", {}).items():
        for key, value in values.items():
            setattr(world.servers[address], key, value)
    world.is_offline = what.get("offline", world.is_offline)
    world.leap = what.get("leap", world.leap)
    if "set_clock" in what:
        world.offset += what["set_clock"]
        world.is_synchronised = False
    world.offset += what.get("set_clock_quietly", 0)
    if "pause" in what:
        world.pause(what["pause"])
    if "foreign" in what:
        world.daemons["chrony.service"].foreign.append(what["foreign"])
    if "rewrite" in what:
        world.create(what["rewrite"], "# written by somebody else\n")
    if "kill" in what:
        world.daemons["chrony.service"].stop()


def world_of(row: dict[str, Any], root: Path) -> World:
    world = World(root, contract(row), clock=row.get("clock", 0), hardware=row.get("hardware", 0.0))
    names = row.get("names", {})
    hosts = [source["host"] for source in json.loads(contract(row))["sources"]]
    addresses = [address for host in dict.fromkeys(hosts) for address in names.get(host, [host])]
    for address in addresses:
        world.servers[address] = Server(names=[name for name, found in names.items() if address in found])
    change(world, row)
    world.hardware_stands = row.get("hardware_stands", False)
    world.may_set_clock = row.get("may_set_clock", True)
    world.daemon_hears_nothing = row.get("daemon_hears_nothing", False)
    world.families = set(row.get("families", world.families))
    world.package_manager = row.get("packages", "works")
    world.units["kubelet.service"] = unit()
    if row.get("has", "chrony") == "chrony":
        world.units["chrony.service"] = unit()
    world.daemons["chrony.service"].can_start = row.get("daemon_can_start", True)
    world.create("/etc/chrony/chrony.conf", CONFIGURATION)
    world.create(
        "/etc/timepolicy/files", f"{hashlib.sha256(CONFIGURATION.encode()).hexdigest()}  /etc/chrony/chrony.conf\n"
    )
    if "rewritten" in row:
        change(world, {"rewrite": row["rewritten"]})
    if "record" in row:
        record = {**row["record"], "time": simulation.BOOT + row["record"]["time"]}
        world.create(RECORD, json.dumps(record))
    world.plans = [(plan["at"], partial(change, world, plan)) for plan in row.get("plan", [])]
    return world


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = SCENARIOS[name]
    if "boot" in row:
        monkeypatch.setattr(simulation, "BOOT", simulation.BOOT - simulation.BOOT % 86400 + row["boot"])
    world = world_of(row, tmp_path)
    world.run("client", "apply", seconds=200)
    world.run("client", "gate", seconds=row.get("seconds", 120) - world.now)
    ready = [when for when, what in world.events if what == "ready"]
    assert (json.loads(world.read(STATE) or "{}").get("opened") if ready else None) == row["opened"], world.lines
    if ready:
        assert row.get("after", 0) <= ready[0] <= row.get("within", 1e9)
    steps = [what.replace(" stepped", "") for _, what in world.events if " stepped " in what]
    assert [rounded(step) for step in steps] == row["steps"] if "steps" in row else True
    assert abs(world.clock_error()) <= row.get("right", 1e12)
    log = "\n".join(line for _, line in world.lines)
    for text in row.get("log", []):
        assert text in log
    assert not [text for text in row.get("not_log", []) if text in log]
    for text, most in row.get("log_at_most", {}).items():
        assert log.count(text) <= most
    happened = [what for _, what in world.events]
    assert set(row.get("events", [])) <= set(happened)
    for text, most in row.get("events_at_most", {}).items():
        assert 0 < sum(text in what for what in happened) <= most
    for since, never in row.get("never_after", {}).items():
        assert not [event for event in world.events if event[0] > since and event[1] in never]
    for path in row.get("unchanged", []):
        assert world.read(path) == CONFIGURATION
    for address, most in row.get("asked_at_most", {}).items():
        assert 0 < sum(asked == address for _, asked in world.asked) <= most


def rounded(step: str) -> str:
    """A step to a tenth of a second, as rows have it: `agent +31.0`."""
    who, seconds = step.split()
    return f"{who} {round(float(seconds)):+.1f}"
