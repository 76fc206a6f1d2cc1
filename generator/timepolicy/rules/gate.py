"""Rules about the gate, and about steps, which decide how soon it opens."""

from collections.abc import Iterator

from timepolicy.distros.release import DaemonName
from timepolicy.facts import time_services
from timepolicy.facts.boot_units import NEEDED_BY_THE_GATE, is_login
from timepolicy.facts.gated_units import KNOWN_UNITS
from timepolicy.findings.finding import Severity
from timepolicy.policy.model import Policy, When
from timepolicy.policy.role import Role
from timepolicy.rules.rule import Violation, at, rule
from timepolicy.tokens import Duration, canonical_host

SYNCHRONISES_WITHIN = Duration.parse("20s")
"""Measured: chrony needs some 10 s from the first route until the kernel's flag is clear (bench.boot); doubled."""

SHORTEST_HOLDOVER = Duration.parse("2s")
"""The hardware clock is read in whole seconds, and its drift comes on top of that."""

PROVABLE = Duration.parse("100us")
"""The agent takes times in Python, and neighbours answer after some 100us, which is what it can be wrong by."""

USEFUL = Duration.parse("120s")
"""From there on a clock is wrong for everything that compares times: `monitoring.critical_offset` has it too."""

MISSPELT_CUTOFF = 0.8
"""The ratio of `spelling` for units: `docekr` is near to `docker`, and `vault-agent` is not near to `vault`."""

PROVABLE_OVER_INTERNET = Duration.parse("5ms")
"""NTP assumes equal delays in both directions: its error is up to half the round trip (RFC 5905, section 8)."""


@rule(
    "TP083",
    Severity.WARNING,
    "the gate waits for a clock that is never stepped, and slewing it can take days",
    "write `when: boot`, or `gate: {{units: []}}` to gate nothing",
)
def gate_without_steps(policy: Policy) -> Iterator[Violation]:
    """A clock that is slewed only: chronyd corrects at most 1 s in 12 s (chrony.conf(5), maxslewrate)."""
    if policy.step.when is When.NEVER and policy.gate.units and policy.clients.daemon is not DaemonName.NONE:
        yield at(policy.origin("step.when"))


@rule(
    "TP086",
    Severity.ERROR,
    "`{unit}` must run before the gate can open, and would wait for the gate: neither would start",
    "remove it from `units`",
)
def gate_waits_for_itself(policy: Policy) -> Iterator[Violation]:
    """A gated unit that the gate itself needs: each would wait for the other."""
    for index, unit in enumerate(policy.gate.units):
        if unit in NEEDED_BY_THE_GATE:
            yield at(policy.origin(f"gate.units[{index}]"), unit=unit)


@rule(
    "TP087",
    Severity.ERROR,
    "no clock is exactly right, so with a `max_offset` of {max_offset} the gate never opens",
    "write the largest offset that does no harm, such as 100ms",
)
def zero_max_offset(policy: Policy) -> Iterator[Violation]:
    """A limit that no measurement meets. To `chronyc waitsync`, 0 means no limit at all."""
    if not policy.gate.max_offset.microseconds:
        yield at(policy.origin("gate.max_offset"), max_offset=f"{policy.gate.max_offset}s")


@rule(
    "TP088",
    Severity.ERROR,
    "the hardware clock is read in whole seconds, so with a `holdover` of {holdover} the gate never opens by it",
    "write {shortest} or more",
)
def holdover_too_short(policy: Policy) -> Iterator[Violation]:
    """A bound that no hardware clock keeps."""
    holdover = policy.gate.holdover
    if holdover is not None and holdover < SHORTEST_HOLDOVER:
        yield at(policy.origin("gate.holdover"), holdover=f"{holdover}s", shortest=f"{SHORTEST_HOLDOVER}s")


@rule(
    "TP089",
    Severity.WARNING,
    "`{unit}` waits for the clock too, so that nobody can log in to a node whose clock is wrong",
    "remove it from `units`",
)
def logins_wait_for_the_gate(policy: Policy) -> Iterator[Violation]:
    """A gated sshd, console or agent, by which people would find out why the node waits."""
    for index, unit in enumerate(policy.gate.units):
        if is_login(unit):
            yield at(policy.origin(f"gate.units[{index}]"), unit=unit)


