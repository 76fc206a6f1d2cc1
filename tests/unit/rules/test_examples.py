"""The examples' policies as the rules see them."""

from pathlib import Path

import pytest
import yaml

from tests.helpers.cases import ROOT, compile_text
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.policy.role import Role


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*/timepolicy.yaml")), ids=lambda path: path.parent.name)
@pytest.mark.parametrize("role", list(Role))
def test_an_example_needs_no_advice(path: Path, role: Role) -> None:
    text = path.read_text()
    named = yaml.safe_load(text).get("distros", [])
    release = next((key for key in named if key in AGENT_RELEASES), "debian-12")
    found = {finding.rule.code for finding in compile_text(text, release, role)[1].shown}
    assert found <= {"TP100", "TP162", "TP168"}  # an assumption; servers of nobody, or of somebody else
