"""`timepolicy schema`: the language of policies, for editors and for people."""

import click

from timepolicy.cli.help import examples
from timepolicy.cli.streams import write
from timepolicy.resources import SCHEMAS


@click.command(
    epilog=examples(
        "timepolicy schema >timepolicy.schema.json",
        "timepolicy schema --format markdown",
    )
)
@click.option(
    "--format", "format_", type=click.Choice(["json", "markdown"]), default="json", help="For editors, or for people."
)
def schema(format_: str) -> None:
    """Print the JSON Schema of policies, or a reference made from it."""
    if format_ == "json":
        write((SCHEMAS / "policy.schema.json").read_bytes(), None)
        return
    from timepolicy.reports.reference import policy_reference

    write(policy_reference().encode(), None)
