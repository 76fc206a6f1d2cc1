"""Runs a cluster: its guests side by side in one world, act by act."""

import logging
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.boot.lab.cluster import Act, Cluster
from tests.boot.lab.expectations import broken_expectations, repeated, unmet_steps
from tests.boot.lab.guest import Boot, Machine
from tests.boot.lab.image import ensure_image
from tests.boot.lab.measure import measure
from tests.boot.lab.prepared_image import prepared_image
from tests.boot.lab.result import BootResult
from tests.boot.lab.run import Watch
from tests.boot.lab.scenario import BootPlan, Run
from tests.boot.lab.user_data import render_user_data
from tests.boot.lab.world import World

log = logging.getLogger("bootlab")


@dataclass
class NodeBoot:
    """One boot of one node: what it showed, and what was not as expected, in it or in later steps."""

    node: str
    number: int
    result: BootResult
    broken: list[str] = field(default_factory=list)


@dataclass
class _Running:
    """A node that is on."""

    watch: Watch
    seen: NodeBoot
    stack: ExitStack


def run_cluster(cluster: Cluster, results: Path) -> list[NodeBoot]:
    """Run the acts of the cluster; console logs and results stay in `results`."""
    results.mkdir(parents=True, exist_ok=True)
    log.info("%s: images, seeds and world", cluster.run_name)
    with (
        tempfile.TemporaryDirectory(prefix="tplab-") as folder,
        World(cluster.world, Path(folder)) as world,
        # QEMU ends with the thread that started it (prctl(2), PR_SET_PDEATHSIG), so threads outlive their boots
        ThreadPoolExecutor(len(cluster.nodes)) as threads,
    ):
        stage = _Stage(cluster, world, _machines(cluster, world, Path(folder), results), threads)
        try:
            for act in cluster.acts:
                stage.play(act)
        finally:
            stage.power_off(list(stage.running), in_order=False)
    for seen in stage.seen:
        seen.result.write(results / f"clusters.{cluster.name}.{seen.node}.boot-{seen.number}.json")
    return stage.seen


def _machines(cluster: Cluster, world: World, folder: Path, results: Path) -> dict[str, Machine]:
    machines = {}
    for node in cluster.nodes.values():
        console = results / f"clusters.{cluster.name}.{node.name}.console.log"
        console.unlink(missing_ok=True)
        own = folder / node.name
        own.mkdir()
        prepared = cluster.image
        image = prepared_image(prepared, node.guest, world.network, folder) if prepared else ensure_image(node.guest)
        machines[node.name] = Machine(image, world.network, own, console, node.number)
        machines[node.name].prepare(render_user_data(node.policy, node.guest, role=node.role))
    return machines


class _Stage:
    """The world and the nodes that are on in it."""

    def __init__(
        self, cluster: Cluster, world: World, machines: dict[str, Machine], threads: ThreadPoolExecutor
    ) -> None:
        self._threads = threads
        self._cluster = cluster
        self._world = world
        self._machines = machines
        self.running: dict[str, _Running] = {}
        self.seen: list[NodeBoot] = []

    def play(self, act: Act) -> None:
        """Power on, all at once; do the steps; power off."""
        for running in self._threads.map(self._boot, act.power_on, act.power_on.values()):
            seen, plan = running.seen, running.watch.plan
            self.running[seen.node] = running
            seen.broken += repeated(plan, seen.result, [earlier.result for earlier in self.seen])
            self.seen.append(seen)
        for node, steps in act.steps.items():
            running = self.running[node]
            log.info("%s: steps on %s", self._cluster.run_name, node)
            running.seen.broken += unmet_steps(steps, [running.watch.do(step) for step in steps])
        self.power_off(act.power_off, in_order=True)

    def power_off(self, nodes: list[str], *, in_order: bool) -> None:
        """Power off as a reboot does, or at once."""
        for node in nodes:
            running = self.running.pop(node)
            if in_order:
                running.watch.boot.shut_down()
            running.stack.close()

    def _boot(self, node: str, plan: BootPlan) -> _Running:
        """Power on and watch to the end of the plan; the node stays on."""
        run, machine, stack = self._cluster.run_of(node, plan), self._machines[node], ExitStack()
        (plan,) = run.scenario.boots
        log.info("%s: power on %s, hardware clock %s", self._cluster.run_name, node, plan.clock)
        try:
            boot = stack.enter_context(Boot(machine, plan.clock_at_power_on()))
            watch = Watch(run, plan, self._world, boot)
            return _Running(watch, self._judged(node, run, watch), stack)
        except BaseException:
            stack.close()
            raise

    def _judged(self, node: str, run: Run, watch: Watch) -> NodeBoot:
        seen = replace(watch.to_the_end(), console=str(self._machines[node].console))
        result = measure(run, watch.plan, self._world.ntp, seen)
        number = 1 + sum(earlier.node == node for earlier in self.seen)
        return NodeBoot(node, number, result, broken_expectations(watch.plan, result))


def all_broken(seen: list[NodeBoot]) -> Iterator[str]:
    """List everything that was not as expected, with the node's name."""
    for boot in seen:
        for sentence in boot.broken:
            yield f"{boot.node}, boot {boot.number}: {sentence}"
