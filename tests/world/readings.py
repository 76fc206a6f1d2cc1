"""What can be read of a simulated node: its events, its log, its report and the state of its gate."""

import json
from typing import Any

from tests.world.scenario import STATE
from tests.world.world import World

REPORT = "/run/timepolicy/report.json"


def happened(world: World) -> list[str]:
    """What the node did, in order."""
    return [what for _, what in world.events]


def log(world: World) -> str:
    """What the agent printed."""
    return "\n".join(line for _, line in world.lines)


def steps(world: World, since: float = 0) -> list[str]:
    """Who stepped the clock, and how far."""
    return [what for when, what in world.events if when > since and " stepped " in what]


def checks(world: World) -> dict[str, dict[str, str]]:
    """The checks of the last report by their names."""
    return {row["id"]: row for row in json.loads(world.read(REPORT))["checks"]}


def facts(world: World) -> dict[str, Any]:
    """The state of the gate."""
    found: dict[str, Any] = json.loads(world.read(STATE))
    return found
