"""The examples, compiled for every release, judged by the programs that will read it."""

from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, SERVER_EXAMPLE, agent_plan_of, included_from
from tests.helpers.laying import lay_out
from tests.helpers.programs import need, run
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.formats import FORMATS
from timepolicy.plan.types import AgentPlan
from timepolicy.policy.role import Role

PLANS = {key: agent_plan_of(EXAMPLE.read_text(), key) for key in AGENT_RELEASES}
PLANS |= {f"{key}-server": agent_plan_of(SERVER_EXAMPLE.read_text(), key, Role.SERVER) for key in AGENT_RELEASES}


@pytest.fixture(params=PLANS)
def plan(request: pytest.FixtureRequest) -> AgentPlan:
    return PLANS[str(request.param)]


def test_cloud_init_accepts_the_document(plan: AgentPlan, tmp_path: Path) -> None:
    document = tmp_path / "user-data"
    document.write_bytes(FORMATS["cloud-config"].render(plan))
    done = run([need("cloud-init"), "schema", "--config-file", document])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Valid" in done.stdout


def test_chronyd_accepts_its_configuration(plan: AgentPlan, tmp_path: Path) -> None:
    chronyd = need("chronyd")
    configurations = [file for file in plan.files if file.path.endswith("chrony.conf")]
    assert len(configurations) == (plan.daemon == "chrony")
    for file in configurations:
        (tmp_path / "chrony.conf").write_text(included_from(tmp_path, file.content))
        done = run([chronyd, "-p", "-f", tmp_path / "chrony.conf"])
        assert done.returncode == 0, done.stdout + done.stderr
        assert "rtcsync" in done.stdout


def test_systemd_accepts_the_units(plan: AgentPlan, tmp_path: Path) -> None:
    lay_out(plan, tmp_path)
    units = [Path(file.path).name for file in plan.files if file.path.endswith((".service", ".timer"))]
    gated = list(plan.contract.gate.units)
    common = [need("systemd-analyze"), "verify", f"--root={tmp_path}", "--man=no"]
    done = run([*common, "--recursive-errors=no", *units, *gated])
    assert done.returncode == 0, done.stderr
    done = run([*common, *units, *gated])
    assert "ordering cycle" not in done.stderr, done.stderr


def test_shellcheck_accepts_what_a_shell_runs(plan: AgentPlan) -> None:
    for file in plan.files:
        if file.content.startswith("#!/bin/sh"):
            done = run([need("shellcheck"), "-"], file.content)
            assert done.returncode == 0, done.stdout
