"""`timepolicy validate`: whether a policy is right, on every release and in every role."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import DEFAULT_POLICY, every_role_option
from timepolicy.cli.reporting import FOR_SEVERAL_FILES, Reporting, reporting_options
from timepolicy.cli.streams import WRONG_POLICY, read_source, report, write
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


def _fixed(path: str) -> Source:
    """The policy with the corrections that leave no doubt, which are written and reported."""
    from timepolicy.compiler import fixed_policy
    from timepolicy.document.load import unreadable

    source = read_source(path)
    fixed, edits = fixed_policy(source)
    if edits or (path == "-" and not any(unreadable(source))):
        write(fixed.text.encode(), None if path == "-" else Path(path))
    for edit in edits:
        report(f"{source.name}:{edit.span.line}: changed `{edit.old}` to `{edit.new}`\n")
    return fixed


@click.command(
    epilog=examples(
        "timepolicy validate",
        "timepolicy validate --strict clusters/*.yaml",
        "timepolicy validate --fix",
        "timepolicy validate --format sarif >findings.sarif",
    )
)
@click.argument("policies", metavar="[POLICY]...", nargs=-1, type=click.Path(path_type=str))
@click.option("--fix", "is_fixing", is_flag=True, help="First correct in POLICY what leaves no doubt.")
@reporting_options("--format", are_product=True)
@every_role_option
def validate(policies: tuple[str, ...], role: str | None, is_fixing: bool, reporting: Reporting) -> None:
    """Check each POLICY on every release and in every role.

    Without POLICY, timepolicy.yaml is checked. In a form for programs the findings are the product: they go to standard
    output, whatever the exit status, and a policy without findings gives a document without findings.
    On a terminal, a line says that a policy is right, or how many mistakes of a wrong one --fix would correct.

    With --fix, keys and releases with a spelling mistake that can mean one thing only get their names, and durations
    such as `5 min` are written as `5m`. Comments and layout stay, and each change is reported. The policy of standard
    input goes to standard output.
    """
    from timepolicy.compiler import check_policy

    if len(policies) > 1 and reporting.form not in FOR_SEVERAL_FILES:
        raise click.UsageError(f"{reporting.form} is a document about one policy; name one, or use another form")
    if is_fixing and "-" in policies and reporting.form != FOR_PEOPLE:
        raise click.UsageError(f"--fix writes the policy to standard output, and --format {reporting.form} does too")
    is_wrong = False
    is_talking = reporting.form == FOR_PEOPLE and sys.stderr is not None and sys.stderr.isatty()
    for path in policies or (DEFAULT_POLICY,):
        source = _fixed(path) if is_fixing else read_source(path)
        roles = [Role(role)] if role else ()
        findings = check_policy(source, roles)
        has_errors = reporting.show(findings, source)
        is_wrong = has_errors or is_wrong
        if certain := sum(finding.is_certain for finding in findings) if is_talking else 0:
            report(f"`timepolicy validate --fix {path}` corrects {certain} of these\n")
        if not has_errors and is_talking:
            name = f"{source.name}: " if len(policies) > 1 else ""
            report(f"{name}ok: {_extent(source, roles)}\n")
    if is_wrong:
        sys.exit(WRONG_POLICY)
