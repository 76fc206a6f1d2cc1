"""`timepolicy init`: a policy to start with."""

from pathlib import Path

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import DEFAULT_POLICY
from timepolicy.cli.streams import fail, write
from timepolicy.resources import SNIPPETS


@click.command(
    epilog=examples(
        "timepolicy init -o timepolicy.yaml",
    )
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    show_default="standard output",
    help=f"Write to this file, such as {DEFAULT_POLICY}; a file that exists is never overwritten.",
)
def init(output: Path | None) -> None:
    """Print a policy to start with.

    Its comments explain the keys.
    """
    if output is not None and output.exists():
        fail(f"{output} exists already; name another file, or remove it")
    write((SNIPPETS / "init" / DEFAULT_POLICY).read_bytes(), output)
