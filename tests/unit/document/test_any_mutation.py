"""Mutated policies have findings and cause no traceback; those that are still valid compile.

`pytest -m long tests/unit/document/test_any_mutation.py` checks 100,000 documents in some minutes; a
failure has a note with the seed of its document.
"""

import json
import re
from collections import Counter
from random import Random

import pytest

from tests.helpers.mutations import mutant
from tests.helpers.policy_findings import validated_text
from timepolicy.compiler import compile_policy, named_releases, read_policy
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.findings.forms import FORMS
from timepolicy.findings.result import Findings
from timepolicy.request import Request
from timepolicy.rulebook import RULES
from timepolicy.source import Source

SCHEMA_MESSAGES = (
    *("is not of type", "is not valid under any", "does not match", "was unexpected", "is not one of"),
    *("is a required property", "is too long", "non-unique", "should be non-empty", "is a dependency"),
)
"""Messages of jsonschema, which must not appear in findings."""


@pytest.mark.parametrize("count", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_any_mutant_gives_findings_or_is_compiled(count: int) -> None:
    codes: Counter[str] = Counter()
    compiled = 0
    for seed in range(count):
        try:
            source, findings = validated_text(mutant(seed))
            assert_reported(source, findings)
            codes.update({finding.rule.code for finding in findings})
            if not findings.has_errors:
                assert_compiled(source, random_release(seed))
                compiled += 1
        except Exception as error:
            error.add_note(f"mutant({seed}) is {mutant(seed)[:2000]!r}")
            raise
    assert_variety(codes, compiled, count)


def assert_reported(source: Source, findings: Findings) -> None:
    """Every finding has a place in the text and a message, and every form has every finding."""
    lines = source.text.split("\n")
    for finding in findings:
        span = finding.span
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1
        assert (span.line, span.column) <= (span.end_line, span.end_column)
        assert not any(message in f"{finding.message} {finding.help}" for message in SCHEMA_MESSAGES)
    texts = {form: render(findings, source) for form, render in FORMS.items()}
    assert len(re.findall(r"^[a-z]+\[TP\d+\]: ", texts["text"], flags=re.MULTILINE)) == len(findings.shown)
    assert len(texts["line"].split("\n")) == len(texts["github"].split("\n")) == len(findings.shown) + 1
    assert len(json.loads(texts["json"])["findings"]) == len(findings)
    assert len(json.loads(texts["sarif"])["runs"][0]["results"]) == len(findings)


def assert_compiled(source: Source, release: str) -> None:
    """There is user-data, or findings that say what the release lacks: the policy's own, or else this one."""
    document = read_policy(source).value
    assert document is not None
    if named := named_releases(document):
        release = next((key for key in named if key in AGENT_RELEASES), "")
    if not release:
        return
    result = compile_policy(source, Request(distro=release))
    assert (result.value is None) == result.findings.has_errors
    if result.value is not None:
        assert result.value.content.startswith(b"#cloud-config\n")


def random_release(seed: int) -> str:
    return Random(seed).choice(list(AGENT_RELEASES))


def assert_variety(codes: Counter[str], compiled: int, count: int) -> None:
    """Most mutants are wrong in many ways; some are valid."""
    assert count / 100 < compiled < count / 2
    rare = {"TP002", "TP019"}  # these need a long text: see test_limits.py
    if count > 10_000:
        assert {code for code in RULES if code < "TP040"} - set(codes) <= rare
    assert len(codes) > 30


def test_a_mutant_is_the_same_each_time() -> None:
    assert [mutant(seed) for seed in range(50)] == [mutant(seed) for seed in range(50)]
    assert len({mutant(seed) for seed in range(500)}) > 450
