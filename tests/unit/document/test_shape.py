"""The shape's judgement, beyond what the cases in tests/cases show."""

from collections.abc import Iterator
from typing import Any

import pytest

from timepolicy.document.load import load
from timepolicy.document.parse import MOST_FINDINGS, TOO_MANY
from timepolicy.document.schema import ecma_pattern, policy_schema
from timepolicy.document.shape import EXPLANATIONS
from timepolicy.document.suggestions import CORRECTIONS, key_places
from timepolicy.findings.finding import Finding
from timepolicy.findings.wording import ADVICE, EXPECTED
from timepolicy.source import Source

ANNOTATIONS = {"$schema", "$id", "$defs", "$ref", "title", "description", "default", "examples"}
APPLICATORS = {"properties", "items", "if", "then", "else"}
SMALLEST = "timezone: UTC\nupstreams: [a]\n"


def findings_of(text: str) -> list[Finding]:
    result = load(Source(name="policy.yaml", text=text))
    assert result.value is not None
    return list(result.findings)


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for keyword in ("items", "if", "then", "else"):
        if keyword in schema:
            yield from subschemas(schema[keyword])
    for keyword in ("properties", "$defs"):
        for inner in schema.get(keyword, {}).values():
            yield from subschemas(inner)


def test_each_keyword_of_the_schema_has_an_explanation() -> None:
    keywords = {keyword for schema in subschemas(policy_schema()) for keyword in schema}
    assert keywords - ANNOTATIONS - APPLICATORS == set(EXPLANATIONS)


def test_branches_only_require_one_key() -> None:
    for schema in subschemas(policy_schema()):
        for branch in schema.get("anyOf", []) + schema.get("oneOf", []):
            assert list(branch) == ["required"]
            assert len(branch["required"]) == 1


def test_each_type_and_definition_is_known() -> None:
    types = {schema["type"] for schema in subschemas(policy_schema()) if isinstance(schema.get("type"), str)}
    assert types <= EXPECTED.keys()
    assert ADVICE.keys() | CORRECTIONS.keys() <= policy_schema()["$defs"].keys()


def test_each_range_has_both_ends() -> None:
    for schema in subschemas(policy_schema()):
        assert ("minimum" in schema) == ("maximum" in schema)


def test_key_places() -> None:
    places = key_places()
    assert places["distro"] == ["`overrides[].match`"]
    assert places["timezone"] == ["the top level"]
    assert places["timeout"] == ["`gate`"]
    assert places["pool"] == ["an entry of `upstreams`", "an entry of `clients.fallback`"]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        pytest.param("^a$", "a", True, id="whole"),
        pytest.param("^a$", "a\n", False, id="before a last newline, as Python would"),
        pytest.param("^(a|b$)", "b\n", False, id="in a group"),
        pytest.param(r"^a\$", "a$\n", True, id="an escaped dollar is a dollar"),
        pytest.param("^[$]$", "$", True, id="a dollar in a class is a dollar"),
        pytest.param(r"^[\]$]$", "$\n", False, id="a class with an escaped bracket"),
    ],
)
def test_patterns_are_those_of_ecmascript(pattern: str, text: str, matches: bool) -> None:
    assert bool(ecma_pattern(pattern).search(text)) is matches


@pytest.mark.parametrize(
    ("text", "path", "suggestion"),
    [
        pytest.param("timezon: UTC\nupstreams: [a]\n", "timezon", "timezone", id="key"),
        pytest.param(SMALLEST + "clients: {daemon: timesyncd}\n", "clients.daemon", "systemd-timesyncd", id="enum"),
        pytest.param(SMALLEST + "gate: {timeout: 5 minutes}\n", "gate.timeout", "5m", id="unit"),
        pytest.param(SMALLEST + "gate: {units: [k3s]}\n", "gate.units[0]", "k3s.service", id="service"),
        pytest.param(SMALLEST + "gate: {units: [a.socket]}\n", "gate.units[0]", None, id="no service at all"),
        pytest.param("timezone: UTC\nupstreams: [{server: a., port: 1}]\n", "upstreams[0].server", None, id="host"),
        pytest.param("timezone: UTC\nupstreams: [a.b.]\n", "upstreams[0]", "a.b", id="a name's last dot"),
        pytest.param("timezone: 亚洲/上海\nupstreams: [a]\n", "timezone", None, id="nothing near"),
    ],
)
def test_suggestions(text: str, path: str, suggestion: str | None) -> None:
    (finding,) = findings_of(text)
    assert (finding.path, finding.suggestion) == (path, suggestion)


def test_a_value_with_an_error_is_not_judged_twice() -> None:
    assert [finding.rule.code for finding in findings_of("timezone: UTC\nupstreams: [{server: a, port: 1:30}]")] == [
        "TP018"
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("".join(f"unknown{number}: 1\n" for number in range(500)), id="of one mapping"),
        pytest.param(SMALLEST + "overrides:\n" + "  - {match: {x: 1}, set: {y: 1}}\n" * 64, id="of a list"),
    ],
)
def test_findings_come_to_an_end(text: str) -> None:
    found = findings_of(text)
    assert len(found) == MOST_FINDINGS + 1
    assert TOO_MANY in [finding.rule for finding in found]
