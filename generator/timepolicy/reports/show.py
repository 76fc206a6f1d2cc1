"""What one node gets, for people: what it does in words, then its files with their content."""

from collections.abc import Iterator

from timepolicy.compiler import NodeKind
from timepolicy.distros import catalogue
from timepolicy.distros.appliances import Appliance
from timepolicy.findings.wording import counted, listed
from timepolicy.plan.files import File
from timepolicy.plan.types import AgentPlan, NodePlan, UnitPlan
from timepolicy.policy.model import Gate, Policy, Proof, Step, TimeSource, When
from timepolicy.policy.options import Family
from timepolicy.policy.role import Role

WHEN_STEPPED = {
    When.BOOT: "until the gate opens",
    When.PAUSE: "until the gate opens, and after a pause of the machine",
    When.ALWAYS: "at any time, where the hardware clock or CLOCK_BOOTTIME agrees",
}
"""When a clock is stepped; without a daemon or with `never`, it is not."""


def node_text(kind: NodeKind, policy_name: str) -> str:
    """Return what a node of this kind gets: a table of what it does, and each file with its content."""
    rows = list(_rows(kind.policy, kind.plan))
    width = max(len(heading) for heading, _ in rows)
    title = f"A {kind.plan.role} on {kind.plan.release}, as {policy_name} says:"
    table = [f"{heading:{width}}  {text}".rstrip() for heading, text in rows]
    return "\n".join([title, "", *table, *_files(kind.plan)]) + "\n"


def _rows(policy: Policy, plan: NodePlan) -> Iterator[tuple[str, str]]:
    """What the node does, a heading and a text each; without a heading, the row belongs to the one above."""
    yield "daemon", plan.possible_daemons
    if isinstance(plan, AgentPlan):
        if plan.packages:
            yield "installs", ", ".join(plan.packages)
        yield from _clock(policy)
        if plan.contract.daemons:
            yield "steps", _steps(policy.step)
        yield from _gate(policy.gate, plan)
        yield from _serving(policy)
        openings = [f"{row.protocol.upper()} {row.port} {_way(row.way, row.network)}" for row in plan.openings]
        yield from _list("firewall", openings or ["is not changed"])
        if plan.contract.textfile_dir:
            yield "metrics", f"below {plan.contract.textfile_dir}"
    elif isinstance(plan, UnitPlan):
        yield from _clock(policy)
        yield from _gate(policy.gate, plan)
        yield from _list("units", [f"{unit} is enabled" for unit in plan.enable])
        yield from _list("", [f"{unit} is masked" for unit in plan.mask])
        yield from _list("links", [f"{path} -> {target}" for path, target in plan.links])
    else:
        yield from _list("sources", list(plan.hosts))
        appliance = catalogue.find(plan.release)
        assert isinstance(appliance, Appliance), "only an appliance has settings instead of files"
        yield "gate", appliance.waits
        if plan.boot_timeout:
            yield "", f"for at most {plan.boot_timeout.with_unit}"


def _clock(policy: Policy) -> Iterator[tuple[str, str]]:
    yield "timezone", policy.timezone
    clocks = [f"{clock.device}, a hardware clock" for clock in policy.clocks]
    yield from _list("sources", [*map(_source, policy.sources), *clocks])
    if policy.min_sources > 1:
        yield "", f"{policy.min_sources} of them have to agree"
    if policy.use_dhcp_sources:
        yield "", "and servers from DHCP"
    if policy.authentication.is_required:
        yield "", "only authenticated packets move the clock"


def _source(source: TimeSource) -> str:
    """The host of a source, and what the policy sets for it."""
    options = source.options
    details = [
        "a server of the cluster" if source.in_cluster else "",
        f"preset {source.preset}" if source.preset else "",
        f"a pool, up to {counted(options.max_sources, 'server')}" if source.is_pool else "",
        "NTS" if options.nts else "",
        f"key {options.key}" if options.key is not None else "",
        {Family.IPV4: "IPv4 only", Family.IPV6: "IPv6 only", None: ""}[options.family],
        "preferred" if options.prefer else "",
        "measured only, has no vote" if options.noselect else "",
    ]
    text = ", ".join(filter(None, details))
    return f"{source.host}{f' ({text})' if text else ''}"


def _steps(step: Step) -> str:
    if step.when is When.NEVER:
        return "never: the daemon slews the clock"
    return f"a clock that is off by more than {step.threshold.with_unit}, {WHEN_STEPPED[step.when]}"


def _gate(gate: Gate, plan: AgentPlan | UnitPlan) -> Iterator[tuple[str, str]]:
    if not gate.units:
        yield "gate", "holds nothing back"
        return
    flag = " and the kernel's flag STA_UNSYNC is clear" if gate.proof is Proof.KERNEL else ""
    measured = f"the clock is within {gate.max_offset.with_unit}{flag}"
    proven = measured if isinstance(plan, AgentPlan) else f"{plan.daemon} reports the right time"
    yield "gate", f"{listed(gate.units, 'and')} {'wait' if len(gate.units) > 1 else 'waits'} until {proven}"
    start = f"{'they start' if len(gate.units) > 1 else 'it starts'} without a proof"
    yield "", f"after {gate.timeout.with_unit}, {start}" if gate.start_on_timeout else "as long as it takes"
    if gate.holdover:
        yield "", f"without any source, while the hardware clock's error is below {gate.holdover.with_unit}"


def _serving(policy: Policy) -> Iterator[tuple[str, str]]:
    if policy.role is not Role.SERVER:
        return
    yield from _list("serves", list(policy.servers.allow))
    if policy.servers.nts:
        yield "", f"with NTS, certificate {policy.servers.nts.certificate}"
    if policy.servers.orphan_stratum:
        yield "", f"keeps the time at stratum {policy.servers.orphan_stratum} when all upstreams are lost"


def _way(way: str, network: str | None) -> str:
    return f"{'from' if way == 'IN' else 'to'} {network or 'anywhere'}"


def _list(heading: str, texts: list[str]) -> Iterator[tuple[str, str]]:
    yield from zip([heading, *[""] * len(texts)], texts, strict=False)


def _files(plan: NodePlan) -> Iterator[str]:
    """Each file behind a line with its path and mode."""
    for file in plan.files:
        yield from ("", f"==> {file.path} {file.mode:04o} <==", *_content(file))


def _content(file: File) -> list[str]:
    return [f"(the node agent, {len(file.content)} bytes)"] if file.packed else file.content.splitlines()
