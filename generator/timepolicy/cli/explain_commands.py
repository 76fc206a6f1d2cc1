"""The commands that explain: which rules there are, and what one of them means."""

import click

from timepolicy.cli.streams import as_json, put
from timepolicy.findings.pages import list_data, page_of, render_list, render_page
from timepolicy.findings.register import RULES
from timepolicy.text.suggest import nearest


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print them.")
def rules(format_: str) -> None:
    """List every rule by its code, with its severity and what it is about."""
    put(render_list().encode() if format_ == "text" else as_json(list_data()), None)


@click.command()
@click.argument("code")
def explain(code: str) -> None:
    """Say what the rule CODE means on a node, why, and what to do, with examples."""
    rule = RULES.get(code.upper())
    if rule is None:
        near = nearest(code.upper(), RULES)
        hint = f"did you mean {near}?" if near else "`timepolicy rules` lists them"
        raise click.UsageError(f"there is no rule {code}; {hint}")
    put(render_page(page_of(rule)).encode(), None)
