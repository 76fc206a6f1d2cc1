"""Compiling for one release, or for all that the policy names, as every command does that makes a product."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

from timepolicy.catalogue.targets import Target
from timepolicy.cli.distro import target_named
from timepolicy.cli.policy_file import Policy
from timepolicy.cli.reporting import Reporting
from timepolicy.compiler import compile_node, named_releases
from timepolicy.emit import EMITTERS, formats
from timepolicy.findings.wording import listed
from timepolicy.plan.nodeplan import NodePlan
from timepolicy.policy.keys import Keys
from timepolicy.policy.model import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """What a policy became: in which format, and for which releases."""

    format: str
    plans: list[NodePlan]
    content: bytes

    @property
    def releases(self) -> list[str]:
        """The keys of the releases that it is for."""
        return [plan.release for plan in self.plans]


def product_for(  # noqa: PLR0913, PLR0917  # what a command line says about one product
    policy: Policy, distro: str | None, role: str, stated: str | None, reporting: Reporting, keys: Keys | None = None
) -> Product:
    """Compile the policy into the format that is stated, or the releases' own; exits where that cannot be."""
    targets = [target_named(distro)] if distro else _named(policy)
    emitter = EMITTERS[_format(targets, stated, policy)]
    plans = compile_for(policy, targets, role, reporting, keys)
    return Product(format=emitter.NAME, plans=plans, content=emitter.render(*plans))


def compile_for(
    policy: Policy, targets: Sequence[Target], role: str, reporting: Reporting, keys: Keys | None = None
) -> list[NodePlan]:
    """Compile the policy for each of `targets`; exits unless there is a plan for all."""
    source, findings, document = policy
    made = [compile_node(document, target, Role(role), findings, keys) for target in targets]
    reporting.stop_at_errors(findings, source)
    plans = [plan for plan in made if plan is not None]
    assert len(plans) == len(made), "without errors there is a plan"
    return plans


def target_for(policy: Policy, distro: str | None) -> Target:
    """Return the target that --distro names, or the only one that the policy names."""
    targets = [target_named(distro)] if distro else _named(policy)
    if len(targets) > 1:
        raise click.UsageError(_which(policy))
    return targets[0]


def _format(targets: Sequence[Target], stated: str | None, policy: Policy) -> str:
    """The format that --format states, or the first that all targets take."""
    possible = [name for name in EMITTERS if all(name in formats(target.provisioning) for target in targets)]
    together = [name for name in possible if len(targets) == 1 or EMITTERS[name].TAKES_SEVERAL]
    if not together or stated in set(possible) - set(together):
        raise click.UsageError(f"{stated or 'no format'} serves one release only: {_which(policy)}")
    if stated is not None and stated not in together:
        keys = listed([target.key for target in targets], "and")
        by = listed(sorted({target.provisioning for target in targets}))
        raise click.UsageError(f"--format: {stated} is not for {keys}, set up by {by}; write {listed(together)}")
    return stated or together[0]


def _named(policy: Policy) -> list[Target]:
    """The releases that the policy names, of which there has to be one."""
    named = named_releases(policy[2])
    if not named:
        raise click.UsageError(_which(policy))
    return [target_named(key) for key in named]


def _which(policy: Policy) -> str:
    source, _, document = policy
    named = named_releases(document)
    choice = f"; {source.name} names {', '.join(named)}" if named else "; `timepolicy distros` lists them"
    return f"say for which release, with --distro{choice}"
