"""Findings as JSON: schemas/findings.schema.json."""

import json
from collections import Counter

from timepolicy.findings.finding import Severity
from timepolicy.findings.result import Findings
from timepolicy.source import Source


def render_json(findings: Findings, source: Source) -> str:
    """Return one JSON document, also without findings; it includes ignored ones, with the reason."""
    counts = Counter(finding.severity for finding in findings.shown)
    document = {
        "version": 1,
        "file": source.name,
        "counts": {severity: counts[severity] for severity in Severity},
        "findings": [
            {
                "code": finding.rule.code,
                "severity": finding.severity,
                "message": finding.message,
                "help": finding.help,
                "suggestion": finding.suggestion,
                "path": finding.path,
                "line": finding.span.line,
                "column": finding.span.column,
                "end_line": finding.span.end_line,
                "end_column": finding.span.end_column,
                "ignored": finding.ignored,
            }
            for finding in findings
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
