"""The commands that compile a policy."""

import sys
from pathlib import Path

import click

from timepolicy.catalogue.release import Release
from timepolicy.cli.distro import release_named
from timepolicy.cli.policy_file import read_policy, try_policy
from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting, reporting_options
from timepolicy.cli.streams import WRONG_POLICY, as_json, put
from timepolicy.compiler import check_document, compile_node, named_releases, roles
from timepolicy.emit import EMITTERS
from timepolicy.plan.nodeplan import NodePlan
from timepolicy.policy.model import Role
from timepolicy.policy.tree import Value
from timepolicy.text.source import Source

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
    default=next(iter(EMITTERS)),
    help="What to make.",
)
@findings_options
@output_option
def render(  # noqa: PLR0913, PLR0917  # click passes each option by name
    policy: str, distro: str | None, role: str, format_: str, reporting: Reporting, output: Path | None
) -> None:
    """Compile POLICY for one kind of node."""
    put(EMITTERS[format_].render(_plan(policy, distro, role, reporting)), output)


@click.command()
@policy_argument
@distro_option
@role_option
@findings_options
@output_option
def plan(policy: str, distro: str | None, role: str, reporting: Reporting, output: Path | None) -> None:
    """Print, as JSON, what one kind of node gets, and from which lines of POLICY."""
    put(as_json(_plan(policy, distro, role, reporting).to_data()), output)


def _plan(policy: str, distro: str | None, role: str, reporting: Reporting) -> NodePlan:
    """Compile `policy` for the release that is asked for; exits unless there is a plan."""
    source, findings, document = read_policy(policy, reporting)
    release = wanted_release(distro, document, source)
    made = compile_node(document, release, Role(role), findings)
    reporting.stop_at_errors(findings, source)
    assert made is not None, "without errors there is a plan"
    return made


def wanted_release(distro: str | None, document: Value, source: Source) -> Release:
    """Return the release that --distro names, or the only one that the policy names."""
    named = named_releases(document)
    key = distro or (named[0] if len(named) == 1 else None)
    if key is None:
        choice = f"; {source.name} names {', '.join(named)}" if named else "; `timepolicy distros` lists them"
        raise click.UsageError(f"say for which release, with --distro{choice}")
    return release_named(key)
