"""`timepolicy init`: a policy to start with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import DEFAULT_POLICY
from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting, reporting_options
from timepolicy.cli.streams import WRONG_POLICY, fail, write
from timepolicy.plan.snippets import render_snippet
from timepolicy.tokens import Host, Network, Verbatim

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COMMENT_COLUMN = 34
"""Characters before the comments of the policy."""


@click.command(
    epilog=examples(
        "timepolicy init -o timepolicy.yaml",
        "timepolicy init --distro rocky-9 --servers 10.2.12.11 --servers 10.2.12.12 --allow 10.2.0.0/16",
        "timepolicy init --from chrony.conf --distro debian-12 -o timepolicy.yaml",
    )
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    show_default="standard output",
    help=f"Write to this file, such as {DEFAULT_POLICY}; a file that exists is never overwritten.",
)
@click.option(
    "--distro",
    "distros",
    multiple=True,
    metavar="D",
    show_default="debian-12",
    help="A distribution release of the nodes, by its name in `timepolicy distros`; once for each.",
)
@click.option(
    "--from",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=str),
    help="Convert this file of chrony, systemd-timesyncd or ntpd, as `timepolicy import` does; once for each.",
)
@click.option(
    "--servers",
    "--address",
    "addresses",
    multiple=True,
    metavar="A",
    help="The name or IP address of a server of your own, which serves time to the other nodes; once for each.",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="NETWORK",
    help="A network whose nodes may ask the servers; once for each. With --from, the files name them.",
)
@reporting_options("--findings", are_product=False, forms=FOR_SEVERAL_FILES)
def init(  # noqa: PLR0913, PLR0917  # click passes each option by name
    output: Path | None,
    distros: tuple[str, ...],
    files: tuple[str, ...],
    addresses: tuple[str, ...],
    allow: tuple[str, ...],
    reporting: Reporting,
) -> None:
    """Print a policy to start with.

    Its comments explain the keys; with --from, they list what the policy lacks of the files.
    """
    if files and allow:
        raise click.UsageError("--allow: with --from, the networks are those of the files")
    if not files and bool(addresses) != bool(allow):
        raise click.UsageError("--servers and --allow are only valid together: servers refuse all other networks")
    if output is not None and output.exists():
        fail(f"{output} exists already; name another file, or remove it")
    _refuse_wrong_values(distros, addresses, allow)
    if files:
        text = _imported(files, list(dict.fromkeys(distros)), addresses, reporting)
    else:
        text = render_snippet(
            "init/timepolicy.yaml.j2",
            distros=_list_before_comment(dict.fromkeys(distros or ("debian-12",)), "distros: "),
            addresses=Verbatim(_list(addresses) if addresses else ""),
            allow=_list_before_comment(allow, "  allow: "),
        )
    write(text.encode(), output)


def _refuse_wrong_values(distros: Iterable[str], addresses: Iterable[str], allow: Iterable[str]) -> None:
    """Raise click.UsageError for what is no host or network, and RequestError for a release that nobody knows."""
    for kind, values, message in (
        (Host, addresses, "--servers: `{}` is no host name or IP address"),
        (Network, allow, "--allow: `{}` is no network, such as 10.2.0.0/16"),
    ):
        for value in values:
            try:
                kind(value)
            except ValueError as error:
                raise click.UsageError(message.format(value)) from error
    if distros:
        from timepolicy.request import target_named  # loads every format, which only this option needs

        for name in distros:
            target_named(name)


def _list_before_comment(tokens: Iterable[str], key: str) -> Verbatim:
    """A list behind `key`, with the spaces up to the comment."""
    return Verbatim(_list(tokens).ljust(COMMENT_COLUMN - len(key) - 2) + "  ")


def _list(tokens: Iterable[str]) -> str:
    """A list in brackets, with quotes where some YAML reader does not read text: `fd00:2::1`, hosts such as `n`."""
    from timepolicy.document.scalars import plain_scalar, reading_of

    def needs_quotes(token: str) -> bool:
        return ":" in token or reading_of(token) is not None or plain_scalar(token) != token

    return "[" + ", ".join(f'"{token}"' if needs_quotes(token) else token for token in tokens) + "]"


def _imported(files: Sequence[str], distros: list[str], addresses: Sequence[str], reporting: Reporting) -> str:
    """The policy that the files convert to; exits where they have no source of time."""
    from timepolicy.cli.config_files import config_files, show
    from timepolicy.configs.pipeline import import_files

    imported = config_files(files, distros[0] if len(distros) == 1 else None, None).run(import_files, addresses)
    has_errors = show(imported.reports, reporting)
    if imported.policy is None or (reporting.strict and has_errors):
        sys.exit(WRONG_POLICY)
    return imported.policy + (f"distros: {_list(distros)}\n" if distros else "")
