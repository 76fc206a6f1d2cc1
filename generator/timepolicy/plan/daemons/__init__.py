"""The time daemons: each a module that satisfies Daemon, listed in DAEMONS."""

from collections.abc import Iterator
from typing import Protocol

from timepolicy.distros.release import DaemonName, Release
from timepolicy.findings.finding import Finding, error
from timepolicy.plan.contract import Serving
from timepolicy.plan.daemons import chrony, timesyncd
from timepolicy.plan.files import File
from timepolicy.policy.model import Policy
from timepolicy.tokens import AbsolutePath, UnitName

DAEMON_NOT_AVAILABLE = error(
    "TP061",
    "{release} has no {daemon}, so nothing would keep the time",
    "{advice}",
)


class Daemon(Protocol):
    """The interface of a daemon to the planner."""

    NAME: DaemonName

    AFTER_INSTALL: str
    """Shell code to run after the daemon's package was installed, beginning with its operator; empty for nothing."""

    def is_available(self, release: Release) -> bool:
        """Whether the release has this daemon."""

    def unsupported(self, policy: Policy, release: Release) -> Iterator[Finding]:
        """Yield an error for everything that the policy asks and this daemon, in this release, cannot do."""

    def files(self, policy: Policy, release: Release) -> tuple[File, ...]:
        """Return the daemon's configuration, and then the files that support it."""

    def helpers(self, policy: Policy, release: Release) -> tuple[UnitName, ...]:
        """Return the units among its files that have to run beside it."""

    def serving(self, policy: Policy, release: Release) -> Serving | None:
        """Return how a server serves time, with the daemon's own file and options; None for a client."""

    def unit(self, release: Release) -> UnitName:
        """Return the daemon's service."""

    def package(self, release: Release) -> str:
        """Return the package that installs the daemon."""

    def drift_file(self, release: Release) -> AbsolutePath | None:
        """Return where the daemon keeps the clock's frequency, if a wrong one there survives a restart."""


DAEMONS: dict[DaemonName, Daemon] = {chrony.NAME: chrony, timesyncd.NAME: timesyncd}
"""The most capable first."""
