"""Findings as workflow commands of GitHub Actions, which shows them beside the lines of a change.

Which characters are escaped is what the runner turns back: actions/runner, src/Runner.Common/ActionCommand.cs.
"""

from timepolicy.findings.finding import Finding, Severity
from timepolicy.findings.printable import escaped
from timepolicy.findings.result import Findings
from timepolicy.source import Source

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}

_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = _IN_MESSAGES | str.maketrans({":": "%3A", ",": "%2C"})


def render_github(findings: Findings, source: Source) -> str:
    """Return a line `::error file=F,line=L,col=C,endLine=M,endColumn=D,title=CODE::message` for each finding."""
    return "".join(_command(finding, source) + "\n" for finding in findings.shown)


def _command(finding: Finding, source: Source) -> str:
    properties = {"file": source.name, **_place(finding), "title": finding.rule.code}
    stated = ",".join(f"{key}={escaped(value).translate(_IN_PROPERTIES)}" for key, value in properties.items())
    question = [f"did you mean {finding.suggestion}?"] if finding.suggestion else []
    message = "\n".join(map(escaped, [finding.message, f"help: {finding.help}", *question]))
    return f"::{COMMANDS[finding.severity]} {stated}::{message.translate(_IN_MESSAGES)}"


def _place(finding: Finding) -> dict[str, str]:
    """Lines and columns from 1; the runner takes columns only within one line."""
    span = finding.span
    if span.line != span.end_line:
        return {"line": str(span.line), "endLine": str(span.end_line)}
    return {
        "line": str(span.line),
        "col": str(span.column),
        "endLine": str(span.end_line),
        "endColumn": str(span.end_column),
    }
