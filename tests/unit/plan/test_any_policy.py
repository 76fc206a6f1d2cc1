"""Whatever the schema accepts is compiled, or refused with a finding; and what is made is well-formed."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.helpers.cases import compile_text, file_of, included_from
from tests.helpers.policy_strategies import POLICIES, ROLES
from tests.helpers.programs import need, run
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.facts.chrony_options import OPTION_SINCE
from timepolicy.formats import FORMATS
from timepolicy.plan.types import AgentPlan, NodePlan
from timepolicy.policy.role import Role
from timepolicy.resources import SCHEMAS

CONTRACT = Draft202012Validator(json.loads((SCHEMAS / "contract.schema.json").read_text()))


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
        (script,) = yaml.safe_load(document)["bootcmd"]
        for file in plan.files:
            assert file.packed or f" <<'EOF'\n{file.content}EOF\n" in script
            assert file.path.replace("/etc/systemd/system", "$units") in script
        contract = json.loads(file_of(plan, "/etc/timepolicy/node.json"))
        assert contract == plan.contract.to_data()
        CONTRACT.validate(contract)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(POLICIES, ROLES)
def test_chronyd_accepts_whatever_is_compiled_for_its_version(policy: dict[str, Any], role: Role) -> None:
    policy["clients"] = {**policy.get("clients", {}), "daemon": "chrony"}
    plan = compile_text(json.dumps(policy), "debian-12", role)[0]
    if plan is not None:
        assert_accepted(plan)


def assert_accepted(plan: NodePlan) -> None:
    content = next(file.content for file in plan.files if file.path.endswith("chrony.conf"))
    assert not set(content.split()) & {word for word, since in OPTION_SINCE.items() if since > (4, 3)}
    with TemporaryDirectory() as folder:
        path = Path(folder, "chrony.conf")
        path.write_text(included_from(Path(folder), content))
        done = run([need("chronyd"), "-p", "-f", path])
    assert done.returncode == 0, content + done.stderr
