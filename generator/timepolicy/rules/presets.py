"""Rules about presets: a cloud's own time servers, and other sources in the same list."""

from collections.abc import Iterator
from itertools import pairwise

from timepolicy.facts.presets import PRESETS
from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Policy
from timepolicy.rules.rule import Violation, at, rule


@rule(
    "TP290",
    Severity.WARNING,
    "{cloud} asks its customers to use no source besides its own, and `{host}` is one",
    "keep only the preset",
)
def source_beside_an_exclusive_preset(policy: Policy) -> Iterator[Violation]:
    """A source in addition to a cloud's servers that should be used alone. TP291 reports those of another cloud."""
    others = [source for source in policy.sources if source.preset is None and not source.in_cluster]
    for name in _presets(policy):
        if PRESETS[name].is_exclusive and others:
            yield at(others[0].origin, cloud=PRESETS[name].cloud, host=others[0].host)


@rule(
    "TP291",
    Severity.WARNING,
    "a node is in {first} or in {second}, and can reach the time servers of only one of them",
    "keep one preset, and set the other in an override for the nodes that are there",
)
def presets_of_two_clouds(policy: Policy) -> Iterator[Violation]:
    """Presets of which a node can reach only one."""
    presets = _presets(policy)
    for first, second in pairwise(presets):
        yield at(policy.origin(presets[second]), first=PRESETS[first].cloud, second=PRESETS[second].cloud)


@rule(
    "TP292",
    Severity.ERROR,
    "the time servers of {cloud} support neither NTS nor keys",
    "remove `{option}`",
)
def preset_unauthenticated(policy: Policy) -> Iterator[Violation]:
    """Authentication of servers that do not support it."""
    for name, path in _presets(policy).items():
        options = next(source.options for source in policy.sources if source.preset == name)
        for option in ("nts", "key"):
            if option in options.enabled:
                yield at(policy.origin(f"{path}.{option}"), cloud=PRESETS[name].cloud, option=option)


def _presets(policy: Policy) -> dict[str, str]:
    """The path of each preset among a node's sources, in the order of the policy."""
    return {source.preset: source.origin.path for source in policy.sources if source.preset}
