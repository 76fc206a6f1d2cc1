"""chrony: a whole chrony.conf(5), since drop-ins cannot remove a distribution's own sources."""

from collections.abc import Iterator

from timepolicy.distros.release import Chrony, DaemonName, Release, Version
from timepolicy.facts.chrony_options import needs
from timepolicy.facts.presets import PRESETS
from timepolicy.findings.finding import Finding, error
from timepolicy.plan.contract import Serving
from timepolicy.plan.daemons import chrony_authentication, chrony_dhcp, chrony_refclocks
from timepolicy.plan.files import File
from timepolicy.plan.snippets import render_snippet
from timepolicy.policy.model import Policy, TimeSource, When
from timepolicy.policy.role import Role
from timepolicy.tokens import AbsolutePath, Duration, Token, UnitName

NAME = DaemonName.CHRONY
AFTER_INSTALL = ""

FLAGS = ("nts", "prefer", "noselect", "xleave", "copy")
"""Options without a value that have the same name in the policy and in chrony.conf."""

IN_CLUSTER_MIN_POLL, IN_CLUSTER_MAX_POLL = Duration.parse("4s"), Duration.parse("64s")
"""Intervals for the cluster's own servers: they are near, and a node should notice soon when one is back.

The first burst asks every quarter of min_poll, and every 2 s at most (ntp_core.c): three answers in 2 s instead of 4.
"""

MAX_POLLS = {Role.SERVER: Duration.parse("128s"), Role.CLIENT: Duration.parse("256s")}
"""The longest interval for other sources: 28 packets an hour, or 14. With chronyd's default of 1024 s, the clocks of
servers wander three times as far, and clients take four times as long to be right again after an outage.
"""

STEP_LIMITS = {When.BOOT: 3, When.PAUSE: 3, When.ALWAYS: -1, When.NEVER: 0}
"""makestep's second value. After a pause the agent steps: makestep cannot distinguish a pause from other offsets."""

LOCAL_MODE_WAITS, ORPHAN_OPTIONS = Version(4, 7), " distance 0 waitsynced 2100 waitunsynced 0"
"""chrony.conf(5), local: a server leads 35 minutes after its last upstream, and at once where it never had one."""

OPTION_TOO_NEW = error(
    "TP062",
    "`{option}` needs chrony {needed}, and {release} has {version}: chronyd would not start",
    "remove it, or override it for {release}",
)
DHCP_SOURCES_UNKNOWN = error(
    "TP063",
    "chrony on {release} gets no servers from DHCP: no hook is known that hands them over",
    "write `dhcp_sources: ignore`, or override it for {release}",
)


def is_available(release: Release) -> bool:
    """Whether the release packages chrony."""
    return release.chrony is not None


def unit(release: Release) -> UnitName:
    """Return chrony's service, whose name differs between distributions."""
    return UnitName(_row(release).unit)


def package(release: Release) -> str:
    """Return chrony's package."""
    return _row(release).package


def drift_file(release: Release) -> AbsolutePath:
    """Return the drift file (chrony.conf(5), driftfile)."""
    return AbsolutePath(_row(release).drift_file)


def unsupported(policy: Policy, release: Release) -> Iterator[Finding]:
    """Yield an error for what the release's oldest chrony does not know or its package does not provide."""
    chrony = _row(release)
    words = [("require_authentication", "authselectmode")] if policy.authentication.is_required else []
    for source in policy.sources:
        for option in source.options.enabled:
            family = source.options.family
            word = str(family) if option == "family" and family else _chrony_name(option)
            words.append((f"{source.origin.path}.{option}", word))
    for path, word in words:
        since = needs(word)
        if since and chrony.version < since:
            option, version = path.rpartition(".")[2], str(chrony.version)
            values = {"option": option, "needed": str(since), "release": release.key, "version": version}
            yield OPTION_TOO_NEW.at(policy.origin(path), **values)
    yield from chrony_authentication.unsupported(policy, release, chrony)
    if policy.use_dhcp_sources and chrony.dhcp_source_dir is None:
        yield DHCP_SOURCES_UNKNOWN.at(policy.origin("clients.dhcp_sources"), release=release.key)


