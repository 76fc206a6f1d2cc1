"""The compiler. Each stage takes a value and returns a Result: the next value, and the findings of this call.

source -> load -> check the document -> specialise -> check the policy -> plan -> format -> bytes
"""

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from timepolicy.distros import catalogue
from timepolicy.distros.catalogue import AGENT_RELEASES, Target
from timepolicy.document.load import load
from timepolicy.document.tree import Value
from timepolicy.facts.clouds import CLOUDS
from timepolicy.findings.finding import Finding, Severity
from timepolicy.findings.result import Findings, Result
from timepolicy.formats import FORMATS
from timepolicy.plan.daemons import DAEMON_NOT_AVAILABLE
from timepolicy.plan.extra import unused_extra
from timepolicy.plan.planner import joined_assumptions, plan_node
from timepolicy.plan.types import AgentPlan, NodePlan
from timepolicy.plan.user_data import too_large
from timepolicy.policy.build import build_policy
from timepolicy.policy.keys import Keys
from timepolicy.policy.model import Policy
from timepolicy.policy.overrides import overrides, policy_for
from timepolicy.policy.role import Role
from timepolicy.request import Request, RequestError, requested_format, requested_targets
from timepolicy.rules import check as rules
from timepolicy.rules import ignore
from timepolicy.rules.releases import unknown_release
from timepolicy.source import Source

if TYPE_CHECKING:
    from timepolicy.configs.file_findings import FileReport
    from timepolicy.findings.edits import Edit
    from timepolicy.user_data.parts import Part


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """The product of a policy: the bytes in `format`, compressed if that was requested, and the plans in them."""

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
class NodeKind:
    """The nodes of one release and role: the policy that applies to them, and their plan."""

    policy: Policy
    plan: NodePlan


def compile_policy(source: Source, request: Request) -> Result[Product]:
    """Compile a policy into what `request` asks for; raise RequestError where this policy cannot meet the request.

    The result has no value where one of its findings is an error.
    """

    def make(document: Value) -> Result[Product]:
        releases = named_releases(document)
        targets = requested_targets(request, source.name, releases)
        format_ = requested_format(request, targets, source.name, releases)
        return plan_nodes(document, targets, request.role, request.keys).then(
            lambda plans: packed(_content(format_, plans, request.others), format_, plans, request)
        )

    return read_policy(source).then(make).unless_errors()


def packed(content: bytes, format_: str, plans: Sequence[NodePlan], request: Request) -> Result[Product]:
    """Return the product with the `content` that a format made of `plans`; it is an error if it exceeds the limit."""
    content = compressed(content) if request.gzip else content
    product = Product(format=format_, plans=tuple(plans), content=content)
    cloud = CLOUDS[request.limit] if request.limit else None
    return Result(product, Findings(too_large(content, plans, cloud, _sizes(request.others)) if cloud else ()))


def compile_joined(
    source: Source, request: Request, files: Iterable[tuple[str, bytes]]
) -> "tuple[Result[Product], tuple[FileReport, ...]]":
    """Compile a policy as compile_policy does, into one document with other user-data.

    `files` are names and contents. Beside the result, whose findings are about the policy, return a report for each
    file with findings. Raise RequestError where the policy cannot meet the request, or a file is too large.
    """
    from timepolicy.configs.file_findings import by_file
    from timepolicy.user_data.conflicts import conflicts
    from timepolicy.user_data.files import read_files
    from timepolicy.user_data.parts import UserDataTooLargeError

    try:
        parts, found = read_files(files)
    except UserDataTooLargeError as error:
        raise RequestError("with", str(error)) from error
    result = compile_policy(source, replace(request, others=tuple(parts)))
    if result.value is not None:
        found += conflicts(parts, [plan for plan in result.value.plans if isinstance(plan, AgentPlan)])
    return result, by_file([finding.source for finding in found], found)


def _content(format_: str, plans: Sequence[NodePlan], others: "Sequence[Part]") -> bytes:
    if not others:
        return FORMATS[format_].render(*plans)
    from timepolicy.formats._joined import joined  # loads the email library

    return joined([plan for plan in plans if isinstance(plan, AgentPlan)], others)


def _sizes(parts: "Sequence[Part]") -> Counter[str]:
    """The bytes of other user-data by the names of their files."""
    sizes = Counter[str]()
    for part in parts:
        sizes[part.extract.source.name] += len(part.content)
    return sizes


