"""Rules about who proves what: NTS, symmetric keys, and a clock that nothing else may move."""

from collections.abc import Iterator

from timepolicy.findings.finding import Finding
from timepolicy.findings.register.authentication import (
    DATES_AT_A_WRONG_CLOCK,
    DHCP_UNAUTHENTICATED,
    FIRST_STEP_UNAUTHENTICATED,
    KEY_NOT_GIVEN,
    KEY_WITHOUT_FILE,
    KEYS_IN_USER_DATA,
    NTS_AND_KEY,
    UNAUTHENTICATED,
)
from timepolicy.policy.model import Policy, TimeSource


def nts_and_key(policy: Policy) -> Iterator[Finding]:
    """Both at a source, or both for the cluster's servers: chronyd would take NTS and forget the key."""
    for path in _places(policy, "nts", "key"):
        origin = policy.origin(f"{path}.key")
        yield Finding(rule=NTS_AND_KEY, span=origin.span, path=origin.path)


def key_without_file(policy: Policy) -> Iterator[Finding]:
    """A key by its number, and nowhere a file that has it."""
    if policy.authentication.keys_file is None:
        for path in _places(policy, "key"):
            origin = policy.origin(f"{path}.key")
            key = next(str(source.options.key) for source in policy.sources if _place(source) == path)
            yield Finding(rule=KEY_WITHOUT_FILE, span=origin.span, path=origin.path, values={"key": key})


def keys_in_user_data(policy: Policy) -> Iterator[Finding]:
    """Keys that are given to the compiler, and so to whoever reads what it makes."""
    if policy.authentication.keys and policy.authentication.keys_file:
        origin = policy.origin("authentication.keys_file")
        yield Finding(rule=KEYS_IN_USER_DATA, span=origin.span, path=origin.path)


def key_not_given(policy: Policy) -> Iterator[Finding]:
    """A key by its number, where others are given: chronyd would find it nowhere."""
    if policy.authentication.keys is not None:
        for path in _places(policy, "key"):
            origin = policy.origin(f"{path}.key")
            key = next(source.options.key for source in policy.sources if _place(source) == path)
            if key not in policy.authentication.keys.lines:
                yield Finding(rule=KEY_NOT_GIVEN, span=origin.span, path=origin.path, values={"key": str(key)})


def unauthenticated(policy: Policy) -> Iterator[Finding]:
    """A source that a policy which requires authentication could not follow."""
    if policy.authentication.is_required:
        for source in policy.sources:
            if not source.is_authenticated:
                values, origin = {"host": str(source.host)}, source.origin
                yield Finding(rule=UNAUTHENTICATED, span=origin.span, path=origin.path, values=values)


def dhcp_unauthenticated(policy: Policy) -> Iterator[Finding]:
    """Servers that DHCP names, of which nobody has a key."""
    if policy.authentication.is_required and policy.use_dhcp_sources:
        origin = policy.origin("clients.dhcp_sources")
        yield Finding(rule=DHCP_UNAUTHENTICATED, span=origin.span, path=origin.path)


def dates_at_a_wrong_clock(policy: Policy) -> Iterator[Finding]:
    """Certificates judged by the clock that they are to set right; one source with a key breaks the circle."""
    voters = [source for source in policy.sources if source.votes]
    is_circle = bool(voters) and all(source.options.nts for source in voters)
    if is_circle and policy.authentication.is_required and policy.authentication.checks_dates_at_once:
        origin = policy.origin("require_authentication")
        yield Finding(rule=DATES_AT_A_WRONG_CLOCK, span=origin.span, path=origin.path)


def first_step_unauthenticated(policy: Policy) -> Iterator[Finding]:
    """Authenticated sources whose plain answers move the clock nevertheless: it is the agent that steps first."""
    authenticated = [source for source in policy.sources if source.is_authenticated]
    if authenticated and not policy.authentication.is_required:
        option = "nts" if authenticated[0].options.nts else "key"
        origin = policy.origin(f"{_place(authenticated[0])}.{option}")
        yield Finding(rule=FIRST_STEP_UNAUTHENTICATED, span=origin.span, path=origin.path)


def _places(policy: Policy, *options: str) -> list[str]:
    """Where sources state all of `options`, each place once."""
    stating = [source for source in policy.sources if source.options.enabled.issuperset(options)]
    return list(dict.fromkeys(map(_place, stating)))


def _place(source: TimeSource) -> str:
    """Where a source's options stand: those of the cluster's servers stand together."""
    return "servers" if source.in_cluster else source.origin.path
