"""Rules about presets: whether a cloud's own servers go together with what stands beside them."""

from collections.abc import Iterator
from itertools import pairwise

from timepolicy.facts.presets import PRESETS
from timepolicy.findings.finding import Finding
from timepolicy.findings.register.presets import BESIDE_EXCLUSIVE, PRESET_UNAUTHENTICATED, TWO_CLOUDS
from timepolicy.policy.model import Policy


def beside_exclusive(policy: Policy) -> Iterator[Finding]:
    """A source beside a cloud's that is to be used alone; another cloud's is told elsewhere."""
    for name in _presets(policy):
        others = [source for source in policy.sources if source.preset is None and not source.in_cluster]
        if PRESETS[name].is_exclusive and others:
            values = {"cloud": PRESETS[name].cloud, "host": str(others[0].host)}
            origin = others[0].origin
            yield Finding(rule=BESIDE_EXCLUSIVE, span=origin.span, path=origin.path, values=values)


def two_clouds(policy: Policy) -> Iterator[Finding]:
    """Presets of which a node can reach one."""
    presets = _presets(policy)
    for first, second in pairwise(presets):
        path = presets[second]
        origin, values = policy.origin(path), {"first": PRESETS[first].cloud, "second": PRESETS[second].cloud}
        yield Finding(rule=TWO_CLOUDS, span=origin.span, path=origin.path, values=values)


def preset_unauthenticated(policy: Policy) -> Iterator[Finding]:
    """Authentication asked of servers that offer none."""
    for name, path in _presets(policy).items():
        options = next(source.options for source in policy.sources if source.preset == name)
        for option in ("nts", "key"):
            if option in options.enabled:
                origin, values = policy.origin(f"{path}.{option}"), {"cloud": PRESETS[name].cloud, "option": option}
                yield Finding(rule=PRESET_UNAUTHENTICATED, span=origin.span, path=origin.path, values=values)


def _presets(policy: Policy) -> dict[str, str]:
    """The presets among a node's sources by name in the policy's order, and where each stands."""
    return {source.preset: source.origin.path for source in policy.sources if source.preset}
