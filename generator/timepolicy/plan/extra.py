"""Lines of `extra`: which daemons of a node get them, which ones a release is too old for, and which no node gets."""

from collections.abc import Iterable, Iterator, Sequence

from timepolicy.distros.release import DaemonName, Release
from timepolicy.findings.finding import Finding, error, note
from timepolicy.plan.daemons import Daemon
from timepolicy.plan.daemons.chrony import OPTION_TOO_NEW
from timepolicy.plan.types import NodePlan
from timepolicy.policy.model import Extra, Policy

SETTING_TOO_NEW = error(
    "TP066",
    "`{setting}=` needs systemd {needed}, and {release} has {version}: systemd-timesyncd would ignore it",
    "remove it, or override it for {release}",
)
EXTRA_UNUSED = note(
    "TP067",
    "no node of this policy runs {daemon}, so these lines are not used",
    "remove them, or choose this daemon with `clients.daemon`",
)


def used_extra(policy: Policy, daemons: Iterable[Daemon]) -> Extra:
    """Return the lines that a node with these daemons gets."""
    return {daemon.NAME: policy.extra[daemon.NAME] for daemon in daemons if daemon.NAME in policy.extra}


def unsupported_extra(policy: Policy, release: Release, daemons: Iterable[Daemon]) -> Iterator[Finding]:
    """Yield an error for each line that is too new for the release's daemon; this does not decide which one it runs."""
    for daemon, lines in used_extra(policy, daemons).items():
        from timepolicy.configs.extra_lines import name_of, newer_than_chrony, newer_than_systemd  # few have `extra`

        for index, line in enumerate(lines):
            place = policy.origin(f"{policy.extra_path(daemon)}[{index}]")
            if daemon is DaemonName.CHRONY:
                if word := newer_than_chrony(line, release):
                    yield OPTION_TOO_NEW.at(place, option=word.pop("name"), **word)
            elif needed := newer_than_systemd(line, release):
                values = {"needed": str(needed), "release": release.key, "version": str(release.systemd)}
                yield SETTING_TOO_NEW.at(place, setting=name_of(daemon, line), **values)


def unused_extra(nodes: Sequence[tuple[Policy, NodePlan]]) -> Iterator[Finding]:
    """Yield a note for the lines that none of all nodes of a policy gets."""
    used = {policy.extra_path(daemon) for policy, plan in nodes for daemon in plan.extra}
    for policy, _ in nodes:
        for daemon in policy.extra:
            path = policy.extra_path(daemon)
            if path not in used:
                yield EXTRA_UNUSED.at(policy.origin(path), daemon=daemon)
