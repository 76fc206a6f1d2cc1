"""Rules about authentication: NTS, symmetric keys, and policies that require one of them."""

from collections.abc import Iterator

from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Policy, TimeSource
from timepolicy.rules.rule import Violation, at, rule


@rule(
    "TP281",
    Severity.ERROR,
    "a source is authenticated with NTS or with a key, not with both",
    "keep `nts` or `key`",
)
def nts_and_key(policy: Policy) -> Iterator[Violation]:
    """Both for a source, or both for the cluster's servers: chronyd uses NTS and ignores the key."""
    both = [source for source in policy.sources if source.options.nts and source.options.key]
    for path in dict.fromkeys(map(_place, both)):
        yield at(policy.origin(f"{path}.key"))


@rule(
    "TP282",
    Severity.ERROR,
    "key {key} is in no file: `keys_file` is not set",
    "add `authentication: {{keys_file: /etc/chrony/chrony.keys}}`, with the path of the key file on the node",
)
def key_without_file(policy: Policy) -> Iterator[Violation]:
    """The number of a key, without a file that contains the key."""
    if policy.authentication.keys_file is None:
        for path, key in _keys(policy).items():
            yield at(policy.origin(f"{path}.key"), key=str(key))


@rule(
    "TP283",
    Severity.ERROR,
    "`{host}` is not authenticated, but this policy requires it: chronyd would never use this source",
    "add `nts: true` or `key` to it (for the cluster's own servers to `servers`), or remove it",
)
def source_unauthenticated(policy: Policy) -> Iterator[Violation]:
    """A source that chronyd never selects with `authselectmode require` (chrony.conf(5))."""
    if policy.authentication.is_required:
        for source in policy.sources:
            if not source.is_authenticated:
                yield at(source.origin, host=source.host)


@rule(
    "TP284",
    Severity.WARNING,
    "a node whose clock is far off at boot rejects every certificate, and never gets the time",
    "add a source with `key`, or `certificate_dates: after_first_update`; `timepolicy explain TP284` names its risk",
)
def certificates_need_a_right_clock(policy: Policy) -> Iterator[Violation]:
    """Only NTS sources: the clock that they set checks the dates of their certificates. A key breaks the circle."""
    voters = [source for source in policy.sources if source.votes]
    is_circle = bool(voters) and all(source.options.nts for source in voters)
    if is_circle and policy.authentication.is_required and policy.authentication.checks_dates_at_once:
        yield at(policy.origin("require_authentication"))


@rule(
    "TP285",
    Severity.NOTE,
    "only chronyd authenticates these sources: at boot, the agent still steps the clock by plain NTP",
    "write `require_authentication: true` if that is not enough",
)
def first_step_unauthenticated(policy: Policy) -> Iterator[Violation]:
    """Authenticated sources that the agent asks by plain NTP, and by whose answers it steps the clock first."""
    authenticated = [source for source in policy.sources if source.is_authenticated]
    if authenticated and not policy.authentication.is_required:
        option = "nts" if authenticated[0].options.nts else "key"
        yield at(policy.origin(f"{_place(authenticated[0])}.{option}"))


@rule(
    "TP286",
    Severity.ERROR,
    "servers from DHCP are not authenticated, but this policy requires it",
    "write `dhcp_sources: ignore`",
)
def dhcp_unauthenticated(policy: Policy) -> Iterator[Violation]:
    """Servers from DHCP, for which there is no key."""
    if policy.authentication.is_required and policy.use_dhcp_sources:
        yield at(policy.origin("clients.dhcp_sources"))


@rule(
    "TP288",
    Severity.WARNING,
    "the keys are part of the product: everybody who can read user-data, also through the cloud's API, has them",
    "install the key file in another way, or keep the product as secret as the keys",
)
def keys_in_user_data(policy: Policy) -> Iterator[Violation]:
    """Keys that become part of the product, which others can read."""
    if policy.authentication.keys and policy.authentication.keys_file:
        yield at(policy.origin("authentication.keys_file"))


@rule(
    "TP289",
    Severity.ERROR,
    "key {key} is not in the key file that is part of this product",
    "add it to that file, or use another key",
)
def key_not_given(policy: Policy) -> Iterator[Violation]:
    """The number of a key that the given key file does not contain."""
    if policy.authentication.keys is not None:
        for path, key in _keys(policy).items():
            if key not in policy.authentication.keys.lines:
                yield at(policy.origin(f"{path}.key"), key=str(key))


def _keys(policy: Policy) -> dict[str, int]:
    """The number of the key of each place that has one."""
    return {_place(source): source.options.key for source in policy.sources if source.options.key}


def _place(source: TimeSource) -> str:
    """The path of a source's options. Those of the cluster's servers are options of `servers`."""
    return "servers" if source.in_cluster else source.origin.path
