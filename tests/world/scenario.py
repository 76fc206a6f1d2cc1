"""A simulated node from a row of text."""

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

from tests.world import world as simulation
from tests.world.network import Server
from tests.world.programs import unit
from tests.world.world import World

CHRONY = {
    "name": "chrony",
    "unit": "chrony.service",
    "drift_file": "/var/lib/chrony/drift",
    "install": "install-chrony",
}
CONFIGURATION = "server 10.0.0.1 iburst\n"
TIMESYNCD = {
    "name": "systemd-timesyncd",
    "unit": "systemd-timesyncd.service",
    "drift_file": "",
    "install": "install-timesyncd",
}
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
            "min_sources": 1,
            "daemons": [CHRONY],
            "step": {"threshold": 0.1, "when": "pause"},
            "digest": "0123456789abcdef",
            **changes,
            "gate": {"units": ["kubelet.service"], "max_offset": 0.1, "timeout": 600.0, **changes.get("gate", {})},
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
    if row.get("has", "chrony") != "none":
        world.units[f"{row.get('has', 'chrony')}.service"] = unit()
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


def booted(root: Path, kind: str = "client", *, seconds: float = 60, **row: Any) -> World:
    """A node whose policy is applied, and whose gate has then run for some seconds."""
    world = world_of(row, root)
    world.run(kind, "apply", seconds=200)
    world.run(kind, "gate", seconds=seconds)
    return world
