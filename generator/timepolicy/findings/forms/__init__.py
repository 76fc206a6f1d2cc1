"""The forms of findings. A form is a function from findings and their source to text; each loads when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timepolicy.findings.result import Findings
    from timepolicy.source import Source


class Form(Protocol):
    """Turns findings into text, which ends with a newline unless it is empty."""

    def __call__(self, findings: Findings, source: Source) -> str:
        """Return all of `findings`, which point into `source`."""


def _form(module: str, function: str) -> Form:
    def render(findings: Findings, source: Source) -> str:
        form: Form = getattr(import_module(f"{__name__}.{module}"), function)
        return form(findings, source)

    return render


FOR_PEOPLE = "text"

FORMS: Mapping[str, Form] = {
    FOR_PEOPLE: _form("text", "render_text"),
    "line": _form("text", "render_lines"),
    "json": _form("json", "render_json"),
    "github": _form("github", "render_github"),
    "sarif": _form("sarif", "render_sarif"),
}
"""Every form by its name; all but the first are for programs."""
