"""Compiling for one kind of node, as every command does that makes its product."""

import click

from timepolicy.catalogue.targets import Target
from timepolicy.cli.distro import target_named
from timepolicy.cli.policy_file import Policy
from timepolicy.cli.reporting import Reporting
from timepolicy.compiler import compile_node, named_releases
from timepolicy.emit import formats
from timepolicy.findings.wording import listed
from timepolicy.plan.nodeplan import NodePlan
from timepolicy.policy.model import Role


def compile_for(policy: Policy, target: Target, role: str, reporting: Reporting) -> NodePlan:
    """Compile the policy for the target that is asked for; exits unless there is a plan."""
    source, findings, document = policy
    made = compile_node(document, target, Role(role), findings)
    reporting.stop_at_errors(findings, source)
    assert made is not None, "without errors there is a plan"
    return made


def format_for(target: Target, stated: str | None) -> str:
    """The format that --format states, or the one that the target takes by itself."""
    possible = formats(target.provisioning)
    if stated is not None and stated not in possible:
        choice = f"a node is set up by {target.provisioning}; write {listed(possible)}"
        raise click.UsageError(f"--format: {target.key} does not take {stated}: {choice}")
    return stated or possible[0]


def target_for(policy: Policy, distro: str | None) -> Target:
    """The release that --distro names, or the only one that the policy names."""
    source, _, document = policy
    named = named_releases(document)
    key = distro or (named[0] if len(named) == 1 else None)
    if key is None:
        choice = f"; {source.name} names {', '.join(named)}" if named else "; `timepolicy distros` lists them"
        raise click.UsageError(f"say for which release, with --distro{choice}")
    return target_named(key)
