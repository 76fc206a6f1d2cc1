"""systemd-timesyncd: a drop-in for timesyncd.conf(5). It follows one server at a time, without a vote."""

from collections.abc import Iterator

from timepolicy.distros.release import DaemonName, Release, Timesyncd
from timepolicy.findings.finding import Finding, error
from timepolicy.plan.files import File
from timepolicy.plan.snippets import render_snippet
from timepolicy.policy.model import Policy, When
from timepolicy.policy.role import Role
from timepolicy.tokens import AbsolutePath, Duration, UnitName

NAME = DaemonName.TIMESYNCD

AFTER_INSTALL = "&&systemctl reset-failed chrony*"
"""Debian's package removes chrony's. If chronyd was starting just then, systemd would list it as failed for ever."""

STEP_THRESHOLD = Duration.parse("400ms")
"""From this offset on it steps, at any poll: NTP_MAX_ADJUST in systemd's timesyncd-manager.c."""

LONGEST_POLL = Duration.parse("256s")
"""The default of 2048 s leaves a node without time for half an hour after a server fails."""

SHORTEST_POLL = Duration.parse("16s")
"""timesyncd.conf(5): PollIntervalMinSec= must not be smaller."""

DAEMON_CANNOT = error(
    "TP060",
    "systemd-timesyncd cannot {what}",
    "write `daemon: chrony`, or `daemon: auto`, which takes a daemon that can",
)


def is_available(release: Release) -> bool:
    """Whether the release has systemd-timesyncd."""
    return release.timesyncd is not None


def unit(release: Release) -> UnitName:
    """Return timesyncd's service."""
    return UnitName(_row(release).unit)


def package(release: Release) -> str:
    """Return the package that installs timesyncd."""
    return _row(release).package


def drift_file(release: Release) -> None:  # Daemon's signature
    """Return None: timesyncd keeps no frequency on disk."""


def unsupported(policy: Policy, release: Release) -> Iterator[Finding]:  # noqa: ARG001  # Daemon's signature
    """Yield an error for each setting that needs a vote among sources, or a control that timesyncd does not have."""
    refusals: list[tuple[str, str]] = []
    if policy.role is Role.SERVER:
        refusals.append(("clients.daemon", "serve time to other nodes"))
    if policy.min_sources > 1:
        refusals.append(("clients.min_sources", "wait until several sources agree: it uses one source at a time"))
    if policy.is_set("step.when") and policy.step.when is not When.ALWAYS:
        refusals.append(("step.when", "limit when the clock is stepped: it steps whenever the offset is large"))
    if policy.is_set("step.threshold") and policy.step.threshold != STEP_THRESHOLD:
        refusals.append(("step.threshold", "use a step threshold other than 400ms"))
    refusals += [(clock.origin.path, "read a hardware clock") for clock in policy.clocks]
    for source in policy.sources:
        for option in source.options.enabled - {"min_poll", "max_poll"}:
            refusals.append((f"{source.origin.path}.{option}", f"use `{option}` for a source"))
    for path, what in (*refusals, *_poll_limits(policy)):
        yield DAEMON_CANNOT.at(policy.origin(path), what=what)


def _poll_limits(policy: Policy) -> Iterator[tuple[str, str]]:
    """Poll intervals that differ between sources, or are too short."""
    for option, polls in (
        ("min_poll", [source.options.min_poll for source in policy.sources]),
        ("max_poll", [source.options.max_poll for source in policy.sources]),
    ):
        last = next((source for source in reversed(policy.sources) if option in source.options.explicit), None)
        if last is None:
            continue
        path = f"{last.origin.path}.{option}"
        if len(set(polls)) > 1:
            yield path, f"use a `{option}` for each source: it has one for all sources"
        elif polls[0] is not None and polls[0] < SHORTEST_POLL:
            yield path, f"poll more often than every {SHORTEST_POLL}s"


def files(policy: Policy, release: Release) -> tuple[File, ...]:
    """Return the drop-in. All sources are in NTP=, since FallbackNTP= is not used while NTP= has any.

    Its name sorts behind those of others, such as cloud-init.conf and dhcpcd-eth0.conf: each NTP= adds to those before,
    and an empty one removes them (timesyncd.conf(5)).
    """
    sources = policy.sources
    polls = sources[0].options  # the same for all sources
    content = render_snippet(
        "timesyncd/timepolicy.conf.j2",
        policy=policy.name,
        hosts=[source.host for source in sources],
        use_dhcp_sources=policy.use_dhcp_sources,
        shortest_poll=polls.min_poll,
        longest_poll=polls.max_poll or max(LONGEST_POLL, polls.min_poll or LONGEST_POLL),
        extra=policy.extra.get(NAME, ()),
    )
    return (File(path=AbsolutePath(f"{_row(release).drop_in_dir}/zz-timepolicy.conf"), content=content),)


def helpers(policy: Policy, release: Release) -> tuple[UnitName, ...]:  # noqa: ARG001  # Daemon's signature
    """Return nothing: timesyncd gets servers from DHCP from systemd-networkd itself."""
    return ()


def serving(policy: Policy, release: Release) -> None:  # Daemon's signature
    """Return None: timesyncd does not serve."""


def _row(release: Release) -> Timesyncd:
    assert release.timesyncd is not None, "the planner has called is_available"
    return release.timesyncd
