"""Scenarios: what the world does to a guest and what must be seen, one YAML file each.

README.md describes every key. An unknown key is an error, so that no expectation is lost by a
slip of the pen.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.boot.lab.image import CLIENTS, DISTROS, GuestKind
from tests.boot.lab.record import record
from tests.boot.lab.world import WorldPlan
from tests.boot.lab.world_plan import read_world

SCENARIOS = Path(__file__).parents[1] / "scenarios"
DEFAULT_POLICY = "tests/boot/policies/cluster.yaml"
YEARS_BACK = "2020-01-01T00:00:00"
GATED = ("containerd", "kubelet")
GUESTS = [GuestKind(suite, client) for suite in DISTROS for client in CLIENTS]


@dataclass(frozen=True)
class PreparedImage:
    """Changes to the image before the first boot: a tree is installed into it, or Packer builds another from it."""

    policy: str
    by: str = "rootfs"
    sealed: bool = False

    def __post_init__(self) -> None:
        """Refuse what makes no image."""
        if self.by not in ("rootfs", "packer"):
            raise ValueError(f"nothing makes an image by {self.by!r}")


@dataclass(frozen=True)
class WhileBlocked:
    """Commands to run in the guest so long after its first NTP packet, while it must be blocked."""

    after_s: float
    run: list[str]


@dataclass(frozen=True)
class CutPower:
    """When the power fails: as soon as a file is there, or so long after the guest's first NTP packet."""

    file: str | None = None
    after_packet_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no moment, or two."""
        if (self.file is None) == (self.after_packet_s is None):
            raise ValueError("the power is cut at one moment: file or after_packet_s")


@dataclass(frozen=True)
class Until:
    """What ends the observation; all of it must hold, or the deadline pass."""

    started: list[str] = field(default_factory=lambda: list(GATED))
    files: list[str] = field(default_factory=list)
    clock_right: bool = True
    deadline_s: float = 400.0


@dataclass(frozen=True)
class Blocked:
    """What must be seen while the node is blocked."""

    not_started: list[str] = field(default_factory=lambda: list(GATED))
    output_has: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One thing to do at the end of a boot, and what must be seen then.

    The world changes first, then the machine is paused, then a command runs in the guest: again and again for
    `within_s`, until its output and its status are as they must be.
    """

    run: str = "true"
    has: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    status: int | None = None
    within_s: float = 0.0
    servers: dict[str, Any] = field(default_factory=dict)
    pause_s: float = 0.0
    apply_policy: str = ""
    install_policy: str = ""
    unlike_before: bool = False
    clock_right_within_s: float | None = None


@dataclass(frozen=True)
class Expectation:
    """The expectations at the end of a boot; None is not checked."""

    started_right: list[str] = field(default_factory=lambda: list(GATED))
    started_after_answers_within_s: float | None = None
    blocked: Blocked | None = None
    clock_right_at_end: bool | None = True
    failed_units: list[str] | None = field(default_factory=list)
    verdict: str | None = "pass"
    one_daemon: bool = True
    login: bool = True
    sealed: bool = False


@dataclass(frozen=True)
class BootPlan:
    """One power-on: the hardware clock, the policy in the seed, and what is to be seen."""

    clock: str = YEARS_BACK
    clone_of: int | None = None
    policy: str | None = DEFAULT_POLICY
    form: str = "cloud-config"
    cloud_config: dict[str, Any] = field(default_factory=dict)
    cut_power: CutPower | None = None
    while_blocked: WhileBlocked | None = None
    until: Until = field(default_factory=Until)
    afterwards: list[Step] = field(default_factory=list)
    expect: Expectation = field(default_factory=Expectation)

    def clock_at_power_on(self) -> datetime:
        """Compute what the hardware clock shows when the power comes on."""
        return read_clock(self.clock)


