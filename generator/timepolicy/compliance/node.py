"""A node as an auditor finds it: its daemons, and the lines of their files, from the plan."""

from dataclasses import dataclass

from timepolicy.compiler import NodeKind
from timepolicy.distros.release import DaemonName
from timepolicy.plan.types import AgentPlan
from timepolicy.policy.model import Policy, TimeSource
from timepolicy.policy.role import Role
from timepolicy.source import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditedNode:
    """`daemons` are those that the node may use. `files` has the path and the directives of each one's file.

    A directive is a list of words: of timesyncd.conf, a key and its values. `timezone` is what the agent sets.
    """

    policy: Policy
    release: str
    role: Role
    daemons: tuple[DaemonName, ...]
    files: dict[DaemonName, tuple[str, list[list[str]]]]
    timezone: str

    @property
    def is_server(self) -> bool:
        """Whether it serves time to other nodes."""
        return self.role is Role.SERVER

    @property
    def chrony_file(self) -> str:
        """The path of chrony.conf."""
        return self.files[DaemonName.CHRONY][0]

    def chrony(self, *names: str) -> list[list[str]]:
        """Return the directives of chrony.conf with these names."""
        return [words for words in self.files[DaemonName.CHRONY][1] if words[0] in names]

    def source(self, host: str) -> TimeSource:
        """Return the source of the policy that the node knows as `host`."""
        return next(source for source in self.policy.sources if source.host == host)

    def place(self, path: str) -> Place:
        """Return where the policy sets `path`, or the nearest key above it."""
        return self.policy.origin(path)


def audited(kind: NodeKind) -> AuditedNode:
    """Return what an auditor finds on nodes of this kind, which run the agent."""
    plan = kind.plan
    assert isinstance(plan, AgentPlan), "the releases of all profiles have the agent"
    files = {}
    for file in plan.files:
        lines = [line.strip() for line in file.content.splitlines()]
        if file.path.endswith("/chrony.conf"):
            words = [line.split() for line in lines if line and not line.startswith("#")]
            files[DaemonName.CHRONY] = (str(file.path), words + _peers(plan))
        elif file.path.endswith("/zz-timepolicy.conf"):
            words = [line.replace("=", " ", 1).split() for line in lines if "=" in line and not line.startswith("#")]
            files[DaemonName.TIMESYNCD] = (str(file.path), words)
    return AuditedNode(
        policy=kind.policy,
        release=plan.release,
        role=plan.role,
        daemons=tuple(daemon.name for daemon in plan.contract.daemons),
        files=files,
        timezone=plan.contract.timezone,
    )


def _peers(plan: AgentPlan) -> list[list[str]]:
    """The `server` lines that the agent writes on a server: the cluster's servers, of which one is the node itself."""
    serving = plan.contract.serving
    hosts = [source.host for source in plan.contract.sources if source.in_cluster] if serving else []
    return [["server", str(host), *serving.options.split()] for host in hosts if serving]
