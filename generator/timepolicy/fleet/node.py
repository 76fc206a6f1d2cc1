"""A node as Prometheus knows it, and what is wrong with it."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

STALE_S = 180
"""A gate verifies every 50 s; `timepolicy-node status` has the same limit."""


class Verdict(IntEnum):
    """The worst is the largest. `UNKNOWN` is a node whose clock cannot be seen."""

    OK = 0
    UNKNOWN = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """Its name in every output."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Limits:
    """When a node is too far from the median, in seconds, and which policies it may run; none: any."""

    warning: float = 30
    critical: float = 120
    digests: frozenset[str] = frozenset()


class NodeKey(NamedTuple):
    """What identifies a node: the labels of its target, and the label that names its cluster."""

    cluster: str
    job: str
    instance: str


@dataclass(slots=True)
class NodeClock:
    """A node. Offsets, errors and ages are in seconds; None is what no metric says.

    `offset` is the clock minus the median of the cluster, `delay` how long the scrape took: the true offset is between
    `offset - delay` and `offset`.
    """

    key: NodeKey
    name: str = ""
    is_silent: bool = False
    offset: float | None = None
    delay: float = 0
    is_synchronised: bool | None = None
    passes: bool | None = None
    failed_checks: list[str] = field(default_factory=list)
    daemon: str = ""
    policy: str = ""
    digest: str = ""
    release: str = ""
    role: str = ""
    source: str = ""
    stratum: int | None = None
    report_age: float | None = None
    own_offset: float | None = None
    own_error: float | None = None
    sources: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[Verdict, str]] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """The worst of its problems."""
        return max((verdict for verdict, _ in self.problems), default=Verdict.OK)

    @property
    def ntp_status(self) -> str:
        """Whether the node has the right time under control, in one word; `timepolicy-node verify` proves more."""
        if self.is_silent or (self.is_synchronised is None and self.passes is None):
            return "unknown"
        return "unsynchronised" if self.is_synchronised is False or self.passes is False else "synchronised"

    @property
    def distance(self) -> float:
        """How far from the median the clock is at least, in seconds; with the error of the scrape in its favour."""
        if self.offset is None:
            return 0
        return max(self.offset - self.delay, -self.offset, 0)

    def to_data(self) -> dict[str, Any]:
        """Return the node as JSON-like data."""
        return {
            "node": self.name or self.key.instance,
            "cluster": self.key.cluster,
            "job": self.key.job,
            "address": self.key.instance,
            "verdict": self.verdict.word,
            "problems": [text for _, text in self.problems],
            "ntp": self.ntp_status,
            "kernel_synchronised": self.is_synchronised,
            "offset": self.offset,
            "offset_low": None if self.offset is None else self.offset - self.delay,
            "daemon": self.daemon,
            "source": self.source,
            "stratum": self.stratum,
            "policy": self.policy,
            "digest": self.digest,
            "release": self.release,
            "role": self.role,
            "verification_age": self.report_age,
            "passes": self.passes,
            "failed_checks": self.failed_checks,
            "own_offset": self.own_offset,
            "own_offset_error": self.own_error,
            "sources": self.sources,
        }


def judge(node: NodeClock, limits: Limits) -> None:
    """Set the problems of `node`."""
    found = node.problems = []
    if node.is_silent:
        found.append((Verdict.UNKNOWN, "does not answer Prometheus"))
        if limits.digests:
            found.append((Verdict.UNKNOWN, "its policy is not known"))
        return
    if node.offset is None:
        found.append((Verdict.UNKNOWN, "its time is not a finite number"))
    elif node.distance > limits.warning:
        verdict = Verdict.CRITICAL if node.distance > limits.critical else Verdict.WARNING
        direction = "ahead of" if node.offset > 0 else "behind"
        found.append((verdict, f"{node.distance:.1f} s {direction} the median"))
    if node.is_synchronised is False:
        found.append((Verdict.WARNING, "the kernel's clock is unsynchronised"))
    if node.passes is False:
        checks = ", ".join(sorted(node.failed_checks)) or "unknown"
        found.append((Verdict.WARNING, f"failed checks: {checks}"))
    if node.report_age is not None and not -STALE_S <= node.report_age <= STALE_S:
        age = f"{node.report_age:.0f} s old" if node.report_age > 0 else f"{-node.report_age:.0f} s in the future"
        found.append((Verdict.WARNING, f"the last verification is {age}"))
    if limits.digests and node.digest not in limits.digests:
        running = f"runs policy {node.digest}" if node.digest else "runs no policy that it reports"
        found.append((Verdict.WARNING, running))
