"""Clusters: several guests in one world, some of which serve time to the others, one YAML file each.

README.md says every key. A key that is not known is an error, as in scenarios.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from tests.boot.lab.guest import card
from tests.boot.lab.image import GuestKind
from tests.boot.lab.record import record
from tests.boot.lab.scenario import BootPlan, Run, Scenario, Step, read_boot
from tests.boot.lab.world import WorldPlan
from tests.boot.lab.world_plan import read_world

CLUSTERS = Path(__file__).parents[1] / "clusters"


@dataclass(frozen=True)
class Node:
    """A guest of a cluster: its place in the network, what it is made of, and the address that DHCP gives it."""

    name: str
    number: int
    guest: GuestKind
    role: str
    address: str


@dataclass(frozen=True)
class Act:
    """One thing that happens: nodes are powered on at once, then come steps on nodes, then nodes are powered off."""

    power_on: dict[str, BootPlan] = field(default_factory=dict)
    steps: dict[str, list[Step]] = field(default_factory=dict)
    power_off: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Cluster:
    """A policy, the nodes that it is compiled for, and what happens to them, in order."""

    name: str
    policy: str
    nodes: dict[str, Node]
    world: WorldPlan
    acts: list[Act]

    def run_of(self, node: str, plan: BootPlan) -> Run:
        """Return one boot of a node in the terms of a scenario."""
        scenario = Scenario(f"{self.name}, {node}", [], {}, self.world, [replace(plan, policy=self.policy)])
        return Run(scenario, self.nodes[node].guest)

    @property
    def run_name(self) -> str:
        """The name that the command line takes."""
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
    nodes = {key: _node(key, number, stated) for number, (key, stated) in enumerate(raw.pop("nodes").items())}
    world = read_world(raw.pop("world", {}))
    names = replace(world.names, leases={card(node.number): node.address for node in nodes.values()})
    cluster = Cluster(
        name=name,
        policy=raw.pop("policy"),
        nodes=nodes,
        world=replace(world, names=names, guests=len(nodes)),
        acts=[_act(stated) for stated in raw.pop("acts")],
    )
    if raw:
        raise ValueError(f"unknown: {', '.join(raw)}")
    _check_nodes(cluster)
    return cluster


def _node(name: str, number: int, raw: Mapping[str, str]) -> Node:
    suite, _, client = raw["guest"].partition("/")
    return record(Node, {**raw, "name": name, "number": number, "guest": GuestKind(suite, client)})


def _act(raw: dict[str, Any]) -> Act:
    stated = {
        "power_on": {node: read_boot(dict(plan)) for node, plan in raw.get("power_on", {}).items()},
        "steps": {node: [record(Step, step) for step in steps] for node, steps in raw.get("steps", {}).items()},
    }
    return record(Act, {**raw, **stated})


def _check_nodes(cluster: Cluster) -> None:
    for act in cluster.acts:
        if unknown := {*act.power_on, *act.steps, *act.power_off} - {*cluster.nodes}:
            raise ValueError(f"no such node: {', '.join(sorted(unknown))}")