def files(policy: Policy, release: Release) -> tuple[File, ...]:
    """Return chrony.conf, the keys that are given, and what hands over hardware clocks and servers from DHCP.

    Every line of chrony.conf ends in a newline, since chronyd ignores the last line of a file without one.
    """
    chrony, is_server = _row(release), policy.role is Role.SERVER
    drift_file, own_folder = AbsolutePath(chrony.drift_file), _own_folder(release)
    dhcp_folder = AbsolutePath(chrony.dhcp_source_dir) if policy.use_dhcp_sources and chrony.dhcp_source_dir else None
    sources = policy.upstreams if is_server else policy.sources  # the agent writes the other servers to a file
    content = render_snippet(
        "chrony/chrony.conf.j2",
        policy=policy.name,
        sources=[_directive(source, policy.role) for source in sources],
        servers_folder=own_folder if is_server else None,
        clocks_folder=own_folder if policy.clocks else None,
        dhcp_source_dir=dhcp_folder,
        min_sources=policy.min_sources,
        drift_file=drift_file,
        authentication=list(chrony_authentication.lines(policy, AbsolutePath(drift_file.rpartition("/")[0]))),
        step_threshold=policy.step.threshold,
        step_limit=STEP_LIMITS[policy.step.when],
        allow=policy.servers.allow if is_server else (),
        extra=policy.extra.get(NAME, ()),
        listens=policy.listens,
    )
    return (
        File(path=AbsolutePath(chrony.config), content=content),
        *chrony_authentication.files(policy),
        *chrony_refclocks.files(policy, own_folder, release.systemd),
        *(chrony_dhcp.files(dhcp_folder, release.systemd) if dhcp_folder else ()),
    )


def helpers(policy: Policy, release: Release) -> tuple[UnitName, ...]:
    """Return the units that hand over hardware clocks and servers from DHCP."""
    dhcp = chrony_dhcp.UNITS if policy.use_dhcp_sources and _row(release).dhcp_source_dir else ()
    return (*chrony_refclocks.units(policy), *dhcp)


def serving(policy: Policy, release: Release) -> Serving | None:
    """Return how a server serves time; it asks all other servers with the same options."""
    if policy.role is not Role.SERVER:
        return None
    options = [str(word) for source in policy.servers.addresses[:1] for word in _directive(source, policy.role)[2:]]
    orphan_options = ORPHAN_OPTIONS if _row(release).version >= LOCAL_MODE_WAITS else ""
    file = AbsolutePath(f"{_own_folder(release)}/chrony.servers")
    return Serving.of(policy, file, " ".join(options), orphan_options)


def _own_folder(release: Release) -> AbsolutePath:
    """The folder of chrony.conf, for the files that it includes: AppArmor and SELinux allow chronyd to read them."""
    return AbsolutePath(_row(release).config.rpartition("/")[0])


def _polls(source: TimeSource, role: Role) -> tuple[Duration | None, Duration]:
    """The shortest interval, None for chronyd's 64 s, and the longest. A default gives way to what the policy sets."""
    shortest, longest = source.options.min_poll, source.options.max_poll
    preset = PRESETS[source.preset].polls if source.preset else None
    usual = (IN_CLUSTER_MIN_POLL, IN_CLUSTER_MAX_POLL) if source.in_cluster else preset or (None, MAX_POLLS[role])
    if shortest is None and usual[0] is not None:
        shortest = min(usual[0], longest) if longest else usual[0]
    return shortest, longest or max(usual[1], shortest or usual[1])


def _directive(source: TimeSource, role: Role) -> list[Token | int | Duration]:
    """The words of a `server` or `pool` line (chrony.conf(5))."""
    options = source.options
    words: list[Token | int | Duration] = [Token("pool" if source.is_pool else "server"), source.host]
    if options.iburst:
        words.append(Token("iburst"))
    for word, poll in zip(("minpoll", "maxpoll"), _polls(source, role), strict=True):
        if poll is not None:
            words += [Token(word), int(poll.seconds).bit_length() - 1]  # the power of two
    for option, number in (
        ("port", options.port),
        ("max_sources", options.max_sources),
        ("max_unreach", options.max_unreach),
        ("nts_port", options.nts_port),
        ("key", options.key),
    ):
        if number is not None and option in options.explicit:
            words += [Token(_chrony_name(option)), number]
    if options.max_delay is not None:
        words += [Token("maxdelay"), options.max_delay]
    if options.family is not None:
        words.append(Token(options.family))
    return words + [Token(flag) for flag in FLAGS if flag in options.enabled]


def _chrony_name(option: str) -> str:
    return option.replace("_", "")


def _row(release: Release) -> Chrony:
    assert release.chrony is not None, "the planner has called is_available"
    return release.chrony
