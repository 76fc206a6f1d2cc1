"""Findings as workflow commands of GitHub Actions, which shows them beside the lines of a change.

The runner undoes the escapes: actions/runner, src/Runner.Common/ActionCommand.cs.
"""

from timepolicy.findings.finding import Severity
from timepolicy.findings.printable import escaped
from timepolicy.findings.result import Findings
from timepolicy.source import Source

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}

_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = _IN_MESSAGES | str.maketrans({":": "%3A", ",": "%2C"})


def render_github(findings: Findings, source: Source) -> str:
    """Return a line `::error file=F,line=L,col=C,endLine=M,endColumn=D,title=CODE::message` for each finding."""
    lines = []
    for finding in findings.shown:
        span = finding.span
        properties = {"file": source.name, "line": str(span.line)}
        if span.line == span.end_line:  # the runner takes columns only within one line
            properties |= {"col": str(span.column), "endLine": str(span.end_line), "endColumn": str(span.end_column)}
        else:
            properties["endLine"] = str(span.end_line)
        properties["title"] = finding.rule.code
        pairs = ",".join(f"{key}={escaped(value).translate(_IN_PROPERTIES)}" for key, value in properties.items())
        question = [f"did you mean {finding.suggestion}?"] if finding.suggestion else []
        message = "\n".join(map(escaped, [finding.message, f"help: {finding.help}", *question]))
        lines.append(f"::{COMMANDS[finding.severity]} {pairs}::{message.translate(_IN_MESSAGES)}\n")
    return "".join(lines)
