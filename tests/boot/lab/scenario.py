"""Scenarios: what the world does to a guest and what must be seen, one YAML file each.

README.md says every key. A key that is not known is an error, so that no expectation is lost by a
slip of the pen.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import yaml

from tests.boot.lab.image import GuestKind
from tests.boot.lab.name_service import NamePlan
from tests.boot.lab.ntp_server import Behaviour, Course
from tests.boot.lab.world import DEFAULT_NAMES, WorldPlan

SCENARIOS = Path(__file__).parents[1] / "scenarios"

_Record = TypeVar("_Record")


@dataclass(frozen=True)
class WhileBlocked:
    """Commands to run in the guest so long after its first NTP packet, while it must be blocked."""

    after_s: float
    run: list[str]


@dataclass(frozen=True)
class Until:
    """What ends the observation; all of it must hold, or the deadline pass."""

    started: list[str] = field(default_factory=lambda: ["containerd", "kubelet"])
    files: list[str] = field(default_factory=lambda: ["/run/cloud-init/result.json"])
    clock_right: bool = True
    deadline_s: float = 300.0


@dataclass(frozen=True)
class Blocked:
    """What must be seen while the node is blocked."""

    not_started: list[str]
    output_has: list[str]


@dataclass(frozen=True)
class Afterwards:
    """A command to run in the guest at the end, and words that its output must have or must not have."""

    run: str
    has: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Expectation:
    """What must be seen; what is left out is not judged."""

    started_right: list[str] = field(default_factory=list)
    started_after_answers_within_s: float | None = None
    blocked: Blocked | None = None
    clock_right_at_end: bool | None = None
    failed_units: list[str] | None = None
    verdict: str | None = None


@dataclass(frozen=True)
class Scenario:
    """One boot, or several of the same disk: the guest, its world, and what must be seen each time."""

    name: str
    core: bool
    boots: int
    guest: GuestKind
    clock: str
    policy: str | None
    world: WorldPlan
    while_blocked: WhileBlocked | None
    until: Until
    afterwards: list[Afterwards]
    expect: Expectation

    def clock_at_power_on(self) -> datetime:
        """Compute what the hardware clock shows when the power comes on."""
        return read_clock(self.clock)


def scenario_names() -> list[str]:
    """List every scenario there is."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def load_scenario(name: str, folder: Path = SCENARIOS) -> Scenario:
    """Read one scenario."""
    path = folder / f"{name}.yaml"
    try:
        return _scenario(name, yaml.safe_load(path.read_text()))
    except (TypeError, ValueError, KeyError) as error:
        raise ValueError(f"{path}: {error}") from error


def read_clock(text: str) -> datetime:
    """Read `now`, `now+3650d`, `now-2d` or a date and time of day (UTC)."""
    if not text.startswith("now"):
        return datetime.fromisoformat(text)
    days = float(text.removeprefix("now").removesuffix("d") or 0)
    return datetime.now(UTC) + timedelta(days=days)


def _scenario(name: str, raw: dict[str, Any]) -> Scenario:
    guest = dict(raw.pop("guest"))
    clock = str(guest.pop("clock"))
    blocked = raw.pop("while_blocked", None)
    scenario = Scenario(
        name=name,
        core=raw.pop("core", False),
        boots=raw.pop("boots", 1),
        guest=_record(GuestKind, guest),
        clock=clock,
        policy=raw.pop("policy", None),
        world=_world(raw.pop("world", {})),
        while_blocked=None if blocked is None else _record(WhileBlocked, blocked),
        until=_record(Until, raw.pop("until", {})),
        afterwards=[_record(Afterwards, step) for step in raw.pop("afterwards", [])],
        expect=_expectation(raw.pop("expect")),
    )
    if raw:
        raise ValueError(f"unknown: {', '.join(raw)}")
    return scenario


def _expectation(raw: dict[str, Any]) -> Expectation:
    blocked = raw.pop("blocked", None)
    expectation = _record(Expectation, raw)
    if blocked is None:
        return expectation
    return dataclasses.replace(expectation, blocked=_record(Blocked, blocked))


def _world(raw: dict[str, Any]) -> WorldPlan:
    names = NamePlan(
        names={**DEFAULT_NAMES, **raw.pop("names", {})},
        dead_s=math.inf if raw.get("dns_dead_s") == "forever" else float(raw.get("dns_dead_s", 0)),
        dhcp_ntp_servers=raw.pop("dhcp_ntp_servers", ()),
    )
    raw.pop("dns_dead_s", None)
    plan = WorldPlan(names=names)
    if "servers" in raw:
        servers = {address: _course(server or {}) for address, server in raw.pop("servers").items()}
        plan = dataclasses.replace(plan, servers=servers)
    if raw:
        raise ValueError(f"unknown in world: {', '.join(raw)}")
    return plan


def _course(raw: dict[str, Any]) -> Course:
    """Turn a server's first behaviour and its changes into steps."""
    later = raw.pop("later", [])
    silent_for_s = raw.pop("silent_for_s", 0)
    behaviour = _record(Behaviour, raw)
    steps = [(float(silent_for_s), behaviour)]
    if silent_for_s:
        steps.insert(0, (0.0, dataclasses.replace(behaviour, silent=True)))
    for change in later:
        after_s = float(change.pop("after_s"))
        behaviour = dataclasses.replace(behaviour, **change)
        steps.append((after_s, behaviour))
    return Course(tuple(steps))


def _record(kind: type[_Record], raw: Mapping[str, Any]) -> _Record:
    """Make a record of a mapping; its class refuses unknown and missing keys."""
    try:
        return kind(**raw)
    except TypeError as error:
        raise ValueError(str(error).replace("__init__()", "")) from error
