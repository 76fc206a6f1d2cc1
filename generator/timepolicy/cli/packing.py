"""The options that say how a product is packed for the way that it takes, and what it has to fit in."""

from collections.abc import Callable

import click

from timepolicy.cli.reporting import Reporting
from timepolicy.facts.clouds import CLOUDS
from timepolicy.findings.result import Findings
from timepolicy.product import Product, over_limit
from timepolicy.source import Source

Command = Callable[..., None]


def packing_options(command: Command) -> Command:
    """Give a command `gzip`, `base64` and `limit`."""
    limit = click.option(
        "--limit", type=click.Choice(list(CLOUDS)), help="Fail where the product is more than this cloud takes."
    )
    gzipped = click.option("--gzip", "is_gzipped", is_flag=True, help="Compress; cloud-init unpacks it by itself.")
    encoded = click.option("--base64", "is_base64", is_flag=True, help="Encode, as the APIs of most clouds ask for it.")
    return limit(gzipped(encoded(command)))


def stop_over_limit(made: Product, content: bytes, limit: str, reporting: Reporting, source: Source) -> None:
    """Report that the cloud has no room for `content`, the product as it travels, and exit, if that is so."""
    reporting.stop_at_errors(Findings(list(over_limit(made, content, limit))), source)
