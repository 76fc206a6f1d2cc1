"""systemd-timesyncd: a drop-in for timesyncd.conf(5). It follows one server at a time and believes it."""

from collections.abc import Iterator

from timepolicy.distros.release import DaemonName, Release, Timesyncd
from timepolicy.findings import wording
from timepolicy.findings.finding import Finding
from timepolicy.findings.register.targets import DAEMON_CANNOT
from timepolicy.plan.files import File
from timepolicy.plan.snippets import render_snippet
from timepolicy.policy.model import Policy, When
from timepolicy.policy.role import Role
from timepolicy.tokens import AbsolutePath, Duration, UnitName

NAME = DaemonName.TIMESYNCD

AFTER_INSTALL = "&&systemctl reset-failed chrony*"
"""Debian's package takes chrony's away; its service may just have been started, and would be called failed for ever."""

STEP_THRESHOLD = Duration.parse("400ms")
"""What it steps, at any poll: NTP_MAX_ADJUST in systemd's timesyncd-manager.c."""

LONGEST_POLL = Duration.parse("256s")
"""The built-in 2048 leaves a node alone for half an hour after a server fails."""

SHORTEST_POLL = Duration.parse("16s")
"""timesyncd.conf(5): PollIntervalMinSec= must not be smaller."""


def is_available(release: Release) -> bool:
    """Whether the release has systemd-timesyncd."""
    return release.timesyncd is not None


def unit(release: Release) -> UnitName:
    """Return timesyncd's service."""
    return UnitName(_of(release).unit)


def package(release: Release) -> str:
    """Return the package that holds timesyncd."""
    return _of(release).package


def drift_file(release: Release) -> None:  # Daemon's signature
    """Return None: timesyncd keeps no frequency on disk."""


def objections(policy: Policy, release: Release) -> Iterator[Finding]:  # noqa: ARG001  # Daemon's signature
    """Whatever needs a vote among sources, or a control that timesyncd does not have."""
    if policy.role is Role.SERVER:
        yield _objection(policy, "clients.daemon", wording.SERVE)
    if policy.min_sources > 1:
        yield _objection(policy, "clients.min_sources", wording.VOTE)
    if policy.states("step.when") and policy.step.when is not When.ALWAYS:
        yield _objection(policy, "step.when", wording.RESTRICT_STEPS)
    if policy.states("step.threshold") and policy.step.threshold != STEP_THRESHOLD:
        yield _objection(policy, "step.threshold", wording.STEP_ELSEWHERE)
    for clock in policy.clocks:
        yield _objection(policy, clock.origin.path, wording.READ_CLOCKS)
    for source in policy.sources:
        for option in source.options.enabled - {"min_poll", "max_poll"}:
            yield _objection(policy, f"{source.origin.path}.{option}", wording.HAVE_OPTION.format(option=option))
    yield from _poll_objections(policy)


def serving(policy: Policy, release: Release) -> None:  # Daemon's signature
    """Return None: timesyncd does not serve."""


def _poll_objections(policy: Policy) -> Iterator[Finding]:
    for option, polls in (
        ("min_poll", [source.options.min_poll for source in policy.sources]),
        ("max_poll", [source.options.max_poll for source in policy.sources]),
    ):
        last = next((source for source in reversed(policy.sources) if option in source.options.explicit), None)
        if last is None:
            continue
        place = f"{last.origin.path}.{option}"
        if len(set(polls)) > 1:
            yield _objection(policy, place, wording.POLL_EACH.format(option=option))
        elif polls[0] is not None and polls[0] < SHORTEST_POLL:
            yield _objection(policy, place, wording.POLL_FASTER.format(seconds=SHORTEST_POLL))


def _objection(policy: Policy, path: str, what: str) -> Finding:
    origin = policy.origin(path)
    return Finding(rule=DAEMON_CANNOT, span=origin.span, path=origin.path, values={"daemon": NAME, "what": what})


def files(policy: Policy, release: Release) -> tuple[File, ...]:
    """Return the drop-in. All sources stand in NTP=: FallbackNTP= is not used while NTP= has any."""
    sources = policy.sources
    polls = sources[0].options  # the same for all sources
    content = render_snippet(
        "timesyncd/timepolicy.conf.j2",
        policy=policy.name,
        hosts=[source.host for source in sources],
        use_dhcp_sources=policy.use_dhcp_sources,
        shortest_poll=polls.min_poll,
        longest_poll=polls.max_poll or max(LONGEST_POLL, polls.min_poll or LONGEST_POLL),
    )
    path = AbsolutePath(f"{_of(release).drop_in_dir}/99-timepolicy.conf")
    return (File(path=path, content=content),)


def helpers(policy: Policy, release: Release) -> tuple[UnitName, ...]:  # noqa: ARG001  # Daemon's signature
    """Return nothing: networkd tells timesyncd of DHCP's servers."""
    return ()


def _of(release: Release) -> Timesyncd:
    assert release.timesyncd is not None, "is_available was asked first"
    return release.timesyncd
