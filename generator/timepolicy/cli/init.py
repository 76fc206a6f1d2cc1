"""The command that begins a policy."""

from pathlib import Path

import click

from timepolicy.cli.policy_commands import DEFAULT_POLICY
from timepolicy.cli.streams import fail, put
from timepolicy.resources import SNIPPETS


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help=f"Write to this file, such as {DEFAULT_POLICY}; one that is there already is not touched.",
)
def init(output: Path | None) -> None:
    """Print a policy to begin with, its keys explained."""
    if output is not None and output.exists():
        fail(f"{output} is there already")
    put((SNIPPETS / "init" / DEFAULT_POLICY).read_bytes(), output)
