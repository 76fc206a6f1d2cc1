"""`timepolicy show`: what one node gets, in words and file by file."""

from pathlib import Path

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import (
    distro_option,
    findings_options,
    output_option,
    policy_argument,
    refuse_to_replace,
    role_option,
)
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import read_source, write
from timepolicy.compiler import named_releases, plan_kind, read_policy
from timepolicy.policy.role import Role
from timepolicy.reports.show import node_text
from timepolicy.request import requested_target


@click.command(
    epilog=examples(
        "timepolicy show --distro debian-12",
        "timepolicy show --distro rocky-9 --role server",
    )
)
@policy_argument
@distro_option
@role_option
@findings_options
@output_option
def show(policy: str, distro: str | None, role: str, reporting: Reporting, output: Path | None) -> None:
    """Show what one node gets: what it does, and its files.

    The daemon, the sources, when the clock is stepped, what the gate holds back, what the firewall lets through, and
    each file with its content. Where POLICY names one release, --distro may be left out.
    """
    refuse_to_replace(output, policy)
    source = read_source(policy)
    kind = read_policy(source).then(
        lambda document: plan_kind(
            document, requested_target(distro, source.name, named_releases(document)), Role(role)
        )
    )
    write(node_text(reporting.value_of(kind, source), source.name).encode(), output)
