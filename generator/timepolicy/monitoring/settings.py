"""What the rules depend on: which series are meant, and the limits that the policy sets for each kind of node."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from timepolicy.compiler import NodeKind
from timepolicy.fleet.scope import Scope
from timepolicy.monitoring.alert import Series, constant, number
from timepolicy.monitoring.selector import example_labels
from timepolicy.policy.model import Policy
from timepolicy.policy.role import Role
from timepolicy.tokens import Token

Limits = Mapping[float, Mapping[Role, Sequence[str]]]
"""A limit, and the kinds of nodes that it is for: the releases in each role."""

TEST_NODES, PORT = ("a", "b", "c"), ":9100"
"""The nodes in the tests of the rules."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the rules depend on. Offsets are in seconds.

    `labels` are those of the nodes in tests. `textfile_dirs` are where nodes write metrics; none without the agent's.
    """

    policy: Token
    scope: Scope
    labels: Mapping[str, str]
    warning: float
    critical: float
    max_offset: Limits
    min_sources: Limits
    textfile_dirs: tuple[str, ...]

    def beyond(self, comparison: str, limits: Limits) -> str:
        """Return `comparison`, which ends in an operator, with each limit on the nodes that it is for."""
        if len(limits) == 1:
            return f"{comparison} {number(next(iter(limits)))}"
        parts = []
        for limit, kinds in limits.items():
            for role, releases in kinds.items():
                matchers = (f'role="{role}"', f'release=~"{"|".join(releases)}"')
                nodes = self.scope.series("timepolicy_info", *matchers)
                parts.append(f"({comparison} {number(limit)} and on ({self.scope.keys}) {nodes})")
        return "\nor ".join(parts)

    def identity(self, limits: Limits, limit: float) -> tuple[Series, ...]:
        """Return the series that shows that a node of a test has `limit`; none where all nodes have it."""
        if len(limits) == 1:
            return ()
        role, releases = next(iter(limits[limit].items()))
        return (constant(f'timepolicy_info{{role="{role}",release="{releases[0]}"}}', 1),)


def settings_of(kinds: Sequence[NodeKind], scope: Scope) -> Settings:
    """Return the settings for the kinds of nodes of a policy; raise SelectorError."""
    policies = [(kind.policy, kind.plan.release) for kind in kinds]
    limits = policies[0][0].monitoring
    dirs = (policy.monitoring.textfile_dir for policy, _ in policies)
    return Settings(
        policy=policies[0][0].name,
        scope=scope,
        labels=example_labels(
            scope.selector, {scope.cluster: "east", "job": "node-exporter"}, [f"{node}{PORT}" for node in TEST_NODES]
        ),
        warning=limits.warn_offset.seconds,
        critical=limits.critical_offset.seconds,
        max_offset=_limits(policies, lambda policy: policy.gate.max_offset.seconds),
        min_sources=_limits(policies, lambda policy: policy.min_sources),
        textfile_dirs=tuple(dict.fromkeys(str(path) for path in dirs if path)),
    )


def _limits(policies: Sequence[tuple[Policy, str]], limit: Callable[[Policy], float]) -> Limits:
    found: dict[float, dict[Role, list[str]]] = {}
    for policy, release in policies:
        if policy.monitoring.textfile_dir:
            found.setdefault(limit(policy), {}).setdefault(policy.role, []).append(release)
    return found
