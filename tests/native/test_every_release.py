"""The examples, compiled for every release, checked by the programs that read them; equal contents are checked once."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, SERVER_EXAMPLE, agent_plan_of, included_from
from tests.helpers.cloud_init import assert_accepted
from tests.helpers.install_root import write_unit_tree
from tests.helpers.programs import need, run
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.formats import FORMATS
from timepolicy.plan.files import File
from timepolicy.plan.types import AgentPlan
from timepolicy.policy.role import Role

PLANS = {key: agent_plan_of(EXAMPLE.read_text(), key) for key in AGENT_RELEASES}
PLANS |= {f"{key}-server": agent_plan_of(SERVER_EXAMPLE.read_text(), key, Role.SERVER) for key in AGENT_RELEASES}


def units(plan: AgentPlan) -> tuple[File, ...]:
    return tuple(file for file in plan.files if "/systemd/system/" in file.path)


def each(kind: str, contents: Callable[[AgentPlan], Iterable[object]]) -> pytest.MarkDecorator:
    """Run a test for each different content, with the key of the first plan that has it as the id."""
    first: dict[object, str] = {}
    for key, plan in PLANS.items():
        for content in contents(plan):
            first.setdefault(content, key)
    return pytest.mark.parametrize(kind, first, ids=list(first.values()))


def test_cloud_init_accepts_the_documents(tmp_path: Path) -> None:
    documents = {FORMATS["cloud-config"].render(plan) for plan in PLANS.values()}
    assert len(documents) == len(PLANS)
    assert_accepted(documents, tmp_path)


def test_a_plan_has_a_chrony_configuration_where_it_has_chrony() -> None:
    configured = {key for key, plan in PLANS.items() if any(file.path.endswith("chrony.conf") for file in plan.files)}
    assert configured == {
        key for key, plan in PLANS.items() if "chrony" in [daemon.name for daemon in plan.contract.daemons]
    }
    assert {"debian-12", "debian-12-server"} <= configured


@each("content", lambda plan: [file.content for file in plan.files if file.path.endswith("chrony.conf")])
def test_chronyd_accepts_a_configuration(content: str, tmp_path: Path) -> None:
    (tmp_path / "chrony.conf").write_text(included_from(tmp_path, content))
    done = run([need("chronyd"), "-p", "-f", tmp_path / "chrony.conf"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rtcsync" in done.stdout


@each("files", lambda plan: [units(plan)])
def test_systemd_accepts_the_units(files: tuple[File, ...], tmp_path: Path) -> None:
    plan = next(plan for plan in PLANS.values() if units(plan) == files)
    write_unit_tree(plan, tmp_path)
    names = [Path(file.path).name for file in files if file.path.endswith((".service", ".timer"))]
    gated = [str(unit) for unit in plan.contract.gate.units]
    common = [need("systemd-analyze"), "verify", f"--root={tmp_path}", "--man=no"]
    done = run([*common, "--recursive-errors=no", *names, *gated])
    assert done.returncode == 0, done.stderr
    done = run([*common, *names, *gated])
    assert "ordering cycle" not in done.stderr, done.stderr


@each("script", lambda plan: [file.content for file in plan.files if file.content.startswith("#!/bin/sh")])
def test_shellcheck_accepts_what_a_shell_runs(script: str) -> None:
    done = run([need("shellcheck"), "-"], script)
    assert done.returncode == 0, done.stdout
