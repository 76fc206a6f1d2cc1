"""How a product is packed for the way that it takes, and whether a cloud has room for it."""

import base64
from collections.abc import Callable

import click

from timepolicy.catalogue.clouds import CLOUDS
from timepolicy.cli.compiling import Product
from timepolicy.cli.reporting import Reporting
from timepolicy.emit import cloud_config, mime
from timepolicy.emit.size import compressed, fits, largest_parts
from timepolicy.findings.finding import Finding, Findings
from timepolicy.findings.register.targets import USER_DATA_TOO_LARGE
from timepolicy.text.source import START, Source

UNPACKED_BY_CLOUD_INIT = (cloud_config.NAME, mime.NAME)

Command = Callable[..., None]


def packing_options(command: Command) -> Command:
    """Give a command `gzip`, `base64` and `limit`."""
    limit = click.option(
        "--limit", type=click.Choice(list(CLOUDS)), help="Fail where the product is more than this cloud takes."
    )
    gzipped = click.option("--gzip", "is_gzipped", is_flag=True, help="Compress; cloud-init unpacks it by itself.")
    encoded = click.option("--base64", "is_base64", is_flag=True, help="Encode, as the APIs of most clouds ask for it.")
    return limit(gzipped(encoded(command)))


def packed(made: Product, *, is_gzipped: bool, is_base64: bool) -> bytes:
    """Return the product's bytes as they are asked for; compressed, they are those of this machine's zlib."""
    if is_gzipped and made.format not in UNPACKED_BY_CLOUD_INIT:
        raise click.UsageError(f"--gzip: nobody would unpack {made.format}; cloud-init does, of its own formats")
    content = compressed(made.content) if is_gzipped else made.content
    return base64.b64encode(content) + b"\n" if is_base64 else content


def stop_over_limit(made: Product, limit: str, is_gzipped: bool, reporting: Reporting, source: Source) -> None:
    """Report that the cloud has no room for the product, and exit, if that is so."""
    content, cloud = compressed(made.content) if is_gzipped else made.content, CLOUDS[limit]
    if fits(content, cloud):
        return
    parts = ", ".join(f"{path} {size}" for path, size in largest_parts(made.plans))
    values = {"size": str(len(content)), "cloud": limit, "limit": str(cloud.raw_limit), "parts": parts}
    findings = Findings()
    findings.add(Finding(rule=USER_DATA_TOO_LARGE, span=START, values=values))
    reporting.stop_at_errors(findings, source)
