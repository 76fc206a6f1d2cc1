"""`timepolicy validate`: whether a policy is right, on every release and in every role."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import DEFAULT_POLICY, every_role_option
from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting, reporting_options
from timepolicy.cli.streams import WRONG_POLICY, read_source, report
from timepolicy.findings.forms import FOR_PEOPLE
from timepolicy.findings.wording import counted
from timepolicy.policy.role import Role

if TYPE_CHECKING:
    from timepolicy.source import Source


def _extent(source: Source, roles: Sequence[Role]) -> str:
    """What a right policy has been checked for."""
    from timepolicy.compiler import named_releases, read_policy, roles_of

    document = read_policy(source).value
    assert document is not None, "it has no errors"
    number = len(named_releases(document))
    releases = counted(number, "release") if number else "no release in `distros`"
    return f"{releases}, {counted(len(roles or roles_of(document)), 'role')}"


@click.command(
    epilog=examples(
        "timepolicy validate",
        "timepolicy validate --strict clusters/*.yaml",
        "timepolicy validate --format sarif >findings.sarif",
    )
)
@click.argument("policies", metavar="[POLICY]...", nargs=-1, type=click.Path(path_type=str))
@reporting_options("--format", are_product=True)
@every_role_option
def validate(policies: tuple[str, ...], role: str | None, reporting: Reporting) -> None:
    """Check each POLICY on every release and in every role.

    Without POLICY, timepolicy.yaml is checked. In a form for programs the findings are the product: they go to standard
    output, whatever the exit status, and a policy without findings gives a document without findings.
    On a terminal, a right policy gives a line that says so.
    """
    from timepolicy.compiler import check_policy

    if len(policies) > 1 and reporting.form not in FOR_SEVERAL_FILES:
        raise click.UsageError(f"{reporting.form} is a document about one policy; name one, or use another form")
    is_wrong = False
    for path in policies or (DEFAULT_POLICY,):
        source = read_source(path)
        roles = [Role(role)] if role else ()
        findings = check_policy(source, roles)
        has_errors = reporting.show(findings, source)
        is_wrong = has_errors or is_wrong
        if not has_errors and reporting.form == FOR_PEOPLE and sys.stderr is not None and sys.stderr.isatty():
            name = f"{source.name}: " if len(policies) > 1 else ""
            report(f"{name}ok: {_extent(source, roles)}\n")
    if is_wrong:
        sys.exit(WRONG_POLICY)
