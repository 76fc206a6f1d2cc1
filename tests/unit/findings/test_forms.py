"""The forms of findings: trees/forms/CASE.yaml has a policy, CASE.FORM its findings in each form, to the byte.

JSON and SARIF documents are validated for these and for every wrong policy of the tests.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.helpers.cases import ROOT, TREES
from tests.helpers.golden_files import assert_golden
from tests.helpers.json_schema import PUBLISHED, assert_valid
from tests.helpers.policy_findings import validated
from tests.helpers.rule_cases import CASES as RULE_CASES
from tests.helpers.rule_cases import POLICIES
from timepolicy.findings.forms import FORMS
from timepolicy.findings.result import Findings
from timepolicy.rulebook import RULES
from timepolicy.source import START, Source

CASES = sorted((TREES / "forms").glob("*.yaml"))
ALL = sorted([*POLICIES, *TREES.glob("mistakes/*.yaml"), *CASES])
SARIF_SCHEMA = PUBLISHED / "sarif-schema-2.1.0.json"
FINDINGS_SCHEMA = ROOT / "schemas" / "findings.schema.json"


def names(paths: list[Path]) -> list[str]:
    return [f"{path.parent.name}-{path.stem}" for path in paths]


def document(form: str, path: Path) -> Any:
    source, findings = validated(path)
    return json.loads(FORMS[form](findings, source))


def unescaped(text: str, escapes: tuple[str, ...]) -> str:
    """Decode a text as GitHub's runner does: it replaces one escape after the other, `%25` last."""
    for escape in escapes:
        text = text.replace(escape, unquote(escape))
    return text


IN_MESSAGES = ("%0D", "%0A", "%25")
IN_PROPERTIES = ("%0D", "%0A", "%3A", "%2C", "%25")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", CASES, ids=names(CASES))
def test_form(path: Path, form: str, update_golden: bool) -> None:
    source, findings = validated(path)
    assert_golden(path.with_suffix(f".{form}"), FORMS[form](findings, source), update_golden)


def test_the_cases_have_every_severity_and_something_that_is_allowed() -> None:
    findings = [finding for path in CASES for finding in validated(path)[1]]
    assert {finding.severity for finding in findings} == {"error", "warning", "note"}
    assert any(finding.ignored for finding in findings)


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_json_is_valid_and_has_every_finding(path: Path) -> None:
    findings, log = validated(path)[1], document("json", path)
    assert_valid(log, FINDINGS_SCHEMA)
    assert [(item["code"], item["line"], item["column"], item["ignored"]) for item in log["findings"]] == [
        (finding.rule.code, finding.span.line, finding.span.column, finding.ignored) for finding in findings
    ]
    assert sum(log["counts"].values()) == len(findings.shown)


def test_sarif_is_valid() -> None:
    for path in ALL:
        assert_valid(document("sarif", path), SARIF_SCHEMA)


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_sarif_has_every_finding(path: Path) -> None:
    findings, (run,) = list(validated(path)[1]), document("sarif", path)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [item.rule.code for item in findings]
    assert [result["level"] for result in run["results"]] == [finding.severity for finding in findings]
    assert ["suppressions" in result for result in run["results"]] == [item.ignored is not None for item in findings]
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] == RULES[rule["id"]].severity


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_sarif_has_neither_placeholders_nor_links(path: Path) -> None:
    (run,) = document("sarif", path)["runs"]
    texts = [result["message"]["text"].replace("{{", "").replace("}}", "") for result in run["results"]]
    assert [text for text in texts if re.search(r"[{}]|\]\(", text)] == []


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_github_decodes_every_finding(path: Path) -> None:
    """One command for each finding, whatever text the policy has."""
    source, findings = validated(path)
    lines = FORMS["github"](findings, source).splitlines()
    assert len(lines) == len(findings.shown)
    for line, finding in zip(lines, findings.shown, strict=True):
        command = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert command
        properties = dict(part.split("=", 1) for part in command[2].split(","))
        assert unescaped(properties["file"], IN_PROPERTIES) == path.name
        assert (properties["line"], properties["title"]) == (str(finding.span.line), finding.rule.code)
        assert ("col" in properties) == (finding.span.line == finding.span.end_line)
        assert f"help: {finding.help}" in unescaped(command[3], IN_MESSAGES)


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_each_finding_has_one_line(path: Path) -> None:
    source, findings = validated(path)
    lines = FORMS["line"](findings, source).split("\n")[:-1]
    assert len(lines) == len(findings.shown)
    assert all(re.match(rf"{re.escape(path.name)}:\d+:\d+: (error|warning|note) TP\d{{3}} ", line) for line in lines)


def test_programs_get_a_document_for_no_findings() -> None:
    source = Source(name="a b/<policy>.yaml", text="")
    empty = {form: render(Findings(), source) for form, render in FORMS.items()}
    assert empty["text"] == empty["line"] == empty["github"] == ""
    assert json.loads(empty["json"])["findings"] == json.loads(empty["sarif"])["runs"][0]["results"] == []


def test_a_file_of_any_name_is_a_uri_in_sarif() -> None:
    """In artifactLocation.uri, RFC 3986 allows no space, no `:` in the first segment, and only ASCII."""
    findings = Findings([*validated(CASES[0])[1]][:1])
    log = json.loads(FORMS["sarif"](findings, Source(name="a:b c/\udcff世.yaml", text="")))
    location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%3Ab%20c/%FF%E4%B8%96.yaml"


def test_a_finding_about_the_whole_text_has_no_region() -> None:
    findings = validated(RULE_CASES / "TP011" / "wrong-empty.yaml")[1]
    (finding,) = findings
    assert finding.span == START
    log = json.loads(FORMS["sarif"](findings, Source(name="p", text="")))
    assert "region" not in log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
