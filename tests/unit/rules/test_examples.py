"""The examples' policies as the rules see them."""

from pathlib import Path

import pytest

from tests.helpers.cases import ROOT, compile_text
from timepolicy.policy.role import Role


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*/timepolicy.yaml")), ids=lambda path: path.parent.name)
@pytest.mark.parametrize("role", list(Role))
def test_an_example_needs_no_advice(path: Path, role: Role) -> None:
    found = {finding.rule.code for finding in compile_text(path.read_text(), "debian-12", role)[1].shown}
    assert found <= {"TP162", "TP168"}  # servers of nobody, or of somebody else
