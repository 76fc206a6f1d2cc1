"""systemd and gated units that the gate itself depends on: the reason for rule TP086."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE
from tests.helpers.programs import need, run
from timepolicy.compiler import read_policy
from timepolicy.distros import catalogue
from timepolicy.facts.boot_units import NEEDED_BY_THE_GATE
from timepolicy.plan.planner import plan_node
from timepolicy.policy.build import build_policy
from timepolicy.policy.model import Policy
from timepolicy.policy.role import Role
from timepolicy.source import Source
from timepolicy.tokens import UnitName

UNITS = Path("usr/lib/systemd/system")


def policy_gating(unit: str) -> Policy:
    """The example with one gated unit, without the rule that would refuse it."""
    document = read_policy(Source.decode("policy.yaml", EXAMPLE.read_bytes())).value
    assert document is not None
    policy = build_policy(document, Role.CLIENT)
    return replace(policy, gate=replace(policy.gate, units=(UnitName(unit),)))


def verdict(unit: str, root: Path) -> str:
    """The output of `systemd-analyze verify` for this machine's units with `unit` gated."""
    analyze, release = need("systemd-analyze"), catalogue.find("debian-12")
    assert release is not None
    plan = plan_node(policy_gating(unit), release).value
    assert plan is not None
    shutil.copytree(Path("/") / UNITS, root / UNITS, symlinks=True)
    if not (root / UNITS / unit).exists():
        (root / UNITS / unit).write_text("[Service]\nExecStart=/bin/true\n")
    for file in plan.files:
        if "/systemd/system/" in file.path:
            path = root / file.path[1:]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.content)
    started = ["timepolicy-apply.service", "timepolicy-gate.service", "multi-user.target"]
    return run([analyze, "verify", f"--root={root}", "--man=no", *started, unit]).stderr


@pytest.mark.parametrize("unit", ["systemd-remount-fs.service", "timepolicy-apply.service"])
def test_systemd_finds_a_cycle(unit: str, tmp_path: Path) -> None:
    assert unit in NEEDED_BY_THE_GATE
    assert "ordering cycle" in verdict(unit, tmp_path)


@pytest.mark.parametrize("unit", ["kubelet.service", "containerd.service", "k3s.service"])
def test_systemd_finds_no_cycle_for_usual_units(unit: str, tmp_path: Path) -> None:
    assert "ordering cycle" not in verdict(unit, tmp_path)
