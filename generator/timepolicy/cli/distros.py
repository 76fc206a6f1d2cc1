"""`timepolicy distros`: the releases of the catalogue."""

from dataclasses import asdict

import click

from timepolicy.cli.help import examples
from timepolicy.cli.streams import as_json, list_format_option, write
from timepolicy.distros.catalogue import TARGETS


@click.command(
    epilog=examples(
        "timepolicy distros",
    )
)
@list_format_option()
def distros(format_: str) -> None:
    """List the distribution releases, and what is assumed about them."""
    rows = list(TARGETS.values())
    if format_ == "json":
        write(as_json([asdict(row) for row in rows]), None)
    elif format_ == "text":
        from timepolicy.reports.distros import release_table

        write(release_table(rows).encode(), None)
    else:
        from timepolicy.reports.release_page import release_page

        write(release_page(rows).encode(), None)
