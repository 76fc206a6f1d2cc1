"""Rules of meaning: what is well-formed and still wrong. Each is one function; RULES_OF_MEANING lists them all."""

from collections.abc import Callable, Iterator

from timepolicy.document.spelling import as_timezone
from timepolicy.facts.timezones import known_timezones
from timepolicy.findings.finding import Finding
from timepolicy.findings.register.names import UNKNOWN_TIMEZONE
from timepolicy.findings.register.sense import (
    FALLBACK_WITHOUT_SERVERS,
    GATE_NEVER_PASSES,
    MIN_SOURCES_TOO_HIGH,
    POLL_ORDER,
)
from timepolicy.findings.register.serving import ORPHANS_UNHEARD, SERVERS_WITHOUT_TIME, SERVES_NOBODY
from timepolicy.policy.model import Policy, Role, When
from timepolicy.rules import authentication as authentication_rules
from timepolicy.rules import clocks as clock_rules
from timepolicy.rules import gate as gate_rules
from timepolicy.rules import presets as preset_rules
from timepolicy.rules import servers as serving_rules
from timepolicy.rules import sources as source_rules

HIGHEST_STRATUM = 15
"""The highest that still means synchronised (RFC 5905, 7.3)."""


def judge(policy: Policy) -> Iterator[Finding]:
    """Yield what every rule finds in `policy`."""
    for rule in RULES_OF_MEANING:
        yield from rule(policy)


def unknown_timezone(policy: Policy) -> Iterator[Finding]:
    """A zone that the tz database does not have: the node would stay on UTC."""
    if policy.timezone not in known_timezones():
        origin = policy.origin("timezone")
        suggestion = as_timezone(policy.timezone, known_timezones())
        values = {"name": str(policy.timezone)}
        yield Finding(rule=UNKNOWN_TIMEZONE, span=origin.span, path=origin.path, values=values, suggestion=suggestion)


def too_many_must_agree(policy: Policy) -> Iterator[Finding]:
    """More sources must agree than there are: the clock would never be set."""
    count = sum(source.votes for source in policy.sources)
    if policy.min_sources > count and (policy.sources or not policy.clocks):
        origin = policy.origin("clients.min_sources")
        values = {"min_sources": str(policy.clients.min_sources), "sources": str(count)}
        yield Finding(rule=MIN_SOURCES_TOO_HIGH, span=origin.span, path=origin.path, values=values)


def polls_out_of_order(policy: Policy) -> Iterator[Finding]:
    """A shortest poll interval above the longest: chronyd takes it and does something else."""
    for source in (*policy.upstreams, *policy.clients.fallback):
        shortest, longest = source.options.min_poll, source.options.max_poll
        if shortest and longest and shortest > longest:
            origin = policy.origin(f"{source.origin.path}.min_poll")
            values = {"min_poll": f"{shortest}s", "max_poll": f"{longest}s"}
            yield Finding(rule=POLL_ORDER, span=origin.span, path=origin.path, values=values)


def fallback_of_nothing(policy: Policy) -> Iterator[Finding]:
    """A fallback without servers to fall back from: no client would ever ask it."""
    if policy.clients.fallback and not policy.servers.addresses:
        origin = policy.origin("clients.fallback")
        yield Finding(rule=FALLBACK_WITHOUT_SERVERS, span=origin.span, path=origin.path)


def gate_that_never_passes(policy: Policy) -> Iterator[Finding]:
    """A clock that is never stepped takes days to slew: the gate would stay shut."""
    if policy.step.when is When.NEVER and policy.gate.units:
        origin = policy.origin("step.when")
        yield Finding(rule=GATE_NEVER_PASSES, span=origin.span, path=origin.path)


def server_that_answers_nobody(policy: Policy) -> Iterator[Finding]:
    """A server without `allow`: chronyd would not even open the port."""
    if policy.role is Role.SERVER and not policy.servers.allow:
        origin = policy.origin("servers")
        yield Finding(rule=SERVES_NOBODY, span=origin.span, path=origin.path)


def servers_without_time(policy: Policy) -> Iterator[Finding]:
    """Neither an upstream nor orphan mode: the servers ask each other, and none ever has an answer."""
    if policy.servers.allow and not policy.upstreams and policy.servers.orphan_stratum is None:
        origin = policy.origin("servers")
        yield Finding(rule=SERVERS_WITHOUT_TIME, span=origin.span, path=origin.path)


def orphans_that_nobody_hears(policy: Policy) -> Iterator[Finding]:
    """Chronyd gives the orphan that leads the stated stratum, and those that follow it the next."""
    stratum = policy.servers.orphan_stratum
    if stratum is not None and stratum > HIGHEST_STRATUM - 1 and len(policy.servers.addresses) > 1:
        origin = policy.origin("servers.orphan_stratum")
        yield Finding(rule=ORPHANS_UNHEARD, span=origin.span, path=origin.path)


RULES_OF_MEANING: tuple[Callable[[Policy], Iterator[Finding]], ...] = (
    unknown_timezone,
    too_many_must_agree,
    polls_out_of_order,
    fallback_of_nothing,
    gate_that_never_passes,
    server_that_answers_nobody,
    servers_without_time,
    orphans_that_nobody_hears,
    source_rules.too_few_to_vote,
    source_rules.server_that_asks_itself,
    source_rules.same_server_twice,
    source_rules.sources_that_overlap,
    source_rules.smearing_among_others,
    source_rules.pool_of_another_region,
    source_rules.vendor_zone,
    serving_rules.family_not_allowed,
    serving_rules.server_not_allowed,
    serving_rules.serving_the_world,
    serving_rules.allowed_already,
    serving_rules.firewall_of_no_use,
    gate_rules.gate_that_holds_time,
    gate_rules.offset_of_nothing,
    gate_rules.timeout_too_short,
    gate_rules.offset_too_tight,
    gate_rules.steps_while_running,
    authentication_rules.nts_and_key,
    authentication_rules.key_without_file,
    authentication_rules.keys_in_user_data,
    authentication_rules.key_not_given,
    authentication_rules.unauthenticated,
    authentication_rules.dhcp_unauthenticated,
    authentication_rules.dates_at_a_wrong_clock,
    authentication_rules.first_step_unauthenticated,
    preset_rules.beside_exclusive,
    preset_rules.two_clouds,
    preset_rules.preset_unauthenticated,
    clock_rules.clock_alone,
    clock_rules.clock_option,
)
