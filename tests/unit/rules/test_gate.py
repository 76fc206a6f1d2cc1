"""What a gate may hold."""

import pytest

from tests.helpers.cases import agent_plan_of, compile_text
from timepolicy.facts.boot_units import NEEDED_BY_THE_GATE


@pytest.mark.parametrize("unit", sorted(NEEDED_BY_THE_GATE))
def test_a_policy_cannot_gate_what_the_gate_needs(unit: str) -> None:
    text = f"timezone: UTC\nupstreams: [a.b, c.d, e.f]\ngate: {{units: [kubelet.service, {unit}]}}\n"
    plan, findings = compile_text(text)
    assert plan is None
    assert [(finding.rule.code, finding.path) for finding in findings] == [("TP086", "gate.units[1]")]


def test_the_default_gate_holds_nothing_that_it_needs() -> None:
    plan = agent_plan_of("timezone: UTC\nupstreams: [a.b, c.d, e.f]\n")
    assert not NEEDED_BY_THE_GATE & set(plan.contract.gate.units)
