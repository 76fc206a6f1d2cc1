"""The commands that compile a policy."""

import base64
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from timepolicy.cli.keys import keys_of, keys_option, stop_unless_laid
from timepolicy.cli.packing import packing_options, stop_over_limit
from timepolicy.cli.policy_file import read_policy, taken, try_policy
from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting, reporting_options
from timepolicy.cli.streams import WRONG_POLICY, as_json, put, put_tree
from timepolicy.compiler import check_document, compile_kinds, roles
from timepolicy.distros.release import DaemonName
from timepolicy.formats import EMITTERS, rootfs
from timepolicy.plan.types import NodePlan
from timepolicy.policy.model import Policy, Role
from timepolicy.product import ReadPolicy, packed, plans_for, product_for, target_for
from timepolicy.reports.capacity import load_of
from timepolicy.reports.plan_table import load_table, plan_table
from timepolicy.request import target_named

DEFAULT_POLICY = "timepolicy.yaml"

COMPRESSED = (".bz2", ".gz", ".tgz", ".xz", ".zip", ".zst")
"""What no folder is called, and who asks for it means an archive."""

policy_argument = click.argument("policy", default=DEFAULT_POLICY, type=click.Path(path_type=str))
distro_option = click.option(
    "--distro", metavar="D", help="The distribution release, as `timepolicy distros` names it."
)
role_option = click.option(
    "--role", type=click.Choice([str(role) for role in Role]), default=str(Role.CLIENT), help="What the node is for."
)
output_option = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    callback=lambda _context, _option, path: None if path == Path("-") else path,
    help="Write to this file, whole or not at all.",
)
findings_options = reporting_options("--findings", are_product=False)


@click.command()
@click.argument("policies", metavar="[POLICY]...", nargs=-1, type=click.Path(path_type=str))
@reporting_options("--format", are_product=True)
@click.option("--role", type=click.Choice([str(role) for role in Role]), help="For nodes of this role only.")
def validate(policies: tuple[str, ...], role: str | None, reporting: Reporting) -> None:
    """Check each POLICY on every release that it names, and in every role; by default timepolicy.yaml.

    In a form for programs the findings are the product: they go to standard output, also with exit status 1, and a
    policy without findings gives a document without findings.
    """
    if len(policies) > 1 and reporting.form not in FOR_SEVERAL_FILES:
        raise click.UsageError(f"{reporting.form} is a document about one policy; name one, or take another form")
    wrong = [policy for policy in policies or (DEFAULT_POLICY,) if not _is_right(policy, role, reporting)]
    if wrong:
        sys.exit(WRONG_POLICY)


def _is_right(policy: str, role: str | None, reporting: Reporting) -> bool:
    """Report what is wrong with a policy, and whether it is."""
    source, findings, document = try_policy(policy)
    if document is not None:
        check_document(document, [Role(role)] if role else roles(document), findings)
    return not reporting.show(findings, source)


@click.command()
@policy_argument
@distro_option
@role_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(EMITTERS)),
    help="What to make; what the release takes by itself when left out.",
)
@keys_option
@packing_options
@findings_options
@output_option
def render(  # noqa: PLR0913, PLR0917  # click passes each option by name
    policy: str,
    distro: str | None,
    role: str,
    format_: str | None,
    keys: str | None,
    limit: str | None,
    is_gzipped: bool,
    is_base64: bool,
    reporting: Reporting,
    output: Path | None,
) -> None:
    """Compile POLICY for one kind of node.

    Without --distro, one product serves all releases that POLICY names: each node finds itself in it. With `--format
    rootfs` an output that is no .tar is a folder; it has to be empty, or not there.
    """
    read = read_policy(policy, reporting)
    given = keys_of(keys)
    made = taken(product_for(read, distro, Role(role), format_, given), read, reporting)
    stop_unless_laid(made, given)
    content = packed(made, is_gzipped=is_gzipped)
    if limit is not None:
        stop_over_limit(made, content, limit, reporting, read[0])
    content = base64.b64encode(content) + b"\n" if is_base64 else content
    if made.format != rootfs.NAME or output is None or output.suffix.lower() == ".tar":
        put(content, output, is_secret=made.is_secret)
    elif is_base64 or output.suffix in COMPRESSED:
        raise click.UsageError(f"-o: {made.format} is NAME.tar, or a folder of plain files, and not {output}")
    else:
        put_tree(content, output)


@click.command()
@policy_argument
@distro_option
@click.option("--role", type=click.Choice([str(role) for role in Role]), help="For nodes of this role only.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), help="A table, or one node's plan.")
@click.option("--nodes", type=click.IntRange(1, 10**9), help="Say what so many clients ask of the cluster's servers.")
@findings_options
@output_option
def plan(  # noqa: PLR0913, PLR0917  # click passes each option by name
    policy: str,
    distro: str | None,
    role: str | None,
    format_: str | None,
    nodes: int | None,
    reporting: Reporting,
    output: Path | None,
) -> None:
    """Print what each kind of node gets, as a table with sizes; or what one gets, and from which lines of POLICY.

    With --distro or `--format json` it is one node's plan, as JSON.
    """
    read = read_policy(policy, reporting)
    if format_ == "text" or (format_ is None and distro is None):
        put(_table(read, distro, role, nodes, reporting).encode(), output)
        return
    if nodes is not None:
        raise click.UsageError("--nodes: only the table says what servers bear; leave --distro and --format out")
    plans = plans_for(read, [target_for(read, distro)], Role(role or Role.CLIENT))
    (made,) = taken(plans, read, reporting)
    put(as_json(made.to_data()), output)


def _table(read: ReadPolicy, distro: str | None, role: str | None, nodes: int | None, reporting: Reporting) -> str:
    source, findings, document = read
    kinds = compile_kinds(document, findings, [target_named(distro).key] if distro else [])
    reporting.stop_at_errors(findings, source)
    wanted = [(node, made) for node, made in kinds if role in (None, made.role)]
    table = plan_table([made for _, made in wanted])
    return table if nodes is None else f"{table}\n{_loads(wanted, nodes)}"


def _loads(kinds: Sequence[tuple[Policy, NodePlan]], nodes: int) -> str:
    """What `nodes` clients ask; exits where no client asks a server of the cluster."""
    loads = [(made, load_of(node, DaemonName(made.daemon), nodes)) for node, made in kinds if made.contract]
    told = [(made, load) for made, load in loads if load]
    if not told:
        raise click.UsageError("--nodes: the policy has no clients that ask servers of the cluster")
    return load_table(told, nodes)
