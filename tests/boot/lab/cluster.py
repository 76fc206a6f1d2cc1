"""Clusters: several guests in one world, some of which serve time to the others, one YAML file each.

README.md describes every key. An unknown key is an error, as in scenarios.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from tests.boot.lab.guest import card
from tests.boot.lab.image import GuestKind
from tests.boot.lab.record import record
from tests.boot.lab.scenario import BootPlan, PreparedImage, Run, Scenario, Step, read_boot
from tests.boot.lab.world import WorldPlan
from tests.boot.lab.world_plan import read_world

CLUSTERS = Path(__file__).parents[1] / "clusters"


@dataclass(frozen=True)
class Node:
    """A guest of a cluster: its place in the network, its image, and its address from DHCP.

    Its user-data is compiled from `policy`; with None, it does not configure time.
    """

    name: str
    number: int
    guest: GuestKind
    role: str
    address: str
    policy: str | None


@dataclass(frozen=True)
class Act:
    """One thing that happens: nodes are powered on at once, then come steps on nodes, then nodes are powered off."""

    power_on: dict[str, BootPlan] = field(default_factory=dict)
    steps: dict[str, list[Step]] = field(default_factory=dict)
    power_off: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Cluster:
    """The nodes, and what happens to them, in order. With `image` all are of one kind, and use it."""

    name: str
    nodes: dict[str, Node]
    world: WorldPlan
    acts: list[Act]
    image: PreparedImage | None = None

    def run_of(self, node: str, plan: BootPlan) -> Run:
        """Return one boot of a node in the terms of a scenario."""
        guest = self.nodes[node]
        scenario = Scenario(f"{self.name}, {node}", [], {}, self.world, [replace(plan, policy=guest.policy)])
        return Run(scenario, guest.guest)

    @property
    def policies(self) -> set[str]:
        """All that is compiled for it."""
        policies = {node.policy for node in self.nodes.values()} | ({self.image.policy} if self.image else set())
        return {policy for policy in policies if policy}

    @property
    def run_name(self) -> str:
        """The name on the command line."""
        return f"clusters/{self.name}"


def all_clusters() -> list[Cluster]:
    """Read every cluster."""
    return [load_cluster(path) for path in sorted(CLUSTERS.glob("*.yaml"))]


def load_cluster(path: Path) -> Cluster:
    """Read one cluster's file."""
    try:
        return _cluster(path.stem, yaml.safe_load(path.read_text()))
    except (TypeError, ValueError, KeyError) as error:
        raise ValueError(f"{path}: {error}") from error


def _cluster(name: str, raw: dict[str, Any]) -> Cluster:
    policy, image = raw.pop("policy"), raw.pop("image", None)
    nodes = {
        key: _node(key, number, {"policy": policy, **values})
        for number, (key, values) in enumerate(raw.pop("nodes").items())
    }
    world = read_world(raw.pop("world", {}))
    names = replace(world.names, leases={card(node.number): node.address for node in nodes.values()})
    cluster = Cluster(
        name=name,
        nodes=nodes,
        world=replace(world, names=names, guests=len(nodes)),
        acts=[_act(values) for values in raw.pop("acts")],
        image=record(PreparedImage, image) if image else None,
    )
    if raw:
        raise ValueError(f"unknown: {', '.join(raw)}")
    _check_nodes(cluster)
    return cluster


def _node(name: str, number: int, raw: Mapping[str, Any]) -> Node:
    suite, _, client = raw["guest"].partition("/")
    return record(Node, {**raw, "name": name, "number": number, "guest": GuestKind(suite, client)})


def _act(raw: dict[str, Any]) -> Act:
    values = {
        "power_on": {node: read_boot(dict(plan)) for node, plan in raw.get("power_on", {}).items()},
        "steps": {node: [record(Step, step) for step in steps] for node, steps in raw.get("steps", {}).items()},
    }
    return record(Act, {**raw, **values})


def _check_nodes(cluster: Cluster) -> None:
    for act in cluster.acts:
        if unknown := {*act.power_on, *act.steps, *act.power_off} - {*cluster.nodes}:
            raise ValueError(f"no such node: {', '.join(sorted(unknown))}")
    if cluster.image and len({node.guest for node in cluster.nodes.values()}) != 1:
        raise ValueError("an image is for guests of one kind")
