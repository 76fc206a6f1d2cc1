"""From a policy and a release to a node's plan."""

from dataclasses import replace

from timepolicy.distros.appliances import Appliance
from timepolicy.distros.catalogue import Target
from timepolicy.distros.release import DaemonName, Release
from timepolicy.findings.finding import Finding
from timepolicy.findings.register.notes import CATALOGUE_ASSUMPTION
from timepolicy.findings.register.targets import DAEMON_NOT_AVAILABLE
from timepolicy.findings.result import Findings, Result
from timepolicy.plan.contract import AgentDaemon, AgentSource, Contract
from timepolicy.plan.daemons import DAEMONS, Daemon
from timepolicy.plan.firewall import firewall_files, openings
from timepolicy.plan.firewall import objections as firewall_objections
from timepolicy.plan.settings_plan import plan_settings
from timepolicy.plan.types import AgentPlan, NodePlan
from timepolicy.plan.unit_plan import plan_units
from timepolicy.plan.units import APPLY_UNIT, agent_file, contract_file, install_command, seal_file, unit_files
from timepolicy.policy.model import TEXT, Policy
from timepolicy.policy.role import Role


def plan_node(policy: Policy, target: Target) -> Result[NodePlan]:
    """Return the node's plan; no plan, and an error for each reason, where the target cannot do what is asked."""
    if isinstance(target, Appliance):
        return plan_settings(policy, target)
    assumptions = [CATALOGUE_ASSUMPTION.at(TEXT, release=target.key, assumption=text) for text in target.assumptions]
    chosen = Result(target, Findings(assumptions)).then(lambda release: _choose_daemon(policy, release))
    if not target.has_agent:
        return chosen.then(lambda daemon: plan_units(policy, target, daemon))
    return chosen.then(lambda daemon: _plan_with_agent(policy, target, daemon))


def _choose_daemon(policy: Policy, release: Release) -> Result[Daemon]:
    """Return the daemon set for clients or, under auto, the first that can do all, beginning with the release's own.

    Without a daemon, the findings are those of the candidate with the fewest.
    """
    if policy.clients.daemon is not None and policy.role is Role.CLIENT:
        candidates = [DaemonName(policy.clients.daemon)]
    else:
        candidates = sorted(DAEMONS, key=lambda name: name is not release.default_daemon)
    objections: dict[DaemonName, list[Finding]] = {}
    for name in candidates:
        daemon = DAEMONS[name]
        if daemon.is_available(release):
            objections[name] = list(daemon.objections(policy, release))
        else:
            place = policy.origin("clients.daemon")
            objections[name] = [DAEMON_NOT_AVAILABLE.at(place, daemon=name, release=release.key)]
        if not objections[name]:
            return Result(daemon)
    refused = [name for name in DAEMONS if name in objections]
    nearest = min(refused, key=lambda name: (not DAEMONS[name].is_available(release), len(objections[name])))
    return Result(None, Findings(objections[nearest]))


def _plan_with_agent(policy: Policy, release: Release, daemon: Daemon) -> Result[AgentPlan]:
    if refusals := Findings(firewall_objections(policy, release)):
        return Result(None, refusals)
    files = (
        *daemon.files(policy, release),
        *unit_files(policy, release, daemon),
        agent_file(policy, release),
        *firewall_files(policy, release),
    )
    # before anything runs a small step harms nobody: unless the policy sets a threshold, the gate's limit counts
    threshold = policy.step.threshold if policy.states("step.threshold") else policy.gate.max_offset
    contract = Contract(
        policy=policy.name,
        release=release.key,
        role=policy.role,
        timezone=policy.timezone,
        tzdata_package=release.tzdata_package,
        sources=tuple(map(AgentSource.of, policy.sources)),
        min_sources=policy.min_sources,
        daemon=AgentDaemon(
            name=daemon.NAME,
            unit=daemon.unit(release),
            drift_file=daemon.drift_file(release),
            use_dhcp_sources=policy.use_dhcp_sources,
        ),
        install=install_command(release, daemon.package(release)) + daemon.AFTER_INSTALL,
        step=replace(policy.step, threshold=threshold),
        gate=policy.gate,
        serving=daemon.serving(policy, release),
        textfile_dir=policy.textfile_dir,
    ).with_digest(files)
    python = (release.python_package,) if release.python_package else ()
    packages = python if daemon.NAME in release.in_image else (*python, daemon.package(release))
    plan = AgentPlan(
        policy=policy.name,
        release=release.key,
        role=policy.role,
        daemon=daemon.NAME,
        provisioning=release.provisioning,
        files=(*files, contract_file(contract)),
        image_files=(seal_file(),),
        packages=packages,
        system=f"{release.os_id}-{release.version_id}",
        install=" && ".join(install_command(release, package) for package in packages) or None,
        start_unit=APPLY_UNIT,
        contract=contract,
        openings=openings(policy),
    )
    return Result(plan)
