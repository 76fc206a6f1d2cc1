"""How a command reports findings: in which form, to which stream, in color or not, and when it fails for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from timepolicy.cli.streams import WRONG_POLICY, encoded, report, write
from timepolicy.findings.forms import FOR_PEOPLE, FORMS

if TYPE_CHECKING:
    from timepolicy.findings.result import Findings, Result
    from timepolicy.source import Source

COLOR_CHOICES = ("auto", "always", "never")

Command = Callable[..., None]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reporting:
    """The options about findings. `are_product`: the findings are the output of the command."""

    form: str
    color: str
    strict: bool
    are_product: bool

    def value_of(self, result: Result[T], source: Source) -> T:
        """Report the findings and return the value; exits where a finding is an error."""
        if self.show(result.findings, source):
            sys.exit(WRONG_POLICY)
        assert result.value is not None, "a result without errors has a value"
        return result.value

    def show(self, findings: Findings, source: Source) -> bool:
        """Report `findings`; return whether one is an error."""
        findings = findings.strict() if self.strict else findings
        if self.form == FOR_PEOPLE and not findings:
            return False
        if self.form == FOR_PEOPLE:
            from timepolicy.findings.forms.text import render_text

            is_colored = wants_color(self.color, sys.stderr, os.environ)
            report(render_text(findings, source, is_colored), color=is_colored)
        elif self.are_product:
            write(encoded(FORMS[self.form](findings, source)), None)
        else:
            report(FORMS[self.form](findings, source))
        return findings.has_errors


FOR_SEVERAL_FILES = (FOR_PEOPLE, "line", "github")
"""Forms that may be repeated in one stream, once for each file."""


def reporting_options(
    flag: str, *, are_product: bool, forms: Collection[str] = tuple(FORMS)
) -> Callable[[Command], Command]:
    """Add the options about findings, with `flag` for their form; the command gets one argument `reporting`."""
    stream = "standard output, text to standard error" if are_product else "standard error"
    form_option = click.option(
        flag,
        "form",
        type=click.Choice(list(forms)),
        default=FOR_PEOPLE,
        help=f"The form of findings; they go to {stream}.",
    )
    color_option = click.option(
        "--color",
        type=click.Choice(COLOR_CHOICES),
        default=COLOR_CHOICES[0],
        help="Color in text. auto: on a terminal, unless NO_COLOR is set or TERM is dumb.",
    )
    strict_option = click.option("--strict", is_flag=True, help="Treat warnings as errors.")

    def decorate(command: Command) -> Command:
        @wraps(command)
        def reporting_command(form: str, color: str, strict: bool, **others: Any) -> None:
            chosen = Reporting(form=form, color=color, strict=strict, are_product=are_product)
            command(reporting=chosen, **others)

        return form_option(color_option(strict_option(reporting_command)))

    return decorate


def wants_color(choice: str, stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """Return whether `stream`, None where it is closed, gets color: NO_COLOR counts unless empty (no-color.org)."""
    if choice != "auto":
        return choice == "always"
    is_terminal = stream is not None and stream.isatty()
    return is_terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