@dataclass(frozen=True)
class Scenario:
    """A world, the guests that it happens to, and one boot or several of the same disk."""

    name: str
    core: list[str]
    not_applicable: dict[str, str]
    world: WorldPlan
    boots: list[BootPlan]
    image: PreparedImage | None = None

    def runs(self) -> "list[Run]":
        """List the guests that this happens to."""
        return [Run(self, guest) for guest in GUESTS if self.why_not(guest) is None]

    def why_not(self, guest: GuestKind) -> str | None:
        """Say why this does not apply to a guest; None when it does."""
        keys = (guest.suite, guest.client, str(guest))
        return next((reason for key, reason in self.not_applicable.items() if key in keys), None)


@dataclass(frozen=True)
class Run:
    """A scenario with one guest."""

    scenario: Scenario
    guest: GuestKind

    @property
    def name(self) -> str:
        """The name on the command line: scenario/suite/client."""
        return f"{self.scenario.name}/{self.guest}"

    @property
    def core(self) -> bool:
        """Whether it runs in CI."""
        return str(self.guest) in self.scenario.core


def scenario_names() -> list[str]:
    """List every scenario there is."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def all_scenarios() -> list[Scenario]:
    """Read every scenario."""
    return [load_scenario(name) for name in scenario_names()]


def all_runs() -> list[Run]:
    """List every scenario with each of its guests."""
    return [run for scenario in all_scenarios() for run in scenario.runs()]


def load_scenario(name: str, folder: Path = SCENARIOS) -> Scenario:
    """Read one scenario."""
    path = folder / f"{name}.yaml"
    try:
        return _scenario(name, yaml.safe_load(path.read_text()) or {})
    except (TypeError, ValueError, KeyError) as error:
        raise ValueError(f"{path}: {error}") from error


def read_clock(text: str) -> datetime:
    """Read `now`, `now+3650d`, `now-2d` or a date and time of day (UTC)."""
    if not text.startswith("now"):
        return datetime.fromisoformat(text)
    days = float(text.removeprefix("now").removesuffix("d") or 0)
    return datetime.now(UTC) + timedelta(days=days)


def _scenario(name: str, raw: dict[str, Any]) -> Scenario:
    boots = raw.pop("boots", [{}])
    scenario = {
        "name": name,
        "core": raw.pop("core", []),
        "not_applicable": raw.pop("not_applicable", {}),
        "world": read_world(raw.pop("world", {})),
        "image": record(PreparedImage, image) if (image := raw.pop("image", None)) else None,
    }
    read = Scenario(**scenario, boots=[read_boot({**raw, **boot}) for boot in boots])
    _check_guests(read)
    _check_clones(read)
    return read


def _check_guests(scenario: Scenario) -> None:
    if unknown := {*scenario.not_applicable} - {*map(str, GUESTS), *DISTROS, *CLIENTS}:
        raise ValueError(f"not_applicable names no guest: {', '.join(sorted(unknown))}")
    if not all(scenario.not_applicable.values()):
        raise ValueError(f"not_applicable gives no reason: {scenario.not_applicable}")
    if unknown := {*scenario.core} - {str(run.guest) for run in scenario.runs()}:
        raise ValueError(f"core names no guest of this scenario: {', '.join(sorted(unknown))}")


def _check_clones(scenario: Scenario) -> None:
    """A disk that others are copied from must not change any more: the boot after it has to be of another machine."""
    for number, original in enumerate(plan.clone_of for plan in scenario.boots):
        if original and not (original <= number and scenario.boots[original].clone_of is not None):
            raise ValueError(f"boot {number + 1} cannot be a clone of what boot {original} left")


def read_boot(raw: dict[str, Any]) -> BootPlan:
    """Read the keys of one boot."""
    values = dict(raw)
    if "while_blocked" in values:
        values["while_blocked"] = record(WhileBlocked, values["while_blocked"])
    if "cut_power" in values:
        values["cut_power"] = record(CutPower, values["cut_power"])
    if "until" in values:
        values["until"] = record(Until, values["until"])
    if "expect" in values:
        values["expect"] = _expectation(dict(values["expect"]))
    values["afterwards"] = [record(Step, step) for step in values.get("afterwards", [])]
    return record(BootPlan, values)


def _expectation(raw: dict[str, Any]) -> Expectation:
    if "blocked" in raw:
        raw["blocked"] = record(Blocked, raw["blocked"])
    return record(Expectation, raw)