@rule(
    "TP090",
    Severity.ERROR,
    "with `daemon: none` nothing on the node does what `{setting}` asks",
    "remove it, or write `daemon: chrony`",
)
def settings_without_a_daemon(policy: Policy) -> Iterator[Violation]:
    """What only a time daemon does, where the policy configures none."""
    if policy.role is not Role.CLIENT or policy.clients.daemon is not DaemonName.NONE:
        return
    settings = {
        "clients.dhcp_sources": policy.use_dhcp_sources,
        "clients.extra": bool(policy.clients.extra),
        "clients.listen": not policy.listens,
        "step.when": policy.is_set("step.when") and policy.step.when is not When.NEVER,
        "step.threshold": policy.is_set("step.threshold"),
        "require_authentication": policy.authentication.is_required,
    }
    yield from (at(policy.origin(path), setting=path) for path, is_asked in settings.items() if is_asked)
    yield from (at(clock.origin, setting=str(clock.device)) for clock in policy.clocks)
    for source in policy.sources:
        for option in sorted(source.options.explicit - {"port", "iburst"}):
            path = f"{source.origin.path}.{option}"
            yield at(policy.origin(path), setting=option)


@rule(
    "TP093",
    Severity.ERROR,
    "over the network a node proves no offset below {provable}, so with {max_offset} the gate never opens",
    "write the largest offset that does no harm, such as 100ms",
)
def max_offset_below_any_proof(policy: Policy) -> Iterator[Violation]:
    """A limit below the error of the agent's own measurement. A hardware clock alone is measured by chronyd."""
    limit = policy.gate.max_offset
    if policy.gate.units and policy.sources and 0 < limit.microseconds < PROVABLE.microseconds:
        yield at(
            policy.origin("gate.max_offset"),
            provable=f"{PROVABLE.microseconds}us",
            max_offset=f"{limit.microseconds}us",
        )


@rule(
    "TP094",
    Severity.WARNING,
    "with a `max_offset` of {max_offset} the gate opens while the clock is wrong enough to break certificates and logs",
    "write the largest offset that does no harm, such as 100ms; `units: []` gates nothing",
)
def max_offset_too_large(policy: Policy) -> Iterator[Violation]:
    """A limit that holds nothing back."""
    limit = policy.gate.max_offset
    if policy.gate.units and limit > USEFUL:
        yield at(policy.origin("gate.max_offset"), max_offset=f"{limit}s")


@rule(
    "TP095",
    Severity.WARNING,
    "`{unit}` is probably a misspelling of `{known}`: a unit that a node does not have holds nothing back",
    "correct the name; `systemctl list-unit-files` on a node lists them",
)
def unit_misspelt(policy: Policy) -> Iterator[Violation]:
    """A unit that is nearly a known one. Numbers make another unit of it: `etcd2`, `kafka1`."""
    known = {unit.removesuffix(".service") for unit in KNOWN_UNITS}
    for index, unit in enumerate(policy.gate.units):
        name, sign, instance = unit.removesuffix(".service").partition("@")
        if name in known or unit in NEEDED_BY_THE_GATE or is_login(unit):
            continue
        from timepolicy.document.spelling import nearest  # only for a unit that is not well known

        near = nearest(name, known, MISSPELT_CUTOFF)
        if near is not None and _digits(near) == _digits(name):
            right = f"{near}{sign}{instance}.service"
            yield at(policy.origin(f"gate.units[{index}]"), right, unit=unit, known=right)


@rule(
    "TP127",
    Severity.WARNING,
    "the clock can be stepped back while programs run, which breaks databases and leases",
    "write `when: pause`, which steps at boot and later only forward",
)
def steps_while_running(policy: Policy) -> Iterator[Violation]:
    """A clock that can be stepped back at any time."""
    if policy.step.when is When.ALWAYS:
        yield at(policy.origin("step.when"))


@rule(
    "TP128",
    Severity.WARNING,
    "the gate opens after {timeout}, before a daemon can set the clock, which takes up to {needed}",
    "write a longer `timeout`, such as 10m, or `on_timeout: block`",
)
def timeout_too_short(policy: Policy) -> Iterator[Violation]:
    """A gate that times out before the clock can be right."""
    gate = policy.gate
    if gate.units and gate.start_on_timeout and gate.timeout < SYNCHRONISES_WITHIN:
        yield at(policy.origin("gate.timeout"), timeout=f"{gate.timeout}s", needed=f"{SYNCHRONISES_WITHIN}s")


@rule(
    "TP129",
    Severity.WARNING,
    "NTP over the internet cannot prove an offset below {max_offset}, so the gate may stay closed",
    "write {provable} or more, or use servers in the cluster's own network",
)
def max_offset_too_small(policy: Policy) -> Iterator[Violation]:
    """A limit below what sources on the internet can prove."""
    limit = policy.gate.max_offset
    if not policy.gate.units or not 0 < limit.microseconds < PROVABLE_OVER_INTERNET.microseconds:
        return
    if policy.sources and all(time_services.is_public(canonical_host(source.host)) for source in policy.sources):
        yield at(
            policy.origin("gate.max_offset"), max_offset=limit.with_unit, provable=PROVABLE_OVER_INTERNET.with_unit
        )


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))
