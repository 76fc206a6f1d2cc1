"""Policies as files: each in valid/ gives no finding, each in invalid/ gives exactly the text beside it.

A new case is a new file; `pytest --update-golden` writes the text, for you to read before you commit it.
"""

from pathlib import Path

import pytest
import yaml

from timepolicy.findings.finding import Findings
from timepolicy.findings.register import RULES
from timepolicy.findings.register.text import TOO_BIG, TOO_MANY
from timepolicy.findings.render import render_text
from timepolicy.policy.parse import LOADER, parse
from timepolicy.policy.read import read_source
from timepolicy.policy.shape import check_shape
from timepolicy.text.source import Source

POLICIES = Path(__file__).parent / "policies"
VALID = sorted(POLICIES.glob("valid/*.yaml"))
INVALID = sorted(POLICIES.glob("invalid/*.yaml"))

PROVOKED_ELSEWHERE = {TOO_BIG.code, TOO_MANY.code}
"""What takes a very long file is made in tests/unit/, and not kept."""


def names(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


def check(path: Path, loader: type = LOADER) -> tuple[Source, Findings]:
    findings = Findings()
    source = read_source(path.name, path.read_bytes(), findings)
    document = parse(source, findings, loader) if not findings.has_errors else None
    if document is not None:
        check_shape(document, findings)
    return source, findings


def test_there_are_cases() -> None:
    assert len(VALID) >= 5
    assert len(INVALID) >= 40


@pytest.mark.parametrize("path", VALID, ids=names(VALID))
def test_a_valid_policy_gives_no_finding(path: Path) -> None:
    source, findings = check(path)
    assert render_text(findings, source) == ""


@pytest.mark.parametrize("path", INVALID, ids=names(INVALID))
def test_an_invalid_policy_gives_exactly_its_findings(path: Path, update_golden: bool) -> None:
    source, findings = check(path)
    golden, text = path.with_suffix(".txt"), render_text(findings, source)
    if update_golden:
        golden.write_bytes(text.encode())
        pytest.fail(f"{golden.name} is written anew: read the difference, then run again without --update-golden")
    assert findings.has_errors
    assert text == golden.read_bytes().decode()


@pytest.mark.parametrize("path", INVALID, ids=names(INVALID))
def test_both_yaml_parsers_lead_to_the_same_findings(path: Path) -> None:
    source, findings = check(path, yaml.SafeLoader)  # a machine without libyaml has this one
    assert render_text(findings, source) == path.with_suffix(".txt").read_bytes().decode()


def test_every_golden_file_has_its_policy() -> None:
    assert {path.stem for path in POLICIES.glob("invalid/*.txt")} == set(names(INVALID))


def test_every_rule_of_text_and_shape_is_provoked() -> None:
    provoked = {finding.rule.code for path in INVALID for finding in check(path)[1]}
    assert provoked == {code for code in RULES if code < "TP040"} - PROVOKED_ELSEWHERE
