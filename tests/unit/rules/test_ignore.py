"""`ignore`, beyond what its cases show: what it leaves in the findings, and what it does to a product."""

import json

from tests.helpers.cases import compile_text
from tests.helpers.policy_findings import validated_text
from timepolicy.findings.finding import Severity
from timepolicy.formats import FORMATS

NEVER_STEPPED = "timezone: UTC\nupstreams: [a.b, c.d, e.f]\nclients: {daemon: chrony}\nstep: {when: never}\n"
IGNORED = NEVER_STEPPED + "ignore: [{rule: TP083, reason: a lab}]\n"


def test_what_is_ignored_is_kept_with_its_reason() -> None:
    (finding,) = validated_text(IGNORED.encode())[1]
    assert (finding.rule.code, finding.ignored) == ("TP083", "a lab")


def test_what_is_ignored_does_not_count_under_strict() -> None:
    assert validated_text(NEVER_STEPPED.encode())[1].strict().has_errors
    assert not validated_text(IGNORED.encode())[1].strict().has_errors


def test_strict_leaves_notes_and_makes_every_warning_an_error() -> None:
    text = NEVER_STEPPED + "distros: [kylin-v10]\n"
    severities = {finding.rule.code: finding.severity for finding in validated_text(text.encode())[1].strict()}
    assert severities == {"TP083": Severity.ERROR, "TP100": Severity.NOTE}


def test_a_node_gets_the_same_whether_or_not_something_is_ignored() -> None:
    plain, ignoring = (compile_text(text)[0] for text in (NEVER_STEPPED, IGNORED))
    assert plain is not None
    assert ignoring is not None
    emit = FORMATS["cloud-config"].render
    assert emit(plain) == emit(ignoring)
    assert "a lab" not in json.dumps(ignoring.to_data())