def check_policy(source: Source, roles: Sequence[Role] = ()) -> Findings:
    """Return what is wrong with a policy on every release that it names, in each of `roles` or else in all it uses.

    Where it names no release, it is checked on the releases that the patterns of its overrides match.
    """
    result = read_policy(source)
    if result.value is None:
        return result.findings
    document, findings, entries = result.value, result.findings, list[ignore.IgnoreEntry]()
    for role in roles or roles_of(document):
        kinds: list[NodeKind] = []
        for target in _targets_to_check(document):
            if role is Role.SERVER and not target.has_agent:
                continue  # a client beside servers of another release
            planned = plan_kind(document, target, role)
            findings += planned.findings
            kinds += [planned.value] if planned.value else []
            entries += ignore.entries(policy_for(document, target.key, role))
        if named_releases(document) and not findings.has_errors:
            findings += ignore.mark(_unused_extra(kinds), ignore.entries(document))
        unmatched = policy_for(document, None, role)
        findings += ignore.mark(rules.check(build_policy(unmatched, role)), ignore.entries(unmatched))
        entries += ignore.entries(unmatched)
        if not findings.has_errors and not named_releases(document):
            findings += _reasons_of_every_release(document, role)
    if entries and not findings.has_errors:  # an error may hide what an entry is for
        from timepolicy.rulebook import RULES_OF_POLICIES

        findings += ignore.check_use(dict.fromkeys(entries), findings, RULES_OF_POLICIES)
    return joined_assumptions(findings)


def _reasons_of_every_release(document: Value, role: Role) -> Findings:
    """Return nothing where a release supports the policy, or else the errors of the release that is nearest to it."""
    refusals: list[Findings] = []
    for release in AGENT_RELEASES.values():
        result = plan_kind(document, release, role)
        if result.value is not None:
            return Findings()
        refusals.append(result.findings)
    errors = (finding for finding in _nearest(refusals) if finding.severity is Severity.ERROR)
    return Findings(errors)


def _nearest(refusals: Iterable[Findings]) -> Findings:
    """Return the findings of the release that lacks least; one without the daemon that the policy names is no help."""
    return min(refusals, key=lambda findings: (any(f.rule is DAEMON_NOT_AVAILABLE for f in findings), len(findings)))


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
        known = loaded.findings.spans_with_errors
        unknown = (finding for finding in unknown_release.findings(loaded.value) if finding.span not in known)
        loaded = Result(loaded.value, loaded.findings + unknown)
    return loaded.unless_errors().then(check).unless_errors()


def fixed_policy(source: Source) -> "tuple[Source, list[Edit]]":
    """Return a policy with the corrections that leave no doubt, and these; what else is wrong stays.

    A key that has its right name may show a mistake in its value, which the next round corrects.
    """
    from timepolicy.findings.edits import certain_edits, edited

    done: list[Edit] = []
    while edits := certain_edits(read_policy(source).findings, source):
        source = replace(source, text=edited(source.text, edits))
        done += edits
    return source, done


def plan_kind(document: Value, target: Target, role: Role, keys: Keys | None = None) -> Result[NodeKind]:
    """Return what a node of `target` and `role` gets; the findings are those of its own policy."""
    merged = policy_for(document, target.key, role)
    policy = build_policy(merged, role, keys)
    planned = plan_node(policy, target)
    kind = NodeKind(policy=policy, plan=planned.value) if planned.value is not None else None
    findings = ignore.mark([*rules.check(policy), *planned.findings], ignore.entries(merged))
    return Result(kind, Findings(findings)).unless_errors()


def plan_nodes(
    document: Value, targets: Sequence[Target], role: Role, keys: Keys | None = None
) -> Result[tuple[NodePlan, ...]]:
    """Return the plan of each of `targets`, in this order; without a value unless there is a plan for all."""
    results = [plan_kind(document, target, role, keys) for target in targets]
    findings = joined_assumptions(Findings(finding for result in results for finding in result.findings))
    kinds = [result.value for result in results if result.value is not None]
    if len(kinds) < len(results):
        return Result(None, findings)
    if [target.key for target in targets] == named_releases(document):
        findings += ignore.mark(_unused_extra(kinds), ignore.entries(document))
    return Result(tuple(kind.plan for kind in kinds), findings)


def _unused_extra(kinds: Sequence[NodeKind]) -> Iterator[Finding]:
    """What no node uses, if `kinds` are all nodes of a role."""
    return unused_extra([(kind.policy, kind.plan) for kind in kinds])


def plan_kinds(document: Value, releases: Sequence[str] = ()) -> Result[list[NodeKind]]:
    """Return each kind of node: the `releases`, or else all that the policy names, in each role that it uses.

    Where the policy names none: the releases that support it. If no release does, the findings are those of the release
    with the fewest.
    """
    releases = releases or named_releases(document)
    candidates = [target for target in map(catalogue.find, releases or AGENT_RELEASES) if target]
    results = [
        plan_kind(document, target, role)
        for role in roles_of(document)
        for target in candidates
        if role is Role.CLIENT or target.has_agent
    ]
    kinds = [result.value for result in results if result.value is not None]
    if releases:
        findings = joined_assumptions(Findings(finding for result in results for finding in result.findings))
    else:
        findings = Findings() if kinds else _nearest(result.findings for result in results)
    return Result(kinds, findings).unless_errors()


def roles_of(document: Value) -> list[Role]:
    """Return the roles that the document uses: servers too where the policy or an override has `servers.allow`."""
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
