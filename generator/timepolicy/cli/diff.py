"""`timepolicy diff`: what changes on which nodes when another policy replaces this one."""

import sys
from dataclasses import asdict

import click

from timepolicy.cli.help import examples
from timepolicy.cli.options import every_distro_option, every_role_option, findings_options
from timepolicy.cli.reporting import Reporting
from timepolicy.cli.streams import as_json, read_source, text_or_json_option, write
from timepolicy.compiler import named_releases, plan_kinds, read_policy
from timepolicy.plan.types import NodePlan
from timepolicy.reports.diff import Difference, Key, differences
from timepolicy.request import own_target

DIFFERENT, TROUBLE = 1, 2
"""Exit statuses of diff(1)."""


@click.command(
    epilog=examples(
        "timepolicy diff timepolicy.yaml new.yaml",
    )
)
@click.argument("old", type=click.Path(path_type=str))
@click.argument("new", type=click.Path(path_type=str))
@every_distro_option
@every_role_option
@text_or_json_option()
@findings_options
def diff(  # noqa: PLR0913, PLR0917  # click passes each option by name
    old: str, new: str, distro: str | None, role: str | None, format_: str, reporting: Reporting
) -> None:
    """Show what changes on which nodes from policy OLD to NEW.

    On the releases that either policy names, or else on all that support it. Exit status, as diff(1) has it: 0 no node
    changes, and nothing is printed; 1 some do; 2 a policy is wrong; 3 a file cannot be read.
    """
    sources = [read_source(path) for path in (old, new)]
    documents = []
    for source in sources:
        result = read_policy(source)
        if result.value is None:
            reporting.show(result.findings, source)
            sys.exit(TROUBLE)
        documents.append(result)
    releases = [key for result in documents if result.value for key in named_releases(result.value)]
    releases = [own_target(distro, f"{old} or {new}", list(dict.fromkeys(releases))).key] if distro else releases
    plans: list[dict[Key, NodePlan]] = []
    for source, result in zip(sources, documents, strict=True):
        kinds = result.then(lambda document: plan_kinds(document, list(dict.fromkeys(releases))))
        if reporting.show(kinds.findings, source) or kinds.value is None:
            sys.exit(TROUBLE)
        plans.append(
            {(kind.plan.role, kind.plan.release): kind.plan for kind in kinds.value if role in (None, kind.plan.role)}
        )
    changes = differences(*plans)
    data = {"version": 1, "old": old, "new": new, "differences": [asdict(change) for change in changes]}
    write(as_json(data) if format_ == "json" else _text(changes).encode(), None)
    sys.exit(DIFFERENT if changes else 0)


def _text(changes: list[Difference]) -> str:
    """One paragraph for each group of releases: `+` is new, `-` is gone, `~` has another value."""
    lines: list[str] = []
    for difference in changes:
        lines += ["", f"{difference.role}s on {', '.join(difference.releases)}:"]
        for change in difference.changes:
            if change.old is None:
                lines.append(f"  + {change.what}: {change.new}")
            elif change.new is None:
                lines.append(f"  - {change.what}: {change.old}")
            else:
                lines.append(f"  ~ {change.what}: {change.old} -> {change.new}")
        lines += [f"  {file.path} is {file.change} (+{file.added} -{file.removed} lines)" for file in difference.files]
        lines += [f"  -> {effect}" for effect in difference.effects]
    return "".join(f"{line}\n" for line in lines[1:])
