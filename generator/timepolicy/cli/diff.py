"""The command that says what another policy changes."""

import sys
from dataclasses import asdict
from typing import Any

import click

from timepolicy.cli.policy_commands import distro_option, findings_options
from timepolicy.cli.policy_file import try_policy
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import as_json, put
from timepolicy.compiler import compile_kinds, named_releases
from timepolicy.plan.types import NodePlan
from timepolicy.policy.model import Role
from timepolicy.product import ReadPolicy
from timepolicy.reports.diff import Change, Difference, FileChange, Kind, differences
from timepolicy.request import target_named

DIFFERENT, TROUBLE = 1, 2


@click.command()
@click.argument("old", type=click.Path(path_type=str))
@click.argument("new", type=click.Path(path_type=str))
@distro_option
@click.option("--role", type=click.Choice([str(role) for role in Role]), help="For nodes of this role only.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@findings_options
def diff(  # noqa: PLR0913, PLR0917  # click passes each option by name
    old: str, new: str, distro: str | None, role: str | None, format_: str, reporting: Reporting
) -> None:
    """Say what becomes different on which nodes when the policy NEW takes the place of OLD.

    On the releases that either names, or else on all that can have them. Exit status, as diff(1) has it: 0 all nodes
    stay as they are, and nothing is printed; 1 some do not; 2 a policy is wrong; 3 a file cannot be read.
    """
    policies = [_read(path, reporting) for path in (old, new)]
    named = [key for _, _, document in policies for key in named_releases(document)]
    wanted = [target_named(distro).key] if distro else list(dict.fromkeys(named))
    found = differences(*(_plans(policy, wanted, role, reporting) for policy in policies))
    put(as_json(_data(old, new, found)) if format_ == "json" else _text(found).encode(), None)
    sys.exit(DIFFERENT if found else 0)


def _read(path: str, reporting: Reporting) -> ReadPolicy:
    source, findings, document = try_policy(path)
    if document is None:
        reporting.show(findings, source)
        sys.exit(TROUBLE)
    return source, findings, document


def _plans(policy: ReadPolicy, wanted: list[str], role: str | None, reporting: Reporting) -> dict[Kind, NodePlan]:
    source, findings, document = policy
    plans = [plan for _, plan in compile_kinds(document, findings, wanted)]
    if reporting.show(findings, source):
        sys.exit(TROUBLE)
    return {(plan.role, plan.release): plan for plan in plans if role in (None, plan.role)}


def _data(old: str, new: str, found: list[Difference]) -> dict[str, Any]:
    """As schemas/diff.schema.json says."""
    return {"version": 1, "old": old, "new": new, "differences": [asdict(difference) for difference in found]}


def _text(found: list[Difference]) -> str:
    return "\n".join(map(_paragraph, found))


def _paragraph(difference: Difference) -> str:
    lines = [f"{difference.role}s on {', '.join(difference.releases)}:"]
    lines += [f"  {_change(change)}" for change in difference.changes]
    lines += [f"  {_file(file)}" for file in difference.files]
    lines += [f"  -> {effect}" for effect in difference.effects]
    return "\n".join(lines) + "\n"


def _change(change: Change) -> str:
    if change.old is None:
        return f"+ {change.what}: {change.new}"
    if change.new is None:
        return f"- {change.what}: {change.old}"
    return f"~ {change.what}: {change.old} -> {change.new}"


def _file(file: FileChange) -> str:
    return f"{file.path} is {file.change} (+{file.added} -{file.removed} lines)"
