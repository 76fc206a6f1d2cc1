"""What the cluster's own servers have to bear: requests of clients, in steady state and when all boot at once."""

from dataclasses import dataclass
from math import ceil

from timepolicy.distros.release import DaemonName
from timepolicy.plan.daemons.chrony import IN_CLUSTER_MAX_POLL
from timepolicy.plan.daemons.timesyncd import LONGEST_POLL
from timepolicy.policy.model import Policy
from timepolicy.policy.role import Role

VERIFY_INTERVAL = 50
"""Seconds between the agent's verifications, each of which asks each of the cluster's servers once."""

BOOT_REQUESTS = {DaemonName.CHRONY: 15, DaemonName.TIMESYNCD: 4}
"""The most requests that one server had from a booting node, agent and daemon together (tests/boot/RESULTS.md)."""

REQUESTS_PER_CORE = 40_000
"""Answers a second that one core gives: chronyd uses one (bench/serve/RESULTS.md)."""

STEADY_SHARE = 0.5
"""How much of that a server may be busy with all the time."""

COLD_SECONDS = 60
"""How long all nodes may take to be answered when they boot at once: much less than a gate waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What one server has to bear: requests a second all the time, and those of all nodes booting at once.

    Every client asks every server of its policy, so that more servers do not share the load. `tiers` is how many groups
    of servers, each with clients of its own by an override, it takes to stay below STEADY_SHARE and COLD_SECONDS.
    """

    steady: float
    cold: int
    tiers: int

    @property
    def share(self) -> float:
        """The part of a core that is busy all the time."""
        return self.steady / REQUESTS_PER_CORE

    @property
    def cold_seconds(self) -> float:
        """How long a core is busy when all boot at once."""
        return self.cold / REQUESTS_PER_CORE


def load_of(policy: Policy, daemon: DaemonName, nodes: int) -> Load | None:
    """Return what `nodes` clients of this kind ask; None where they ask no server of the cluster."""
    if not policy.servers.addresses or policy.role is Role.SERVER:
        return None
    steady = nodes * (_daemon_rate(policy, daemon) + 1 / VERIFY_INTERVAL)
    cold = nodes * BOOT_REQUESTS[daemon]
    tiers = max(steady / (STEADY_SHARE * REQUESTS_PER_CORE), cold / (COLD_SECONDS * REQUESTS_PER_CORE))
    return Load(steady=steady, cold=cold, tiers=ceil(tiers))


def _daemon_rate(policy: Policy, daemon: DaemonName) -> float:
    """Requests a second of one client's daemon at the busiest server: chronyd asks each, timesyncd the first."""
    polls = [source.options.max_poll for source in policy.servers.addresses]
    usual = IN_CLUSTER_MAX_POLL if daemon is DaemonName.CHRONY else LONGEST_POLL
    return 1 / min(poll or usual for poll in polls).seconds
