"""The commands that compile a policy."""

import sys
from pathlib import Path

import click

from timepolicy.cli.compiling import compile_for, product_for, target_for
from timepolicy.cli.policy_file import read_policy, try_policy
from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting, reporting_options
from timepolicy.cli.streams import WRONG_POLICY, as_json, put, put_tree
from timepolicy.compiler import check_document, roles
from timepolicy.emit import EMITTERS, rootfs
from timepolicy.policy.model import Role

DEFAULT_POLICY = "timepolicy.yaml"

policy_argument = click.argument("policy", default=DEFAULT_POLICY, type=click.Path(path_type=str))
distro_option = click.option(
    "--distro", metavar="D", help="The distribution release, as `timepolicy distros` names it."
)
role_option = click.option(
    "--role", type=click.Choice([str(role) for role in Role]), default=str(Role.CLIENT), help="What the node is for."
)
output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write to this file, whole or not at all."
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
@findings_options
@output_option
def render(  # noqa: PLR0913, PLR0917  # click passes each option by name
    policy: str, distro: str | None, role: str, format_: str | None, reporting: Reporting, output: Path | None
) -> None:
    """Compile POLICY for one kind of node.

    Without --distro, one product serves all releases that POLICY names: each node finds itself in it. With `--format
    rootfs` an output that is no .tar is a folder; it has to be empty, or not there.
    """
    made = product_for(read_policy(policy, reporting), distro, role, format_, reporting)
    if made.format == rootfs.NAME and output is not None and output.suffix != ".tar":
        put_tree(made.content, output)
    else:
        put(made.content, output)


@click.command()
@policy_argument
@distro_option
@role_option
@findings_options
@output_option
def plan(policy: str, distro: str | None, role: str, reporting: Reporting, output: Path | None) -> None:
    """Print, as JSON, what one kind of node gets, and from which lines of POLICY."""
    read = read_policy(policy, reporting)
    target = target_for(read, distro)
    (made,) = compile_for(read, [target], role, reporting)
    put(as_json(made.to_data()), output)
