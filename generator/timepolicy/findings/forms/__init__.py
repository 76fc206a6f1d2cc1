"""The forms that findings can take. A form is a function from findings and their source to text."""

from collections.abc import Mapping
from typing import Protocol

from timepolicy.findings.forms.github import render_github
from timepolicy.findings.forms.json import render_json
from timepolicy.findings.forms.sarif import render_sarif
from timepolicy.findings.forms.text import render_lines, render_text
from timepolicy.findings.result import Findings
from timepolicy.source import Source


class Form(Protocol):
    """Makes text of findings; it ends with a newline unless it is empty."""

    def __call__(self, findings: Findings, source: Source) -> str:
        """Return all of `findings`, which point into `source`."""


FOR_PEOPLE = "text"

FORMS: Mapping[str, Form] = {
    FOR_PEOPLE: render_text,
    "line": render_lines,
    "json": render_json,
    "github": render_github,
    "sarif": render_sarif,
}
"""Every form by its name; all but the first are for programs."""
