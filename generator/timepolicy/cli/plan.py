"""`timepolicy plan`: what each kind of node gets, in a table with sizes, or one node's plan as JSON."""

from pathlib import Path

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import (
    every_distro_option,
    every_role_option,
    findings_options,
    output_option,
    policy_argument,
    refuse_to_replace,
)
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import as_json, read_source, text_or_json_option, write
from timepolicy.compiler import NodeKind, named_releases, plan_kind, plan_kinds, read_policy
from timepolicy.plan.types import AgentPlan
from timepolicy.policy.role import Role
from timepolicy.reports.capacity import load_of
from timepolicy.reports.plan import load_table, plan_table
from timepolicy.request import own_target, requested_target


@click.command(
    epilog=examples(
        "timepolicy plan",
        "timepolicy plan --distro debian-12 --format json -o plan.json",
        "timepolicy plan --nodes 500",
    )
)
@policy_argument
@every_distro_option
@every_role_option
@text_or_json_option(help="A table, or one node's plan as JSON.")
@click.option(
    "--nodes", type=click.IntRange(1, 10**9), help="Show the load of so many clients on the cluster's servers."
)
@click.option("--digest", is_flag=True, help="Only the digests that right nodes report, with a comma between them.")
@findings_options
@output_option
def plan(  # noqa: PLR0913, PLR0917  # click passes each option by name
    policy: str,
    distro: str | None,
    role: str | None,
    format_: str,
    nodes: int | None,
    digest: bool,
    reporting: Reporting,
    output: Path | None,
) -> None:
    """Show what each kind of node gets, with sizes.

    In a row for each release and role: the daemons that the node may run, the packages that it installs, the units that
    the gate holds back, and the product. `timepolicy show` has the files of one node.
    """
    refuse_to_replace(output, policy)
    if digest and (format_ == "json" or nodes):
        raise click.UsageError("--digest: it cannot be combined with --format and --nodes")
    source = read_source(policy)
    if digest or format_ == "text":
        kinds = read_policy(source).then(
            lambda document: plan_kinds(
                document, [own_target(distro, source.name, named_releases(document)).key] if distro else ()
            )
        )
        shown = [kind for kind in reporting.value_of(kinds, source) if role in (None, kind.plan.role)]
        if digest:
            digests = dict.fromkeys(kind.plan.contract.digest for kind in shown if isinstance(kind.plan, AgentPlan))
            write(f"{','.join(digests)}\n".encode(), output)
            return
        table = plan_table(shown)
        write((table if nodes is None else f"{table}\n{_loads(shown, nodes)}").encode(), output)
        return
    if nodes is not None:
        raise click.UsageError("--nodes: only the table shows the load of servers; remove --format")
    one = read_policy(source).then(
        lambda document: plan_kind(
            document,
            requested_target(distro, source.name, named_releases(document)),
            Role(role or Role.CLIENT),
        )
    )
    write(as_json(reporting.value_of(one, source).plan.to_data()), output)


def _loads(kinds: list[NodeKind], nodes: int) -> str:
    """The load of `nodes` clients; a wrong command line where no client asks a server of the cluster."""
    loads = [
        (kind.plan, load)
        for kind in kinds
        if isinstance(kind.plan, AgentPlan) and (load := load_of(kind.policy, kind.plan.daemon, nodes))
    ]
    if not loads:
        raise click.UsageError("--nodes: the policy has no clients that ask servers of the cluster")
    return load_table(loads, nodes)
