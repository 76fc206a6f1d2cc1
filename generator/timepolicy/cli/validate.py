"""`timepolicy validate`: whether a policy is right, on every release and in every role."""

import sys

import click

from timepolicy.cli.options import DEFAULT_POLICY, every_role_option
from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting, reporting_options
from timepolicy.cli.streams import WRONG_POLICY, read_source
from timepolicy.policy.role import Role


@click.command()
@click.argument("policies", metavar="[POLICY]...", nargs=-1, type=click.Path(path_type=str))
@reporting_options("--format", are_product=True)
@every_role_option
def validate(policies: tuple[str, ...], role: str | None, reporting: Reporting) -> None:
    """Check each POLICY on every release and in every role.

    Without POLICY, timepolicy.yaml is checked. In a form for programs the findings are the product: they go to standard
    output, whatever the exit status, and a policy without findings gives a document without findings.
    """
    from timepolicy.compiler import check_policy

    if len(policies) > 1 and reporting.form not in FOR_SEVERAL_FILES:
        raise click.UsageError(f"{reporting.form} is a document about one policy; name one, or use another form")
    is_wrong = False
    for path in policies or (DEFAULT_POLICY,):
        source = read_source(path)
        findings = check_policy(source, [Role(role)] if role else ())
        is_wrong = reporting.show(findings, source) or is_wrong
    if is_wrong:
        sys.exit(WRONG_POLICY)
