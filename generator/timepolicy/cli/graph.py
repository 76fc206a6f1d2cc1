"""The command that draws the whole of a policy."""

from pathlib import Path
from types import ModuleType

import click

from timepolicy.cli.policy_commands import findings_options, output_option, policy_argument
from timepolicy.cli.policy_file import read_policy
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import put
from timepolicy.compiler import compile_kinds
from timepolicy.reports.graph import mermaid, svg
from timepolicy.reports.graph.topology import Node, topology_of

FORMATS: dict[str, ModuleType] = {mermaid.NAME: mermaid, svg.NAME: svg}


@click.command()
@policy_argument
@click.option(
    "--format", "format_", type=click.Choice(list(FORMATS)), default=mermaid.NAME, help="What to make of the picture."
)
@findings_options
@output_option
def graph(policy: str, format_: str, reporting: Reporting, output: Path | None) -> None:
    """Draw POLICY: who takes time from whom, in the releases that it names, or else in all that can have it."""
    source, findings, document = read_policy(policy, reporting)
    kinds = compile_kinds(document, findings)
    reporting.stop_at_errors(findings, source)
    nodes = [Node(release=plan.release, policy=made, daemon=plan.daemon) for made, plan in kinds]
    topology = topology_of(nodes[0].policy.name, nodes)
    put(FORMATS[format_].draw(topology), output)
