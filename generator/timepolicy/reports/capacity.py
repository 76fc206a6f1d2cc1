"""The load of clients on the cluster's own servers: in steady state, and when all nodes boot at once."""

from dataclasses import dataclass
from math import ceil

from timepolicy.agent.interface import VERIFY_INTERVAL
from timepolicy.distros.release import DaemonName
from timepolicy.plan.daemons.chrony import IN_CLUSTER_MAX_POLL
from timepolicy.plan.daemons.timesyncd import LONGEST_POLL
from timepolicy.policy.model import Policy
from timepolicy.policy.role import Role

BOOT_REQUESTS = {DaemonName.CHRONY: 15, DaemonName.TIMESYNCD: 4}
"""The most requests that one server had from a booting node, agent and daemon together (tests/boot/RESULTS.md)."""

REQUESTS_PER_CORE = 40_000
"""Answers a second that one core gives: chronyd uses one (bench/serve/RESULTS.md)."""

STEADY_SHARE = 0.5
"""The share of REQUESTS_PER_CORE that one server may answer in steady state."""

COLD_SECONDS = 60
"""The longest time to answer all nodes that boot at once: much less than a gate waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """The load of one server: requests a second in steady state, and all requests of nodes that boot at once.

    Every client asks every server of its policy, so that more servers do not share the load. `tiers` is the number of
    groups of servers, each with its own clients by an override, that keeps a load below STEADY_SHARE and COLD_SECONDS.
    """

    steady: float
    cold: int
    tiers: int

    @property
    def share(self) -> float:
        """The share of a core that is busy in steady state."""
        return self.steady / REQUESTS_PER_CORE

    @property
    def cold_seconds(self) -> float:
        """How many seconds one core needs to answer all nodes that boot at once."""
        return self.cold / REQUESTS_PER_CORE


def load_of(policy: Policy, daemon: DaemonName, nodes: int) -> Load | None:
    """Return the load of `nodes` clients of this kind; None where they ask no server of the cluster."""
    if not policy.servers.addresses or policy.role is Role.SERVER:
        return None
    # each verification asks each of the cluster's servers once
    steady = nodes * (_daemon_rate(policy, daemon) + 1 / VERIFY_INTERVAL)
    cold = nodes * BOOT_REQUESTS[daemon]
    tiers = max(steady / (STEADY_SHARE * REQUESTS_PER_CORE), cold / (COLD_SECONDS * REQUESTS_PER_CORE))
    return Load(steady=steady, cold=cold, tiers=ceil(tiers))


def _daemon_rate(policy: Policy, daemon: DaemonName) -> float:
    """Requests a second of one client's daemon at the busiest server: chronyd asks each, timesyncd the first."""
    polls = [source.options.max_poll for source in policy.servers.addresses]
    usual = IN_CLUSTER_MAX_POLL if daemon is DaemonName.CHRONY else LONGEST_POLL
    return 1 / min(poll or usual for poll in polls).seconds
