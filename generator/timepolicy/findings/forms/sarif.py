"""Findings as SARIF 2.1.0, the OASIS format in which code hosts and editors read results of static analysis."""

import json
from string import Formatter
from typing import Any
from urllib.parse import quote

from timepolicy import __version__
from timepolicy.findings.finding import Finding, Rule, Severity
from timepolicy.findings.result import Findings
from timepolicy.source import START, Source

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def render_sarif(findings: Findings, source: Source) -> str:
    """Return one SARIF log, also without findings; those that the policy ignores are suppressed in it."""
    rules = {finding.rule.code: finding.rule for finding in findings}
    codes = sorted(rules)
    driver = {"name": "timepolicy", "version": __version__, "rules": [_rule(rules[code]) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, source, codes.index(finding.rule.code)) for finding in findings],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": _plain(_without_values(rule.message))},
        "help": {"text": _plain(_without_values(rule.help))},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _without_values(template: str) -> str:
    """`template` with three dots where a finding has a value of its own."""
    return "".join(text + ("…" if name is not None else "") for text, name, *_ in Formatter().parse(template))


def _plain(text: str) -> str:
    """`text` as a message without placeholders and links (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _result(finding: Finding, source: Source, rule_index: int) -> dict[str, Any]:
    question = f" Did you mean {finding.suggestion}?" if finding.suggestion else ""
    result: dict[str, Any] = {
        "ruleId": finding.rule.code,
        "ruleIndex": rule_index,
        "level": LEVELS[finding.severity],
        "message": {"text": _plain(f"{finding.message}. Help: {finding.help}.{question}")},
        "locations": [_location(finding, source)],
    }
    if finding.suggestion is not None:
        result["fixes"] = [_fix(finding.suggestion, result["locations"][0]["physicalLocation"])]
    if finding.ignored is not None:
        result["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": finding.ignored}]
    return result


def _fix(suggestion: str, place: dict[str, Any]) -> dict[str, Any]:
    """A replacement of the text at `place` by the suggestion."""
    replacement = {"deletedRegion": place["region"], "insertedContent": {"text": suggestion}}
    change = {"artifactLocation": place["artifactLocation"], "replacements": [replacement]}
    return {"description": {"text": _plain(f"Write {suggestion}")}, "artifactChanges": [change]}


def _location(finding: Finding, source: Source) -> dict[str, Any]:
    """The region of the file, and the policy path; a finding about the whole text has no region."""
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(source.name, errors="surrogateescape")}}
    if finding.span != START:
        span = finding.span
        region = {"startLine": span.line, "startColumn": span.column}
        place["region"] = region | {"endLine": span.end_line, "endColumn": span.end_column}
    location: dict[str, Any] = {"physicalLocation": place}
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.path}]
    return location
