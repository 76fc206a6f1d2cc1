"""`timepolicy graph`: which nodes take time from which."""

from pathlib import Path

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import findings_options, output_option, policy_argument, refuse_to_replace
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import read_source, write
from timepolicy.compiler import plan_kinds, read_policy
from timepolicy.reports.graph import mermaid, svg
from timepolicy.reports.graph.topology import topology_of

DRAWINGS = {mermaid.NAME: mermaid.draw, svg.NAME: svg.draw}


@click.command(
    epilog=examples(
        "timepolicy graph --format svg -o graph.svg",
    )
)
@policy_argument
@click.option(
    "--format", "format_", type=click.Choice(list(DRAWINGS)), default=mermaid.NAME, help="The form of the drawing."
)
@findings_options
@output_option
def graph(policy: str, format_: str, reporting: Reporting, output: Path | None) -> None:
    """Draw which nodes take time from which.

    On the releases that POLICY names, or else on all that support it.
    """
    refuse_to_replace(output, policy)
    source = read_source(policy)
    kinds = reporting.value_of(read_policy(source).then(plan_kinds), source)
    write(DRAWINGS[format_](topology_of(kinds)), output)
