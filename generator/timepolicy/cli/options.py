"""Arguments and options that several commands share."""

from __future__ import annotations

import os
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


def only_value(_context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> str | None:
    """Return the value of an option, None where it is not given; click would silently take the last of several."""
    return only_of(option.opts[0], values)


def only_of(flag: str, values: tuple[str, ...]) -> str | None:
    """Return the value of the option `flag`, None without one; raise click.UsageError where there are several."""
    if len(values) > 1:
        raise click.UsageError(f"{flag} is given {len(values)} times; name one")
    return values[0] if values else None


distro_option = click.option(
    "--distro",
    metavar="D",
    multiple=True,
    callback=only_value,
    show_default="the only one that POLICY names",
    help="The distribution release, by its name in `timepolicy distros`.",
)
every_distro_option = click.option(
    "--distro",
    metavar="D",
    multiple=True,
    callback=only_value,
    show_default="each that the policy names",
    help="Only nodes of this distribution release, by its name in `timepolicy distros`.",
)
role_option = click.option(
    "--role", type=click.Choice([str(role) for role in Role]), default=str(Role.CLIENT), help="What the node is for."
)
every_role_option = click.option(
    "--role", type=click.Choice([str(role) for role in Role]), show_default="both", help="Only nodes of this role."
)


def output_path(_context: click.Context, _option: click.Parameter, path: str | None) -> Path | None:
    """Return the path of an option that names a file to write; None for `-`, which is standard output."""
    from pathlib import Path

    return None if path in (None, "-") else Path(path)


def refuse_to_replace(output: Path | None, *inputs: str) -> None:
    """Raise click.UsageError where the file to write is one of those that the command reads."""
    if output is not None and output.is_file():
        for path in inputs:
            if path != "-" and os.path.exists(path) and output.samefile(path):
                raise click.UsageError(
                    f"-o: {output} is read by this command, and would be replaced; name another file"
                )


def label_name(_context: click.Context, _option: click.Parameter, name: str) -> str:
    """Return the name of a label of Prometheus."""
    if not name.isascii() or not name.isidentifier():
        raise click.BadParameter(f"{name!r} is not the name of a label")
    return name


cluster_label_option = click.option(
    "--cluster-label", default="cluster", callback=label_name, help="The label that names a cluster."
)
output_option = click.option(
    "-o",
    "--output",
    type=click.Path(),
    callback=output_path,
    show_default="standard output",
    help="Write to this file, whole or not at all.",
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
