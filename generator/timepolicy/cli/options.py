"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from timepolicy.cli.reporting import reporting_options
from timepolicy.facts.clouds import CLOUDS
from timepolicy.policy.role import Role

if TYPE_CHECKING:
    from pathlib import Path

Command = Callable[..., None]

DEFAULT_POLICY = "timepolicy.yaml"

policy_argument = click.argument("policy", default=DEFAULT_POLICY, type=click.Path(path_type=str))
distro_option = click.option("--distro", metavar="D", help="The distribution release, by its name in `distros`.")
role_option = click.option(
    "--role", type=click.Choice([str(role) for role in Role]), default=str(Role.CLIENT), help="What the node is for."
)
every_role_option = click.option(
    "--role", type=click.Choice([str(role) for role in Role]), help="Only nodes of this role."
)


def output_path(_context: click.Context, _option: click.Parameter, path: str | None) -> Path | None:
    """Return the path of an option that names a file to write; None for `-`, which is standard output."""
    from pathlib import Path

    return None if path in (None, "-") else Path(path)


output_option = click.option(
    "-o", "--output", type=click.Path(), callback=output_path, help="Write to this file, whole or not at all."
)
findings_options = reporting_options("--findings", are_product=False)


def packing_options(command: Command) -> Command:
    """Add `--gzip`, `--base64` and `--limit`: how a product travels, and what it must fit."""
    for option in (
        click.option("--base64", "is_base64", is_flag=True, help="Encode, as the APIs of most clouds require."),
        click.option("--gzip", "is_gzipped", is_flag=True, help="Compress; cloud-init decompresses it."),
        click.option("--limit", type=click.Choice(list(CLOUDS)), help="Fail where this cloud accepts less user-data."),
    ):
        command = option(command)
    return command
