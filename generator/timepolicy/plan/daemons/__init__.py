"""The time daemons: each a module that satisfies Daemon, listed in DAEMONS."""

from collections.abc import Iterator
from typing import Protocol

from timepolicy.distros.release import DaemonName, Release
from timepolicy.findings.finding import Finding
from timepolicy.plan.contract import Serving
from timepolicy.plan.daemons import chrony, timesyncd
from timepolicy.plan.files import File
from timepolicy.policy.model import Policy
from timepolicy.tokens import AbsolutePath, UnitName


class Daemon(Protocol):
    """What the planner asks of a daemon."""

    NAME: DaemonName

    AFTER_INSTALL: str
    """What a shell does once the daemon's package is installed; empty for nothing."""

    def is_available(self, release: Release) -> bool:
        """Whether the release has this daemon at all."""

    def objections(self, policy: Policy, release: Release) -> Iterator[Finding]:
        """Everything that the policy asks of a client and this daemon, in this release, cannot do."""

    def files(self, policy: Policy, release: Release) -> tuple[File, ...]:
        """The daemon's configuration first, then what belongs to it; only asked for where there are no objections."""

    def helpers(self, policy: Policy, release: Release) -> tuple[UnitName, ...]:
        """The units of its files that have to run beside it."""

    def serving(self, policy: Policy, release: Release) -> Serving | None:
        """What a server does, with the daemon's own file and options; None for a node that does not serve."""

    def unit(self, release: Release) -> UnitName:
        """The daemon's service."""

    def package(self, release: Release) -> str:
        """What brings the daemon where the image lacks it."""

    def drift_file(self, release: Release) -> AbsolutePath | None:
        """Where the daemon keeps the clock's frequency, if it is of the kind that a restart can poison."""


DAEMONS: dict[DaemonName, Daemon] = {chrony.NAME: chrony, timesyncd.NAME: timesyncd}
"""The most capable first: where none can do what is asked, its objections are the ones to tell."""
