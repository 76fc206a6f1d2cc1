"""`allow`, as files: each policy in policies/allowed/ gives exactly the text beside it, an empty one for nothing."""

import json
from pathlib import Path

import pytest

from tests.helpers.cases import POLICIES, compile_text
from tests.helpers.golden_files import assert_golden
from tests.helpers.policy_findings import validated, validated_text
from timepolicy.findings.finding import Severity
from timepolicy.findings.forms.text import render_text
from timepolicy.formats import FORMATS
from timepolicy.rulebook import RULES

CASES = sorted((POLICIES / "allowed").glob("*.yaml"))

NEVER_STEPPED = "timezone: UTC\nupstreams: [a.b, c.d, e.f]\nclients: {daemon: chrony}\nstep: {when: never}\n"
ALLOWED = NEVER_STEPPED + "allow: [{rule: TP083, reason: a lab}]\n"


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_allow(path: Path, update_golden: bool) -> None:
    source, findings = validated(path)
    assert_golden(path.with_suffix(".txt"), render_text(findings, source), update_golden)


def test_every_rule_about_allow_is_provoked() -> None:
    provoked = {finding.rule.code for path in CASES for finding in validated(path)[1]}
    assert {code for code in RULES if "TP110" <= code < "TP120"} <= provoked


def test_some_policies_are_silent_and_some_are_not() -> None:
    texts = [path.with_suffix(".txt").read_bytes() for path in CASES]
    assert 3 <= texts.count(b"") <= len(texts) - 6


def test_what_is_allowed_is_kept_with_its_reason() -> None:
    (finding,) = validated_text(ALLOWED.encode())[1]
    assert (finding.rule.code, finding.allowed) == ("TP083", "a lab")


def test_what_is_allowed_does_not_count_under_strict() -> None:
    assert validated_text(NEVER_STEPPED.encode())[1].strict().has_errors
    assert not validated_text(ALLOWED.encode())[1].strict().has_errors


def test_strict_leaves_notes_and_makes_every_warning_an_error() -> None:
    text = NEVER_STEPPED + "distros: [kylin-v10]\n"
    severities = {finding.rule.code: finding.severity for finding in validated_text(text.encode())[1].strict()}
    assert severities == {"TP083": Severity.ERROR, "TP100": Severity.NOTE}


def test_a_node_gets_the_same_whether_or_not_something_is_allowed() -> None:
    plain, allowed = (compile_text(text)[0] for text in (NEVER_STEPPED, ALLOWED))
    assert plain is not None
    assert allowed is not None
    emit = FORMATS["cloud-config"].render
    assert emit(plain) == emit(allowed)
    assert "a lab" not in json.dumps(allowed.to_data())
