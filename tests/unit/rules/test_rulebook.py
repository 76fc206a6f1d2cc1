"""The list of all rules."""

import importlib
import pkgutil
import re
from string import Formatter

import pytest

import timepolicy
from timepolicy.findings.finding import Rule
from timepolicy.rulebook import RULES

NOT_IMPORTED = ("timepolicy.__main__", "timepolicy.agent.", "timepolicy.terraform.")
"""A program that runs when it is imported, what runs on nodes, and what needs an optional dependency."""


def declared() -> list[Rule]:
    """Every rule that any module of the package declares."""
    names = [module.name for module in pkgutil.walk_packages(timepolicy.__path__, "timepolicy.")]
    modules = [importlib.import_module(name) for name in names if not name.startswith(NOT_IMPORTED)]
    rules = [value for module in modules for value in vars(module).values() if isinstance(value, Rule)]
    return list({id(rule): rule for rule in rules}.values())


def test_every_rule_of_the_package_is_in_the_list_under_a_code_of_its_own() -> None:
    assert sorted(rule.code for rule in declared()) == list(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: str(rule.code))
def test_a_rule_says_what_is_wrong_and_what_to_do(rule: Rule) -> None:
    for template in (rule.message, rule.help):
        assert template
        assert not template.endswith(".")
        assert "\n" not in template
        assert all(name is None or name.isidentifier() for _, name, _, _ in Formatter().parse(template))
    assert re.fullmatch(r"TP\d{3}", rule.code)
