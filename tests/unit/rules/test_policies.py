"""Policies as files: each in valid/ gives no finding, each in invalid/ gives exactly the text beside it.

A new case is a new file; `pytest --update-golden` writes the text, for you to read before you commit it.
"""

from pathlib import Path

import pytest
import yaml

from tests.helpers.cases import POLICIES
from tests.helpers.golden_files import assert_golden
from timepolicy.document.characters import TOO_BIG
from timepolicy.document.load import load
from timepolicy.document.parse import LOADER, TOO_MANY
from timepolicy.findings.finding import Finding
from timepolicy.findings.forms.text import render_text
from timepolicy.findings.result import Findings
from timepolicy.rulebook import RULES
from timepolicy.source import Source

VALID = sorted(POLICIES.glob("valid/*.yaml"))
INVALID = sorted(POLICIES.glob("invalid/*.yaml"))

PROVOKED_ELSEWHERE = {TOO_BIG.code, TOO_MANY.code}
"""What takes a very long file is made in tests/unit/, and not kept."""


def names(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


def check(path: Path, loader: type = LOADER) -> tuple[Source, Findings]:
    return check_text(path.read_bytes(), path.name, loader)


def check_text(data: bytes, name: str, loader: type = LOADER) -> tuple[Source, Findings]:
    source = Source.decode(name, data)
    return source, load(source, loader).findings


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
    assert findings.has_errors
    assert_golden(path.with_suffix(".txt"), render_text(findings, source), update_golden)


@pytest.mark.parametrize("path", INVALID, ids=names(INVALID))
def test_both_yaml_parsers_lead_to_the_same_findings(path: Path) -> None:
    source, findings = check(path, yaml.SafeLoader)  # a machine without libyaml has this one
    assert render_text(findings, source) == path.with_suffix(".txt").read_bytes().decode()


def test_every_golden_file_has_its_policy() -> None:
    assert {path.stem for path in POLICIES.glob("invalid/*.txt")} == set(names(INVALID))


def test_every_rule_of_text_and_shape_is_provoked() -> None:
    provoked = {finding.rule.code for path in INVALID for finding in check(path)[1]}
    assert provoked >= {code for code in RULES if code < "TP040"} - PROVOKED_ELSEWHERE


def corrected(text: str, finding: Finding) -> str:
    """The text with the suggestion in the place of what the carets mark."""
    lines, span = text.split("\n"), finding.span
    before = "\n".join([*lines[: span.line - 1], lines[span.line - 1][: span.column - 1]])
    after = "\n".join([lines[span.end_line - 1][span.end_column - 1 :], *lines[span.end_line :]])
    return f"{before}{finding.suggestion}{after}"


@pytest.mark.parametrize("path", INVALID, ids=names(INVALID))
def test_a_suggestion_in_the_place_of_what_is_marked_mends_it(path: Path) -> None:
    source, findings = check(path)
    for finding in findings:
        if finding.suggestion is not None:
            left = check_text(corrected(source.text, finding).encode(), path.name)[1]
            places = {(other.rule.code, other.span.line, other.span.column) for other in left}
            assert (finding.rule.code, finding.span.line, finding.span.column) not in places


def test_there_are_suggestions() -> None:
    codes = {finding.rule.code for path in INVALID for finding in check(path)[1] if finding.suggestion}
    assert codes >= {"TP021", "TP026", "TP028", "TP029", "TP030"}
