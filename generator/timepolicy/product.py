"""One product of a policy: for one release, or for all that it names, and packed for the way that it takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from timepolicy.compiler import compile_node, named_releases, read_document
from timepolicy.distros.targets import Target
from timepolicy.document.decode import read_source
from timepolicy.document.tree import Value
from timepolicy.facts.clouds import CLOUDS
from timepolicy.findings.finding import Finding
from timepolicy.findings.register.targets import USER_DATA_TOO_LARGE
from timepolicy.findings.result import Findings
from timepolicy.findings.wording import listed
from timepolicy.formats import EMITTERS, cloud_config, formats, mime
from timepolicy.formats._size import compressed, fits, largest_parts
from timepolicy.plan.types import NodePlan
from timepolicy.policy.keys import Keys
from timepolicy.policy.model import Role
from timepolicy.request import RequestError, target_named
from timepolicy.source import START, Source

UNPACKED_BY_CLOUD_INIT = (cloud_config.NAME, mime.NAME)

ReadPolicy = tuple[Source, Findings, Value]
"""A policy as it was read: its text, what was found in it so far, and its document, which is of the right shape."""


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

    @property
    def is_secret(self) -> bool:
        """Whether there is a file in it that nobody but root may read."""
        return any(file.is_secret for plan in self.plans for file in plan.files)


def read_text(name: str, text: bytes) -> tuple[Source, Findings, Value | None]:
    """Read the policy that `text` is, to be called `name`; without a document, findings say why there is none."""
    findings = Findings()
    source = read_source(name, text, findings)
    return source, findings, read_document(source, findings) if not findings.has_errors else None


def product_for(
    policy: ReadPolicy, distro: str | None, role: Role, format_: str | None, keys: Keys | None = None
) -> Product | None:
    """Compile the policy into the format that is stated, or the releases' own; None where findings say why not.

    Raise RequestError where no policy could be compiled so.
    """
    targets = [target_named(distro)] if distro else _named(policy)
    emitter = EMITTERS[_format(targets, format_, policy)]
    plans = plans_for(policy, targets, role, keys)
    if plans is None:
        return None
    return Product(format=emitter.NAME, plans=plans, content=emitter.render(*plans))


def plans_for(
    policy: ReadPolicy, targets: Sequence[Target], role: Role, keys: Keys | None = None
) -> list[NodePlan] | None:
    """Compile the policy for each of `targets`; None, with findings, unless there is a plan for all."""
    _, findings, document = policy
    made = [compile_node(document, target, role, findings, keys) for target in targets]
    plans = [plan for plan in made if plan is not None]
    assert findings.has_errors or len(plans) == len(made), "without errors there is a plan"
    return None if findings.has_errors else plans


def target_for(policy: ReadPolicy, distro: str | None) -> Target:
    """Return the target that `distro` names, or the only one that the policy names; raise RequestError."""
    targets = [target_named(distro)] if distro else _named(policy)
    if len(targets) > 1:
        raise RequestError("distro", _which(policy))
    return targets[0]


def packed(made: Product, *, is_gzipped: bool) -> bytes:
    """Return the bytes that travel; compressed, they are those of this machine's zlib. Raise RequestError."""
    if is_gzipped and made.format not in UNPACKED_BY_CLOUD_INIT:
        raise RequestError("gzip", f"nobody would unpack {made.format}; cloud-init does, of its own formats")
    return compressed(made.content) if is_gzipped else made.content


def over_limit(made: Product, content: bytes, limit: str) -> Iterator[Finding]:
    """Yield what is wrong where the cloud called `limit` has no room for `content`, the product as it travels."""
    if limit not in CLOUDS:
        raise RequestError("limit", f"there is no cloud `{limit}`; there is {listed(list(CLOUDS))}")
    cloud = CLOUDS[limit]
    if fits(content, cloud):
        return
    parts = ", ".join(f"{path} {size}" for path, size in largest_parts(made.plans))
    values = {"size": str(len(content)), "cloud": limit, "limit": str(cloud.raw_limit), "parts": parts}
    yield Finding(rule=USER_DATA_TOO_LARGE, span=START, values=values)


def _format(targets: Sequence[Target], stated: str | None, policy: ReadPolicy) -> str:
    """The format that is stated, or the first that all targets take."""
    possible = [name for name in EMITTERS if all(name in formats(target.provisioning) for target in targets)]
    together = [name for name in possible if len(targets) == 1 or EMITTERS[name].TAKES_SEVERAL]
    if not together or stated in set(possible) - set(together):
        reason = f"{stated} serves one release only" if stated else "no format serves all releases that it names"
        raise RequestError("distro", f"{reason}: {_which(policy)}")
    if stated is not None and stated not in together:
        keys = listed([target.key for target in targets], "and")
        by = listed(sorted({target.provisioning for target in targets}))
        raise RequestError("format", f"{stated} is not for {keys}, set up by {by}; write {listed(together)}")
    return stated or together[0]


def _named(policy: ReadPolicy) -> list[Target]:
    """The releases that the policy names; raise RequestError where it names none."""
    named = named_releases(policy[2])
    if not named:
        raise RequestError("distro", _which(policy))
    return [target_named(key) for key in named]


def _which(policy: ReadPolicy) -> str:
    source, _, document = policy
    named = named_releases(document)
    choice = f"{source.name} names {', '.join(named)}" if named else "`timepolicy distros` lists them"
    return f"say for which release; {choice}"
