"""`timepolicy compliance`: which nodes a profile is for, and what its rules say about each kind of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from timepolicy.compiler import NodeKind, named_releases, plan_kinds
from timepolicy.compliance.judgement import Judgement, Status
from timepolicy.compliance.node import AuditedNode, audited
from timepolicy.compliance.requirements import judge
from timepolicy.document.spelling import nearest
from timepolicy.document.tree import Value
from timepolicy.facts.compliance import PROFILES, Profile, Requirement
from timepolicy.findings.result import Result
from timepolicy.findings.wording import listed
from timepolicy.request import RequestError, own_target


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeAudit:
    """What each rule of a profile says about the nodes of one release and role."""

    node: AuditedNode
    rules: tuple[tuple[str, Requirement, Judgement], ...]

    def count(self, status: Status) -> int:
        """Return how many rules have this status."""
        return sum(judgement.status is status for _, _, judgement in self.rules)


def profile_named(name: str) -> Profile:
    """Return the profile `name`; raise RequestError where there is none."""
    if name not in PROFILES:
        suggestion = nearest(name, PROFILES)
        hint = f"did you mean {suggestion}? The names are" if suggestion else "the names are"
        wrong = f"there is no profile `{name}`" if name else "choose a profile"
        raise RequestError("profile", f"{wrong}; {hint} {listed(list(PROFILES), 'and')}")
    return PROFILES[name]


def audit(document: Value, profile: Profile, distro: str | None, role: str | None) -> Result[list[NodeAudit]]:
    """Return an audit of each kind of node that `profile` is for; raise RequestError where there is none.

    `distro` and `role` are the only ones to judge, None for all.
    """
    releases = _releases(profile, named_releases(document), distro)

    def judged(kinds: list[NodeKind]) -> Result[list[NodeAudit]]:
        audits = []
        for node in (audited(kind) for kind in kinds if role in (None, kind.plan.role)):
            rules = ((number, requirement, judge(requirement, node)) for number, requirement in profile.rules.items())
            audits.append(NodeAudit(node=node, rules=tuple(rules)))
        if not audits:
            raise RequestError("role", f"the policy has no {role}: a server needs `servers.allow`")
        return Result(audits)

    return plan_kinds(document, releases).then(judged)


def _releases(profile: Profile, named: Sequence[str], distro: str | None) -> Sequence[str]:
    """The releases to judge. A policy that names none may be for the profile's own."""
    if distro is not None:
        key = own_target(distro, "the policy", named).key
        if key not in profile.releases:
            raise RequestError("profile", f"{profile.name} is not for {key}; {_way_out(profile, [key])}")
        return [key]
    if not named:
        if profile.is_general:
            raise RequestError("distro", f"{profile.name} is for every release, and the policy names none: choose one")
        return profile.releases[:1]
    if releases := [key for key in named if key in profile.releases]:
        return releases
    raise RequestError(
        "profile", f"{profile.name} is for none of the policy's releases, {listed(named, 'and')}; "
        + _way_out(profile, named)
    )  # fmt: skip


def _way_out(profile: Profile, keys: Sequence[str]) -> str:
    """What to do where a profile is not for the releases `keys`."""
    others = [other.name for other in PROFILES.values() if set(keys) & set(other.releases)]
    instead = f"choose {listed(others)}, or " if others else ""
    return f"{instead}add {listed(profile.releases)} to `distros`"
