"""chrony: chrony.conf(5) as a whole, since drop-ins cannot take a distribution's own sources away."""

from collections.abc import Iterator

from timepolicy.distros.release import Chrony, DaemonName, Release
from timepolicy.facts.chrony_options import needs
from timepolicy.findings.finding import Finding
from timepolicy.findings.register.targets import DHCP_SOURCES_UNKNOWN, OPTION_TOO_NEW
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
"""Options of the policy that chrony knows by the same name, without a value."""

IN_CLUSTER_MIN_POLL, IN_CLUSTER_MAX_POLL = Duration.parse("4s"), Duration.parse("64s")
"""Between requests to the cluster's own servers: they are near, and their return is to be noticed soon.

The first burst asks every quarter of min_poll and every 2 s at most (ntp_core.c): three answers in 2 s instead of 4.
"""

STEP_LIMITS = {When.BOOT: 3, When.PAUSE: 3, When.ALWAYS: -1, When.NEVER: 0}
"""makestep's second value. After a pause it is the agent that steps: makestep cannot tell it from any other offset."""


def is_available(release: Release) -> bool:
    """Whether the release packages chrony."""
    return release.chrony is not None


def unit(release: Release) -> UnitName:
    """Return chrony's service; the Debian family calls it otherwise than the rest."""
    return UnitName(_of(release).unit)


def package(release: Release) -> str:
    """Return chrony's package."""
    return _of(release).package


def drift_file(release: Release) -> AbsolutePath:
    """Return the drift file (chrony.conf(5), driftfile)."""
    return AbsolutePath(_of(release).drift_file)


def objections(policy: Policy, release: Release) -> Iterator[Finding]:
    """Options that the release's oldest chrony does not know: it would not start with them."""
    version = _of(release).version
    for source in policy.sources:
        options = source.options
        for option in options.enabled:
            needed = needs(options.family if option == "family" and options.family else _word(option))
            if needed and version < needed:
                origin = policy.origin(f"{source.origin.path}.{option}")
                values = {
                    "option": option,
                    "needed": str(needed),
                    "release": release.key,
                    "version": str(version),
                }
                yield Finding(rule=OPTION_TOO_NEW, span=origin.span, path=origin.path, values=values)
    yield from chrony_authentication.objections(policy, release, _of(release))
    if policy.use_dhcp_sources and _of(release).dhcp_source_dir is None:
        origin = policy.origin("clients.dhcp_sources")
        values = {"daemon": NAME, "release": release.key}
        yield Finding(rule=DHCP_SOURCES_UNKNOWN, span=origin.span, path=origin.path, values=values)


def files(policy: Policy, release: Release) -> tuple[File, ...]:
    """Return chrony.conf, the keys that are given, and what hands over hardware clocks and DHCP's servers."""
    chrony = _of(release)
    more = (*chrony_authentication.files(policy), *chrony_refclocks.files(policy, own_folder(release)))
    if not (policy.use_dhcp_sources and chrony.dhcp_source_dir):
        return (_configuration(policy, release, None), *more)
    folder = AbsolutePath(chrony.dhcp_source_dir)
    return (_configuration(policy, release, folder), *more, *chrony_dhcp.files(folder))


def helpers(policy: Policy, release: Release) -> tuple[UnitName, ...]:
    """Return what hands over hardware clocks and DHCP's servers, where they are wanted."""
    dhcp = chrony_dhcp.UNITS if policy.use_dhcp_sources and _of(release).dhcp_source_dir else ()
    return (*chrony_refclocks.units(policy), *dhcp)


def _configuration(policy: Policy, release: Release, dhcp_source_dir: AbsolutePath | None) -> File:
    """Return chrony.conf. Every line ends in a newline, which some of chrony's readers need."""
    chrony = _of(release)
    sources = policy.upstreams if policy.role is Role.SERVER else policy.sources
    content = render_snippet(
        "chrony/chrony.conf.j2",
        policy=policy.name,
        sources=[_directive(source) for source in sources],
        servers_folder=own_folder(release) if policy.role is Role.SERVER else None,
        clocks_folder=own_folder(release) if policy.clocks else None,
        dhcp_source_dir=dhcp_source_dir,
        min_sources=policy.min_sources,
        drift_file=AbsolutePath(chrony.drift_file),
        authentication=chrony_authentication.lines(policy, AbsolutePath(chrony.drift_file.rpartition("/")[0])),
        step_threshold=policy.step.threshold,
        step_limit=STEP_LIMITS[policy.step.when],
        allow=policy.servers.allow if policy.role is Role.SERVER else (),
    )
    return File(path=AbsolutePath(chrony.config), content=content)


def own_folder(release: Release) -> AbsolutePath:
    """Return where files go that chrony.conf includes: its own folder, in which AppArmor and SELinux allow reading."""
    return AbsolutePath(_of(release).config.rpartition("/")[0])


def serving(policy: Policy, release: Release) -> Serving | None:
    """Return what a server does; it asks every other server with the same options."""
    if policy.role is not Role.SERVER:
        return None
    options = [str(word) for source in policy.servers.addresses[:1] for word in _directive(source)[2:]]
    return Serving.of(policy, AbsolutePath(f"{own_folder(release)}/chrony.servers"), " ".join(options))


def _directive(source: TimeSource) -> list[Token | int | Duration]:
    """A `server` or `pool` line, word by word."""
    options = source.options
    words: list[Token | int | Duration] = [Token("pool" if source.is_pool else "server"), source.host]
    if options.iburst:
        words.append(Token("iburst"))
    near = source.in_cluster
    for word, poll in (
        ("minpoll", options.min_poll or (IN_CLUSTER_MIN_POLL if near else None)),
        ("maxpoll", options.max_poll or (IN_CLUSTER_MAX_POLL if near else None)),
    ):
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
            words += [Token(_word(option)), number]
    if options.max_delay is not None:
        words += [Token("maxdelay"), options.max_delay]
    if options.family is not None:
        words.append(Token(options.family))
    return words + [Token(flag) for flag in FLAGS if flag in options.enabled]


def _word(option: str) -> str:
    """Return chrony's name of an option of the policy."""
    return option.replace("_", "")


def _of(release: Release) -> Chrony:
    assert release.chrony is not None, "is_available was asked first"
    return release.chrony
