"""The agent in a simulated node: tests/world/scenarios.yaml, row by row."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.cases import ROOT
from tests.world import world as simulation
from tests.world.scenario import CONFIGURATION, STATE, world_of

SCENARIOS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "tests/world/scenarios.yaml").read_text())


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
