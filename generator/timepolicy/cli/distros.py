"""`timepolicy distros`: the releases of the catalogue."""

from dataclasses import asdict

import click

from timepolicy.cli.help import examples
from timepolicy.cli.streams import as_json, text_or_json_option, write
from timepolicy.distros.catalogue import TARGETS
from timepolicy.reports.distros import release_table


@click.command(
    epilog=examples(
        "timepolicy distros",
    )
)
@text_or_json_option()
def distros(format_: str) -> None:
    """List the distribution releases, and what is assumed about them."""
    rows = list(TARGETS.values())
    write(release_table(rows).encode() if format_ == "text" else as_json([asdict(row) for row in rows]), None)
