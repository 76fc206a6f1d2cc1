"""What timepolicy knows without a policy."""

from dataclasses import asdict

import click

from timepolicy.cli.streams import as_json, put
from timepolicy.distros.targets import TARGETS
from timepolicy.document.schema import policy_schema
from timepolicy.reports.distros import release_table
from timepolicy.reports.reference import policy_reference
from timepolicy.resources import SCHEMAS


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print them.")
def distros(format_: str) -> None:
    """List the distribution releases that timepolicy knows, what sets them up, and what it assumes of each."""
    rows = list(TARGETS.values())
    put(release_table(rows).encode() if format_ == "text" else as_json([asdict(row) for row in rows]), None)


@click.command()
@click.option(
    "--format", "format_", type=click.Choice(["json", "markdown"]), default="json", help="For editors, or for people."
)
def schema(format_: str) -> None:
    """Print the policy's JSON Schema, or the reference that is made of it."""
    text = (SCHEMAS / "policy.schema.json").read_bytes()
    put(text if format_ == "json" else policy_reference(policy_schema()).encode(), None)
