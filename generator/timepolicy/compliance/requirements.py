"""Each requirement of benchmarks, judged by a node's files."""

from collections.abc import Callable

from timepolicy.compliance.judgement import Judgement, conflict, exception, not_applicable, satisfied
from timepolicy.compliance.node import AuditedNode
from timepolicy.distros.release import DaemonName
from timepolicy.facts.compliance import GMT_ZONES, LONGEST_POLL, UTC_ZONES, Requirement
from timepolicy.facts.time_services import is_public
from timepolicy.findings.wording import counted, listed

CHRONY, TIMESYNCD = DaemonName.CHRONY, DaemonName.TIMESYNCD

Judge = Callable[[AuditedNode], Judgement]


def judge(requirement: Requirement, node: AuditedNode) -> Judgement:
    """Return what a rule with this requirement says about the node."""
    if not node.daemons and requirement not in NEED_NO_DAEMON:
        why = "with `daemon: none` another program keeps the clock, and has to be judged itself"
        return exception(why, node.place("clients.daemon"), "show that program's configuration to the auditor")
    return JUDGES[requirement](node)


def _one_daemon(node: AuditedNode) -> Judgement:
    return satisfied(f"{listed(list(node.daemons))}; the agent stops and masks all other time daemons")


def _not_in_use(node: AuditedNode) -> Judgement:
    return not_applicable(f"nodes use {listed(list(node.daemons))}")


def _sources_of(node: AuditedNode, daemon: DaemonName) -> Judgement:
    """Whether the file of `daemon` names where the time comes from."""
    if daemon not in node.daemons:
        return _not_in_use(node)
    if node.policy.use_dhcp_sources:
        why = "DHCP adds servers that the policy does not know"
        return exception(
            why, node.place("clients.dhcp_sources"), "write `dhcp_sources: ignore`, or name DHCP's servers"
        )
    path, lines = node.files[daemon]
    names = ("server", "pool") if daemon is CHRONY else ("NTP",)
    hosts = [host for words in lines if words[0] in names for host in (words[1:2] if daemon is CHRONY else words[1:])]
    if not hosts:
        why = f"{path} names no server: the time comes from a clock of the machine"
        return exception(why, node.place("upstreams"), "show the auditor which clock it is, or add servers")
    return satisfied(f"{path} names {counted(len(hosts), 'source')}: {', '.join(hosts)}")


def _only_chrony(node: AuditedNode) -> Judgement | None:
    """A conflict where the node may use another daemon; None where it cannot."""
    if node.daemons == (CHRONY,):
        return None
    why = f"nodes may use {listed([name for name in node.daemons if name is not CHRONY])}"
    return conflict(why, node.place("clients.daemon"), "write `clients: {daemon: chrony}`")


def _chrony_installed(node: AuditedNode) -> Judgement:
    return _only_chrony(node) or satisfied("nodes use chrony, which the agent installs where it is missing")


def _enabled(daemon: DaemonName) -> Judge:
    def check(node: AuditedNode) -> Judgement:
        if daemon not in node.daemons:
            return _not_in_use(node)
        return satisfied("timepolicy-apply.service enables and starts it, and the gate starts it again if it died")

    return check


def _chrony_user(node: AuditedNode) -> Judgement:
    if CHRONY not in node.daemons:
        return _not_in_use(node)
    if users := node.chrony("user"):
        return satisfied(f"{node.chrony_file}: `{' '.join(users[-1])}`")
    return satisfied(f"{node.chrony_file} has no `user`: chronyd runs as the user of its package")


def _no_timesyncd(node: AuditedNode) -> Judgement:
    return _only_chrony(node) or satisfied("nodes use chrony, whose package cannot be installed beside it")


def _no_ntp(_node: AuditedNode) -> Judgement:
    return satisfied("the policy does not install it, and the package cannot be installed beside the node's daemon")


