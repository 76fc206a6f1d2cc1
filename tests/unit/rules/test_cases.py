"""The cases of rules in tests/cases/: what is wrong is reported to the byte, and what is right is not reported."""

from pathlib import Path

import pytest
import yaml

from tests.helpers.golden_files import assert_golden
from tests.helpers.policy_findings import validated, validated_text
from tests.helpers.rule_cases import CASES, POLICIES, Case, cases
from timepolicy.document.load import load
from timepolicy.document.parse import LOADER
from timepolicy.findings.finding import Finding, Severity
from timepolicy.rulebook import RULES
from timepolicy.source import Source

WRONG, RIGHT = cases("wrong"), cases("right")

each_policy = pytest.mark.parametrize("path", POLICIES, ids=[f"{path.parent.name}-{path.stem}" for path in POLICIES])


@pytest.mark.parametrize("case", WRONG, ids=[case.name for case in WRONG])
def test_a_wrong_case_gives_exactly_its_findings(case: Case, update_golden: bool) -> None:
    status, text = case.run()
    assert_golden(case.text, text, update_golden)
    severity = RULES[case.code].severity
    assert f"{severity}[{case.code}]: " in text
    assert status == (1 if "error[" in text else 0)
    assert severity is not Severity.ERROR or status == 1


@pytest.mark.parametrize("case", RIGHT, ids=[case.name for case in RIGHT])
def test_a_right_case_does_not_break_its_rule(case: Case) -> None:
    status, text = case.run()
    assert f"[{case.code}]" not in text
    assert status == (1 if "error[" in text else 0), text


def test_every_rule_has_a_wrong_and_a_right_case() -> None:
    assert {case.code for case in WRONG} == {case.code for case in RIGHT} == set(RULES)


@pytest.mark.parametrize("code", RULES)
def test_each_rule_has_a_wrong_and_a_right_case(code: str) -> None:
    assert cases("wrong", code)
    assert cases("right", code)


def test_every_folder_is_of_a_rule() -> None:
    assert {folder.name for folder in CASES.iterdir()} == set(RULES)


def test_every_kept_text_has_its_case() -> None:
    assert sorted(CASES.glob("*/*.txt")) == sorted(case.text for case in WRONG)


@each_policy
def test_both_yaml_parsers_lead_to_the_same_findings(path: Path) -> None:
    """A machine without libyaml has the slower parser."""
    source = Source.decode(path.name, path.read_bytes())
    assert list(load(source, yaml.SafeLoader).findings) == list(load(source, LOADER).findings)


def test_a_suggestion_in_place_of_the_marked_text_corrects_it() -> None:
    wrong = []
    for path in POLICIES:
        source, findings = validated(path)
        for finding in findings:
            if finding.suggestion is not None:
                others = validated_text(corrected(source.text, finding).encode(), path.name)[1]
                places = {(other.rule.code, other.span.line, other.span.column) for other in others}
                if (finding.rule.code, finding.span.line, finding.span.column) in places:
                    wrong.append(f"{path.parent.name}/{path.name}: {finding.suggestion}")
    assert wrong == []


def corrected(text: str, finding: Finding) -> str:
    """The text with the suggestion in the place of what the carets mark."""
    lines, span = text.split("\n"), finding.span
    before = "\n".join([*lines[: span.line - 1], lines[span.line - 1][: span.column - 1]])
    after = "\n".join([lines[span.end_line - 1][span.end_column - 1 :], *lines[span.end_line :]])
    return f"{before}{finding.suggestion}{after}"


def test_these_rules_make_suggestions() -> None:
    codes = {finding.rule.code for path in POLICIES for finding in validated(path)[1] if finding.suggestion}
    assert codes >= {"TP021", "TP026", "TP028", "TP029", "TP030", "TP040", "TP041", "TP110", "TP114", "TP161"}
