"""A policy that matches the schema compiles to well-formed files, or has a finding that says why not."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.cases import agent_plan_of, compile_text, file_of
from tests.helpers.install_root import write_unit_tree
from tests.helpers.json_schema import assert_valid
from tests.helpers.policy_strategies import POLICIES, ROLES
from tests.helpers.schema_walk import as_text
from tests.helpers.user_data import unpacked
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.formats import FORMATS
from timepolicy.plan.types import AgentPlan
from timepolicy.policy.role import Role
from timepolicy.resources import SCHEMAS


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(POLICIES, st.sampled_from(list(AGENT_RELEASES)), ROLES)
def test_a_policy_of_the_right_shape_is_compiled_or_refused(policy: dict[str, Any], release: str, role: Role) -> None:
    plan, findings = compile_text(json.dumps(policy), release, role)
    assert (plan is None) == findings.has_errors
    assert not [finding for finding in findings if finding.rule.code < "TP040"]
    if plan is not None:
        assert isinstance(plan, AgentPlan)
        document = FORMATS["cloud-config"].render(plan)
        assert document == FORMATS["cloud-config"].render(plan)
        script = unpacked(yaml.safe_load(document)["bootcmd"][0])
        for file in plan.files:
            assert file.packed or f" <<'EOF'\n{file.content}EOF\n" in script
            assert file.path.replace("/etc/systemd/system", "$units") in script
        contract = json.loads(file_of(plan, "/etc/timepolicy/node.json"))
        assert contract == plan.contract.to_data()
        assert_valid(contract, SCHEMAS / "contract.schema.json")


@pytest.mark.parametrize("unit", ["a:b.service", "a@b:c.service", "a" * 245 + ".service"], ids=len)
def test_a_unit_of_any_name_has_its_drop_in(unit: str, tmp_path: Path) -> None:
    """A folder's name has 255 bytes at most, and .d is a part of it."""
    policy = {"timezone": "UTC", "upstreams": ["ntp.example.org"], "gate": {"units": [unit]}}
    plan = agent_plan_of(as_text(policy).decode())
    write_unit_tree(plan, tmp_path)
    assert (tmp_path / f"etc/systemd/system/{unit}.d/50-timepolicy.conf").is_file()
