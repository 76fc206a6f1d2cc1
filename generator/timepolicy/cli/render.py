"""`timepolicy render`: what a node boots with."""

from __future__ import annotations

import base64
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from timepolicy.cli.help import examples
from timepolicy.cli.options import (
    findings_options,
    only_of,
    output_option,
    packing_options,
    policy_argument,
    refuse_to_replace,
    role_option,
)
from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting
from timepolicy.cli.streams import WRONG_POLICY, read_bytes, read_source, write, write_tree
from timepolicy.findings.wording import listed
from timepolicy.policy.role import Role

if TYPE_CHECKING:
    from timepolicy.compiler import Product
    from timepolicy.policy.keys import Keys
    from timepolicy.request import Request
    from timepolicy.source import Source

KEYS_VARIABLE = "TIMEPOLICY_KEYS_FILE"

COMPRESSED = (".bz2", ".gz", ".tgz", ".xz", ".zip", ".zst")
"""Suffixes that no folder has: an output with one of them is meant as an archive."""


class FormatName(click.Choice):  # type: ignore[type-arg]  # click 8.1 knows no type argument
    """The choice of formats, which load only where the choice matters: for a given format, and for the help."""

    def __init__(self) -> None:
        self.case_sensitive = True

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]  # click assigns it when it is created
        """The names of the formats."""
        from timepolicy.formats import FORMATS

        return tuple(FORMATS)


@click.command(
    epilog=examples(
        "timepolicy render --distro debian-12 -o user-data",
        "timepolicy render --distro debian-12 --with user-data.yaml --limit aws -o joined",
        "timepolicy render --role server --distro rocky-9 --format rootfs -o tree",
        "timepolicy render --all -o products",
    )
)
@policy_argument
@click.option(
    "--distro",
    "distros",
    metavar="D",
    multiple=True,
    show_default="all that POLICY names, in one product",
    help="The distribution release, by its name in `timepolicy distros`.",
)
@role_option
@click.option("--format", "formats", type=FormatName(), multiple=True, help="The format; by default the release's own.")
@click.option(
    "--all",
    "is_all",
    is_flag=True,
    help="A folder of products: of every release and role of POLICY; or of --role, --distro and --format, which may be"
    " repeated.",
)
@click.option(
    "--inventory",
    metavar="CSV",
    help="The same for the nodes of a list with the columns name, distro, role and format.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="How many processes render; by default as many as are worth it."
)
@click.option(
    "--keys",
    envvar=KEYS_VARIABLE,
    metavar="FILE",
    help=f"Symmetric keys to install on the node, in chronyd's keyfile format; also set by {KEYS_VARIABLE}.",
)
@click.option(
    "--with",
    "others",
    multiple=True,
    metavar="FILE",
    help="Other user-data: the product is one MIME document of it and of POLICY's part. May be repeated.",
)
@packing_options
@findings_options
@output_option
def render(  # noqa: PLR0913, PLR0917  # click passes each option by name
    policy: str,
    distros: tuple[str, ...],
    role: str,
    formats: tuple[str, ...],
    is_all: bool,
    inventory: str | None,
    jobs: int | None,
    keys: str | None,
    others: tuple[str, ...],
    limit: str | None,
    is_gzipped: bool,
    is_base64: bool,
    reporting: Reporting,
    output: Path | None,
) -> None:
    """Compile POLICY for one kind of node.

    Without --distro, one product serves every release that POLICY names: each node picks its own part. With `--format
    rootfs`, an output that does not end in .tar is a folder, which must be empty or missing. With --all or --inventory,
    the output is a folder of products and an index; without -o, only the index is printed.
    """
    from timepolicy.request import Request

    request = Request(role=Role(role), keys=_keys(keys) if keys else None, gzip=is_gzipped, limit=limit)
    if is_all or inventory is not None:
        if others:
            raise click.UsageError("--with: it cannot be combined with --all and --inventory")
        from timepolicy.batch import Selection
        from timepolicy.cli.render_all import Batch, render_all

        selection = Selection(distros=distros, role=Role(role) if _is_given("role") else None, formats=formats)
        if inventory is not None and (is_all or selection != Selection()):
            raise click.UsageError("--inventory: the list says what is made; remove --all, --distro, --role, --format")
        batch = Batch(
            selection=selection,
            inventory=inventory,
            processes=jobs,
            is_base64=is_base64,
        )
        _check_keys(is_secret=render_all(policy, request, batch, reporting, output))
        return
    if jobs is not None:
        raise click.UsageError("--jobs: only --all and --inventory make several products")
    refuse_to_replace(output, policy, keys or "-", *others)
    source = read_source(policy)
    request = replace(request, distro=only_of("--distro", distros), format=only_of("--format", formats))
    _write(_product(source, request, others, reporting), output, is_base64=is_base64)


def _write(product: Product, output: Path | None, *, is_base64: bool) -> None:
    """Write the only product to a file, a folder or standard output."""
    _check_keys(is_secret=product.is_secret)
    content = base64.b64encode(product.content) + b"\n" if is_base64 else product.content
    if product.format != "rootfs" or output is None or output.suffix.lower() == ".tar":
        write(content, output, is_secret=product.is_secret)
    elif is_base64 or output.suffix in COMPRESSED:
        raise click.UsageError(f"-o: {product.format} is NAME.tar, or a folder of plain files, and not {output}")
    else:
        write_tree(content, output)


def _check_keys(*, is_secret: bool) -> None:
    """Raise click.UsageError for keys on the command line that no node gets; the environment has them for all."""
    if _is_given("keys") and not is_secret:
        raise click.UsageError("--keys: no source of the policy has a `key` from `authentication.keys_file`")


def _is_given(option: str) -> bool:
    return click.get_current_context().get_parameter_source(option) is ParameterSource.COMMANDLINE


def _product(source: Source, request: Request, others: tuple[str, ...], reporting: Reporting) -> Product:
    """Return what `request` asks for, joined with the user-data in the files `others`; exits after an error in any."""
    from timepolicy.compiler import compile_joined, compile_policy

    if not others:
        return reporting.value_of(compile_policy(source, request), source)
    if reporting.form not in FOR_SEVERAL_FILES:
        raise click.UsageError(f"--findings: with --with, {listed(FOR_SEVERAL_FILES)}: each file has its own")
    from timepolicy.cli.config_files import show

    files = [("<stdin>" if name == "-" else name, read_bytes(name)) for name in others]
    result, reports = compile_joined(source, request, files)
    is_wrong = show(reports, reporting)
    product = reporting.value_of(result, source)
    if is_wrong:
        sys.exit(WRONG_POLICY)
    return product


def _keys(path: str) -> Keys:
    from timepolicy.policy.keys import MalformedKeyError, read_keys

    try:
        return read_keys(read_bytes(path).decode("ascii"))
    except MalformedKeyError as error:
        raise click.UsageError(f"--keys: {path}: {error}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"--keys: {path} is not ASCII") from None
