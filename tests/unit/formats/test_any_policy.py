"""Any policy that matches the schema, in every format of every system: a product, or findings that say why not."""

import json
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.cases import compile_text
from tests.helpers.json_schema import PUBLISHED, assert_valid
from tests.helpers.policy_findings import validated_text
from tests.helpers.schema_walk import as_text, policies
from timepolicy.distros.catalogue import TARGETS
from timepolicy.formats import FORMATS, formats_for
from timepolicy.policy.role import Role


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(policies(), st.lists(st.sampled_from(list(TARGETS)), min_size=2, max_size=4), st.sampled_from(list(Role)))
def test_every_format_of_every_system_has_a_product_or_findings(
    policy: dict[str, Any], keys: list[str], role: Role
) -> None:
    text = as_text(policy)
    if validated_text(text)[1].has_errors:
        return
    for key in [*keys, "flatcar", "talos"]:
        plan, findings = compile_text(text.decode(), key, role)
        assert (plan is None) == findings.has_errors
        for name in formats_for(plan.provisioning) if plan else []:
            assert plan
            product = FORMATS[name].render(plan)
            assert product
            if name == "ignition":
                assert_valid(json.loads(product), PUBLISHED / "ignition.schema.json")
            elif name == "talos":
                assert_valid(yaml.safe_load(product), PUBLISHED / "talos.schema.json")
