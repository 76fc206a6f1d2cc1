"""The compiler. Each stage takes a value and returns a Result: the next value, and what this call found.

source -> load -> check the document -> specialise -> check the policy -> plan -> format -> bytes
"""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass

from timepolicy.distros import catalogue
from timepolicy.distros.catalogue import AGENT_RELEASES, Target
from timepolicy.document.load import load
from timepolicy.document.tree import Value
from timepolicy.facts.clouds import CLOUDS
from timepolicy.findings.result import Findings, Result
from timepolicy.formats import FORMATS
from timepolicy.plan.planner import plan_node
from timepolicy.plan.types import NodePlan
from timepolicy.plan.user_data import too_large
from timepolicy.policy.build import build_policy
from timepolicy.policy.keys import Keys
from timepolicy.policy.model import Policy
from timepolicy.policy.overrides import overrides, policy_for
from timepolicy.policy.role import Role
from timepolicy.request import Request, requested_format, requested_targets
from timepolicy.rules import check as rules
from timepolicy.rules import ignore
from timepolicy.rules.releases import unknown_release
from timepolicy.source import Source


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """What a policy became: the bytes in `format`, compressed if that was requested, and the plans in them."""

    format: str
    plans: tuple[NodePlan, ...]
    content: bytes

    @property
    def releases(self) -> list[str]:
        """The keys of the releases that the product is for."""
        return [plan.release for plan in self.plans]

    @property
    def is_secret(self) -> bool:
        """Whether it contains a file that only root may read."""
        return any(file.is_secret for plan in self.plans for file in plan.files)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of node: the policy for its release and role, and its plan."""

    policy: Policy
    plan: NodePlan


def compile_policy(source: Source, request: Request) -> Result[Product]:
    """Compile a policy into what `request` asks for; raise RequestError where the policy has nothing of the kind.

    The result has no value where one of its findings is an error.
    """

    def make(document: Value) -> Result[Product]:
        named = named_releases(document)
        chosen = requested_targets(request, source.name, named)
        emitter = FORMATS[requested_format(request, chosen, source.name, named)]
        return plan_nodes(document, chosen, request.role, request.keys).then(lambda plans: pack(emitter.name, plans))

    def pack(name: str, plans: Sequence[NodePlan]) -> Result[Product]:
        content = FORMATS[name].render(*plans)
        content = compressed(content) if request.gzip else content
        product = Product(format=name, plans=tuple(plans), content=content)
        cloud = CLOUDS[request.limit] if request.limit else None
        return Result(product, Findings(too_large(content, plans, cloud) if cloud else ()))

    return read_policy(source).then(make).unless_errors()


def check_policy(source: Source, roles: Sequence[Role] = ()) -> Findings:
    """Return what is wrong with a policy on every release that it names, in each of `roles` or else in all it uses.

    Where it names no release, every release counts that an override distinguishes.
    """
    read = read_policy(source)
    if read.value is None:
        return read.findings
    document, findings, entries = read.value, read.findings, list[ignore.IgnoreEntry]()
    for role in roles or roles_of(document):
        for target in _targets_to_check(document):
            if role is Role.SERVER and not target.has_agent:
                continue  # a client beside servers of another release
            findings += plan_kind(document, target, role).findings
            entries += ignore.entries(policy_for(document, target.key, role))
        unmatched = policy_for(document, None, role)
        findings += ignore.mark(rules.check(build_policy(unmatched, role)), ignore.entries(unmatched))
        entries += ignore.entries(unmatched)
    if entries and not findings.has_errors:  # an error may hide what an entry is for
        from timepolicy.rulebook import RULES_OF_POLICIES

        findings += ignore.check_use(dict.fromkeys(entries), findings, RULES_OF_POLICIES)
    return findings


def read_policy(source: Source) -> Result[Value]:
    """Return the document of a policy, without a value where one of the findings is an error."""

    def check(document: Value) -> Result[Value]:
        findings = Findings(ignore.mark(rules.check_document(document), ignore.entries(document)))
        parts = (document, *(override.at(("set",)) for override in overrides(document)))
        if ignored := [entry for part in parts for entry in ignore.entries(part)]:
            from timepolicy.rulebook import RULES_OF_POLICIES  # only now: it imports all that declares a rule

            findings += ignore.check_codes(ignored, RULES_OF_POLICIES)
        return Result(document, findings)

    loaded = load(source)
    if loaded.value is not None:
        settled = loaded.findings.spans_with_errors
        unknown = (finding for finding in unknown_release.findings(loaded.value) if finding.span not in settled)
        loaded = Result(loaded.value, loaded.findings + unknown)
    return loaded.unless_errors().then(check).unless_errors()


def plan_kind(document: Value, target: Target, role: Role, keys: Keys | None = None) -> Result[Kind]:
    """Return what a node of `target` and `role` gets; the findings are those of its own policy."""
    merged = policy_for(document, target.key, role)
    policy = build_policy(merged, role, keys)
    planned = plan_node(policy, target)
    kind = Kind(policy=policy, plan=planned.value) if planned.value is not None else None
    findings = ignore.mark([*rules.check(policy), *planned.findings], ignore.entries(merged))
    return Result(kind, Findings(findings)).unless_errors()


def plan_nodes(
    document: Value, chosen: Sequence[Target], role: Role, keys: Keys | None = None
) -> Result[tuple[NodePlan, ...]]:
    """Return the plan of each of `chosen`, in this order; without a value unless there is a plan for all."""
    results = [plan_kind(document, target, role, keys) for target in chosen]
    findings = Findings(finding for result in results for finding in result.findings)
    plans = tuple(result.value.plan for result in results if result.value is not None)
    return Result(plans if len(plans) == len(results) else None, findings)


def plan_kinds(document: Value, wanted: Sequence[str] = ()) -> Result[list[Kind]]:
    """Return each kind of node: the releases `wanted`, or else all that the policy names, in each role it uses.

    Where it names none: the releases that can have the policy. If there are none, the findings are those of the
    release that comes closest.
    """
    named = wanted or named_releases(document)
    candidates = [target for target in map(catalogue.find, named or AGENT_RELEASES) if target]
    results = [
        plan_kind(document, target, role)
        for role in roles_of(document)
        for target in candidates
        if role is Role.CLIENT or target.has_agent
    ]
    kinds = [result.value for result in results if result.value is not None]
    if named:
        findings = Findings(finding for result in results for finding in result.findings)
    else:
        findings = Findings() if kinds else min((result.findings for result in results), key=len)
    return Result(kinds, findings).unless_errors()


def roles_of(document: Value) -> list[Role]:
    """Return the roles that the document uses: some node serves time wherever `servers` allows a network."""
    settings = [document, *(override.get("set") for override in overrides(document))]
    serves = any(setting.get("servers", "allow") for setting in settings if setting)
    return [Role.CLIENT, Role.SERVER] if serves else [Role.CLIENT]


def _targets_to_check(document: Value) -> list[Target]:
    patterns = filter(None, (override.get("match", "distro") for override in overrides(document)))
    keys = named_releases(document) or [
        target.key for pattern in patterns for target in catalogue.matching(str(pattern.data))
    ]
    return list(filter(None, map(catalogue.find, dict.fromkeys(keys))))


def compressed(content: bytes) -> bytes:
    """Return `content` in gzip (RFC 1952), without a time: the same bytes for the same zlib."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def named_releases(document: Value) -> list[str]:
    """Return the releases that the policy lists under `distros`."""
    return [str(item.data) for item in document.entries("distros")]
