"""`timepolicy fmt`: policies in their normal form."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import DEFAULT_POLICY, findings_options
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import WRONG_POLICY, read_source, report, write


@click.command(
    epilog=examples(
        "timepolicy fmt",
        "timepolicy fmt --check clusters/*.yaml",
    )
)
@click.argument("policies", metavar="[POLICY]...", nargs=-1, type=click.Path(path_type=str))
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 if a policy is not in its normal form.")
@findings_options
def fmt(policies: tuple[str, ...], check: bool, reporting: Reporting) -> None:
    """Write each POLICY in its normal form, with its comments.

    Values, comments and their order stay as they are. What changes is the layout: indentation, spaces, quotes, empty
    lines. `-` is standard input, and its normal form goes to standard output.
    """
    from timepolicy.document.normal_form import normal_form

    is_other = False
    for path in policies or (DEFAULT_POLICY,):
        source = read_source(path)
        text = reporting.value_of(normal_form(source), source)
        if check and text != source.text:
            report(f"{source.name} is not in its normal form; `timepolicy fmt {path}` writes it\n")
            is_other = True
        elif not check and (path == "-" or text != source.text):
            write(text.encode(), None if path == "-" else Path(path))
    if is_other:
        sys.exit(WRONG_POLICY)