def _servers_and_poll(node: AuditedNode) -> Judgement:
    if found := _only_chrony(node):
        return found
    for words in node.chrony("server", "pool"):
        source = node.source(words[1])
        line = f"{node.chrony_file}: `{' '.join(words)}`"
        if words[0] == "pool":
            return conflict(f"{line} is a pool", source.origin, "write `server:` with a host for each source")
        if "maxpoll" not in words or int(words[words.index("maxpoll") + 1]) > LONGEST_POLL:
            help = f"write a `max_poll` of {2**LONGEST_POLL}s or less"
            return conflict(f"{line} may poll less than daily", node.place(f"{source.origin.path}.max_poll"), help)
    configured = _sources_of(node, CHRONY)
    if configured.place:
        return configured
    return satisfied(f"{node.chrony_file}: {counted(len(node.chrony('server')), 'server')}, `maxpoll` set for each")


def _closed(directive: str, why_open: str) -> Judge:
    def check(node: AuditedNode) -> Judgement:
        if found := _only_chrony(node):
            return found
        if node.chrony(directive) == [[directive, "0"]]:
            return satisfied(f"{node.chrony_file}: `{directive} 0`")
        if node.is_server:
            return exception(why_open, node.place("servers.allow"), "have it approved that this node is a time server")
        why = f"{node.chrony_file} has no `{directive} 0`"
        return conflict(why, node.place("clients.listen"), "write `clients: {listen: none}`")

    return check


def _step(node: AuditedNode) -> Judgement:
    if found := _only_chrony(node):
        return found
    lines = node.chrony("makestep")
    if lines and float(lines[0][1]) <= 1 and lines[0][2] == "-1":
        return satisfied(f"{node.chrony_file}: `{' '.join(lines[0])}`")
    has = f"has `{' '.join(lines[0])}`" if lines else "has no `makestep`"
    help = (
        "write `step: {when: always, threshold: 1s}`; or ask for an exception, since a clock that is stepped back under"
        " running programs breaks databases and leases (TP127)"
    )
    return conflict(f"{node.chrony_file} {has}: later offsets are slewed", node.place("step.when"), help)


def _timezone(zones: tuple[str, ...]) -> Judge:
    def check(node: AuditedNode) -> Judgement:
        if node.timezone in zones:
            return satisfied(f"the agent sets {node.timezone}, and verifies it")
        return conflict(f"the agent sets {node.timezone}", node.place("timezone"), "write `timezone: UTC`")

    return check


def _central_servers(node: AuditedNode) -> Judgement:
    if node.is_server:
        return satisfied("the node is one of the cluster's servers")
    for source in node.policy.sources:
        if is_public(source.host):
            why = f"each node asks {source.host}, a service on the internet"
            return conflict(why, source.origin, "ask servers of your own: `servers`, or hosts of your network")
    return _sources_of(node, node.daemons[0])


def _protected(_node: AuditedNode) -> Judgement:
    why = "only root may write the files, and the agent puts changed ones back; a policy does not log who changed what"
    return exception(why, None, "show the auditor who may become root, and how changes are logged and reviewed")


NEED_NO_DAEMON = (Requirement.UTC, Requirement.UTC_OR_GMT, Requirement.NO_NTP, Requirement.PROTECTED)
"""Requirements that can be judged where the policy configures no daemon."""

JUDGES: dict[Requirement, Judge] = {
    Requirement.ONE_DAEMON: _one_daemon,
    Requirement.CHRONY_INSTALLED: _chrony_installed,
    Requirement.CHRONY_CONFIGURED: lambda node: _sources_of(node, CHRONY),
    Requirement.CHRONY_ENABLED: _enabled(CHRONY),
    Requirement.CHRONY_USER: _chrony_user,
    Requirement.TIMESYNCD_CONFIGURED: lambda node: _sources_of(node, TIMESYNCD),
    Requirement.TIMESYNCD_ENABLED: _enabled(TIMESYNCD),
    Requirement.NO_TIMESYNCD: _no_timesyncd,
    Requirement.NO_NTP: _no_ntp,
    Requirement.SERVERS_AND_POLL: _servers_and_poll,
    Requirement.PORT: _closed("port", "a server has to listen on UDP port 123"),
    Requirement.COMMAND_PORT: _closed("cmdport", "servers keep the command port, on the loopback addresses only"),
    Requirement.STEP: _step,
    Requirement.UTC: _timezone(UTC_ZONES),
    Requirement.UTC_OR_GMT: _timezone(UTC_ZONES + GMT_ZONES),
    Requirement.CENTRAL_SERVERS: _central_servers,
    Requirement.PROTECTED: _protected,
}
