"""`timepolicy rules`: every rule by its code."""

import click

from timepolicy.cli.help import examples
from timepolicy.cli.streams import as_json, list_format_option, write
from timepolicy.rulebook import RULES, TOPICS
from timepolicy.rules.pages import list_data, render_index, render_list


@click.command(epilog=examples("timepolicy rules", "timepolicy rules --format json"))
@list_format_option()
def rules(format_: str) -> None:
    """List every rule with its code, severity and title."""
    if format_ == "json":
        write(as_json(list_data(RULES.values())), None)
    else:
        write((render_list(RULES.values()) if format_ == "text" else render_index(TOPICS)).encode(), None)
