"""`timepolicy rules`: every rule by its code."""

import click

from timepolicy.cli.streams import as_json, text_or_json_option, write
from timepolicy.rulebook import RULES
from timepolicy.rules.pages import list_data, render_list


@click.command()
@text_or_json_option()
def rules(format_: str) -> None:
    """List every rule with its code, severity and title."""
    write(render_list(RULES.values()).encode() if format_ == "text" else as_json(list_data(RULES.values())), None)
