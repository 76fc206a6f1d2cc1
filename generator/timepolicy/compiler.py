"""The compiler: text, findings, policy, plan. Reads as the data flows; every stage adds to the same findings."""

from collections.abc import Iterator, Sequence

from timepolicy.distros import targets
from timepolicy.distros.releases import RELEASES
from timepolicy.distros.targets import Target
from timepolicy.document.addresses import check_addresses
from timepolicy.document.parse import parse
from timepolicy.document.shape import check_shape
from timepolicy.document.tree import Value
from timepolicy.findings.result import Findings
from timepolicy.plan.planner import plan_node
from timepolicy.plan.types import NodePlan
from timepolicy.policy.build import build_policy
from timepolicy.policy.keys import Keys
from timepolicy.policy.model import Policy, Role
from timepolicy.policy.overrides import overrides, policy_for
from timepolicy.rules import check as rules
from timepolicy.rules.allow import allow_entries, allowed, idle, refused
from timepolicy.rules.releases import unknown_release
from timepolicy.source import Source


def read_document(source: Source, findings: Findings) -> Value | None:
    """Return the document of a policy's text; None, with findings, where its text or shape is wrong."""
    document = parse(source, findings)
    if document is None:
        return None
    check_shape(document, findings)
    check_addresses(document, findings)
    check_releases(document, findings)
    if findings.has_errors:
        return None
    findings.extend(allowed(rules.check_document(document), allow_entries(document)))
    parts = (document, *(override.at(("set",)) for override in overrides(document)))
    if entries := [entry for part in parts for entry in allow_entries(part)]:
        from timepolicy.rulebook import RULES_OF_POLICIES  # only now: it imports all that declares a rule

        findings.extend(refused(entries, RULES_OF_POLICIES))
    return document


def compile_node(
    document: Value, release: Target, role: Role, findings: Findings, keys: Keys | None = None
) -> NodePlan | None:
    """Return the plan of one kind of node; None, with findings, where the policy cannot be had there."""
    node = policy_for(document, release.key, role)
    policy, found = build_policy(node, role, keys), Findings()
    found.extend(rules.check(policy))
    planned = plan_node(policy, release)
    found.extend(planned.findings)
    findings.extend(allowed(found, allow_entries(node)))
    return None if findings.has_errors else planned.value


def compile_kinds(document: Value, findings: Findings, wanted: Sequence[str] = ()) -> list[tuple[Policy, NodePlan]]:
    """Return what each kind of node gets: the releases that are wanted, in every role that the document speaks of.

    Where none are, those that the document names. Where it names none, the releases that can have the policy; if there
    are none, findings say why the one cannot that comes closest.
    """
    named = wanted or named_releases(document)
    candidates = [target for target in map(targets.find, named or RELEASES) if target]
    tried = [
        _try_kind(document, target, role)
        for role in roles(document)
        for target in candidates
        if role is Role.CLIENT or targets.can_serve(target)
    ]
    kinds = [(policy, plan) for policy, plan, _ in tried if plan]
    all_found = [found for _, _, found in tried]
    for found in all_found if named else [] if kinds else [min(all_found, key=len)]:
        findings.extend(found)
    return kinds


def _try_kind(document: Value, release: Target, role: Role) -> tuple[Policy, NodePlan | None, Findings]:
    found = Findings()
    plan = compile_node(document, release, role, found)
    return build_policy(policy_for(document, release.key, role), role), plan, found


def check_document(document: Value, roles: Sequence[Role], findings: Findings) -> None:
    """Find what is wrong on every release that the document names, or else wherever an override makes a difference."""
    nodes = []
    for role in roles:
        for release in _releases_to_check(document):
            if role is Role.SERVER and not targets.can_serve(release):
                continue  # it is a client beside servers of another kind
            compile_node(document, release, role, findings)
            nodes.append(policy_for(document, release.key, role))
        unmatched = policy_for(document, None, role)
        findings.extend(allowed(rules.check(build_policy(unmatched, role)), allow_entries(unmatched)))
        nodes.append(unmatched)
    entries = dict.fromkeys(entry for node in nodes for entry in allow_entries(node))
    if entries and not findings.has_errors:  # an error may hide what an entry is for
        from timepolicy.rulebook import RULES_OF_POLICIES

        findings.extend(list(idle(entries, findings, RULES_OF_POLICIES)))


def roles(document: Value) -> list[Role]:
    """Return the roles that the document speaks of: some node serves time wherever `servers` says whom to answer."""
    settings = [document, *(override.at(("set",)) for override in overrides(document))]
    serves = any(_allows(setting) for setting in settings)
    return [Role.CLIENT, Role.SERVER] if serves else [Role.CLIENT]


def _allows(setting: Value) -> bool:
    servers = dict(setting.children()).get("servers")
    return servers is not None and "allow" in dict(servers.children())


def _releases_to_check(document: Value) -> list[Target]:
    keys = named_releases(document) or [row.key for pattern in _patterns(document) for row in targets.matching(pattern)]
    return list(filter(None, map(targets.find, dict.fromkeys(keys))))


def named_releases(document: Value) -> list[str]:
    """Return the releases that the policy lists under `distros`."""
    return [str(item.data) for item in _items(document, "distros")]


def check_releases(document: Value, findings: Findings) -> None:
    """Find the releases under `distros` that nobody knows, among those that have a release's shape."""
    settled = findings.spans_with_errors
    findings.extend(finding for finding in unknown_release.findings(document) if finding.span not in settled)


def _patterns(document: Value) -> list[str]:
    return [str(value.data) for value in _pattern_values(document) if value]


def _pattern_values(document: Value) -> Iterator[Value | None]:
    """The distribution pattern of each override, None for one that matches on something else."""
    for override in overrides(document):
        match = override.at(("match",)).data
        assert isinstance(match, dict), "the schema has been checked"
        yield match["distro"].value if "distro" in match else None


def _items(document: Value, key: str) -> list[Value]:
    entry = document.data.get(key) if isinstance(document.data, dict) else None
    return entry.value.data if entry and isinstance(entry.value.data, list) else []
