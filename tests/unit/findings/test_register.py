"""The register of rules."""

import re
from string import Formatter

import pytest

from timepolicy.findings.finding import Rule
from timepolicy.findings.register import ALL, RULES


def test_codes_are_unique_and_in_order() -> None:
    assert list(RULES) == [rule.code for rule in ALL] == sorted({rule.code for rule in ALL})
    assert len(ALL) >= 40


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: str(rule.code))
def test_a_rule_says_what_is_wrong_and_what_to_do(rule: Rule) -> None:
    for template in (rule.message, rule.help):
        assert template
        assert not template.endswith(".")
        assert "\n" not in template
        assert all(name is None or name.isidentifier() for _, name, _, _ in Formatter().parse(template))
    assert re.fullmatch(r"TP\d{3}", rule.code)
