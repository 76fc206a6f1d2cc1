"""What timepolicy knows without a policy."""

from dataclasses import asdict

import click

from timepolicy.catalogue.table import release_table
from timepolicy.catalogue.targets import TARGETS
from timepolicy.cli.streams import as_json, put
from timepolicy.resources import SCHEMAS


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print them.")
def distros(format_: str) -> None:
    """List the distribution releases that timepolicy knows, what sets them up, and what it assumes of each."""
    rows = list(TARGETS.values())
    put(release_table(rows).encode() if format_ == "text" else as_json([asdict(row) for row in rows]), None)


@click.command()
def schema() -> None:
    """Print the policy's JSON Schema, for editors."""
    put((SCHEMAS / "policy.schema.json").read_bytes(), None)
