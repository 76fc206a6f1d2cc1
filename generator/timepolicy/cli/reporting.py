"""How a command reports findings: in which form, to which stream, in colour or not, and when it fails for them."""

import os
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TextIO

import click

from timepolicy.cli.streams import WRONG_POLICY, put
from timepolicy.findings.forms import FOR_PEOPLE, FORMS
from timepolicy.findings.forms.text import render_text
from timepolicy.findings.result import Findings
from timepolicy.rules.allow import strict
from timepolicy.source import Source

COLOR_CHOICES = ("auto", "always", "never")

Command = Callable[..., None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reporting:
    """What the command line asks for. `are_product` is set where the findings are what the command makes."""

    form: str
    color: str
    strict: bool
    are_product: bool

    def stop_at_errors(self, findings: Findings, source: Source) -> None:
        """Report `findings`; exits where one is an error."""
        if self.show(findings, source):
            sys.exit(WRONG_POLICY)

    def show(self, findings: Findings, source: Source) -> bool:
        """Report `findings`; return whether one is an error."""
        judged = strict(findings) if self.strict else findings
        if self.form == FOR_PEOPLE:
            is_colored = wants_color(self.color, sys.stderr, os.environ)
            click.echo(render_text(judged, source, is_colored), err=True, nl=False, color=is_colored)
        elif self.are_product:
            put(encoded(FORMS[self.form](judged, source)), None)
        else:
            click.echo(encoded(FORMS[self.form](judged, source)), err=True, nl=False)
        return judged.has_errors


FOR_SEVERAL_FILES = (FOR_PEOPLE, "line", "github")
"""The forms that can follow each other in one stream."""


def reporting_options(
    flag: str, *, are_product: bool, forms: Collection[str] = tuple(FORMS)
) -> Callable[[Command], Command]:
    """Give a command the options about findings, `flag` naming their form, and pass it one `reporting` for them."""
    stream = "standard output, text to standard error" if are_product else "standard error"
    form = click.option(
        flag,
        "form",
        type=click.Choice(list(forms)),
        default=FOR_PEOPLE,
        help=f"The form of findings; they go to {stream}.",
    )
    color = click.option(
        "--color",
        type=click.Choice(COLOR_CHOICES),
        default=COLOR_CHOICES[0],
        help="Colour in text. auto: on a terminal, unless NO_COLOR is set or TERM is dumb.",
    )
    strictly = click.option("--strict", is_flag=True, help="Take warnings for errors.")

    def decorate(command: Command) -> Command:
        @wraps(command)
        def reporting_command(form: str, color: str, strict: bool, **others: Any) -> None:
            chosen = Reporting(form=form, color=color, strict=strict, are_product=are_product)
            command(reporting=chosen, **others)

        return form(color(strictly(reporting_command)))

    return decorate


def wants_color(choice: str, stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Return whether `stream` gets colour: NO_COLOR counts where it is not empty (no-color.org)."""
    if choice != "auto":
        return choice == "always"
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def encoded(text: str) -> bytes:
    """Return `text` in UTF-8, whatever the locale; what is no character, as in a file's name, is escaped as in JSON."""
    return text.encode("utf-8", "backslashreplace")
