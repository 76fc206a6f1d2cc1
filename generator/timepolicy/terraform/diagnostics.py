"""Findings and wrong requests in Terraform's terms: an error or a warning at the attribute that it is about."""

from collections.abc import Iterable

from tf.utils import Diagnostics

from timepolicy.findings.finding import Severity
from timepolicy.findings.forms.text import render_place
from timepolicy.findings.result import Findings
from timepolicy.request import RequestError
from timepolicy.source import Source


def add_findings(findings: Findings, source: Source, attribute: str, diagnostics: Diagnostics) -> None:
    """Add each error and each warning with the policy's line; notes are only in the attribute `findings`."""
    for finding in findings.shown:
        if finding.severity is not Severity.NOTE:
            is_error = finding.severity is Severity.ERROR
            add = diagnostics.add_error if is_error else diagnostics.add_warning
            detail = preformatted(render_place(finding, source))
            add(f"{finding.message} [{finding.rule.code}]", detail, path=[attribute])


def add_request_error(error: RequestError, diagnostics: Diagnostics) -> None:
    """Add what is wrong with the request."""
    diagnostics.add_error(f"Wrong {error.parameter}", str(error), path=[error.parameter])


def preformatted(lines: Iterable[str]) -> str:
    """Return the lines as a text that Terraform does not wrap: each begins with a space."""
    return "\n".join(f" {line}".rstrip() for line in lines)
