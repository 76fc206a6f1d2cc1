"""From a policy and a release to a node's plan."""

from typing import Any

from timepolicy.distros.appliances import Appliance
from timepolicy.distros.release import DaemonName, Release
from timepolicy.distros.releases import WITHOUT_AGENT
from timepolicy.distros.targets import Target
from timepolicy.findings.finding import Finding
from timepolicy.findings.register.notes import CATALOGUE_ASSUMPTION
from timepolicy.findings.register.targets import DAEMON_NOT_AVAILABLE
from timepolicy.findings.result import Findings, Result
from timepolicy.plan.daemons import DAEMONS, Daemon
from timepolicy.plan.firewall import firewall_files, openings
from timepolicy.plan.firewall import objections as firewall_objections
from timepolicy.plan.settings_plan import plan_appliance
from timepolicy.plan.types import NodePlan, digest
from timepolicy.plan.unit_plan import plan_without_agent
from timepolicy.plan.units import APPLY_UNIT, agent_file, contract_file, install_command, seal_file, unit_files
from timepolicy.policy.model import TEXT, Policy, Role, TimeSource
from timepolicy.tokens import Duration


def plan_node(policy: Policy, target: Target) -> Result[NodePlan]:
    """Return the node's plan; no plan, and an error for each reason, where the target cannot do what is asked."""
    if isinstance(target, Appliance):
        return plan_appliance(policy, target)
    assumptions = [CATALOGUE_ASSUMPTION.at(TEXT, release=target.key, assumption=text) for text in target.assumptions]
    plan_release = plan_without_agent if target.key in WITHOUT_AGENT else _plan_with_agent
    release = Result(target, Findings(assumptions))
    return release.then(lambda row: _choose_daemon(policy, row)).then(
        lambda daemon: plan_release(policy, target, daemon)
    )


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
    fewest = min((name for name in DAEMONS if name in objections), key=lambda name: len(objections[name]))
    return Result(None, Findings(objections[fewest]))


def _plan_with_agent(policy: Policy, release: Release, daemon: Daemon) -> Result[NodePlan]:
    if refusals := Findings(firewall_objections(policy, release)):
        return Result(None, refusals)
    contract = _contract(policy, release, daemon)
    files = (
        *daemon.files(policy, release),
        *unit_files(policy, release, daemon),
        agent_file(policy, release),
        *firewall_files(policy, release),
    )
    contract["digest"] = digest(files, contract)
    packages = _packages(release, daemon)
    plan = NodePlan(
        policy=policy.name,
        release=release.key,
        role=policy.role,
        daemon=daemon.NAME,
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


def _packages(release: Release, daemon: Daemon) -> tuple[str, ...]:
    python = (release.python_package,) if release.python_package else ()
    return python if daemon.NAME in release.in_image else (*python, daemon.package(release))


def _contract(policy: Policy, release: Release, daemon: Daemon) -> dict[str, Any]:
    """What the agent acts on and proves (schemas/contract.schema.json); offsets and times in seconds."""
    return {
        "policy": policy.name,
        "release": release.key,
        "role": policy.role,
        "timezone": policy.timezone,
        "tzdata": release.tzdata_package,
        "sources": [_source(source) for source in policy.sources],
        "min_sources": policy.min_sources,
        "daemon": {
            "name": daemon.NAME,
            "unit": daemon.unit(release),
            "drift_file": daemon.drift_file(release) or "",
            **({"dhcp_sources": True} if policy.use_dhcp_sources else {}),
        },
        "install": install_command(release, daemon.package(release)) + daemon.AFTER_INSTALL,
        "step": {"threshold": _early_threshold(policy).seconds, "when": policy.step.when},
        "gate": {
            "units": list(policy.gate.units),
            "max_offset": policy.gate.max_offset.seconds,
            "timeout": policy.gate.timeout.seconds,
            **({"start": True} if policy.gate.start_on_timeout else {}),
        },
        **({"serving": _serving(policy, release, daemon)} if policy.role is Role.SERVER else {}),
        **({"textfile_dir": policy.textfile_dir} if policy.textfile_dir else {}),
    }


def _serving(policy: Policy, release: Release, daemon: Daemon) -> dict[str, Any]:
    return daemon.serving(policy, release) | ({"firewall": True} if openings(policy) else {})


def _source(source: TimeSource) -> dict[str, Any]:
    """A source as the agent asks it; left out are port 123, that a server counts once, and that it is not ours."""
    port = source.options.port if "port" in source.options.explicit else None
    stated = {"host": source.host, "port": port, "own": source.in_cluster or None}
    count = source.votes if source.votes != 1 else None
    return {key: value for key, value in {**stated, "count": count}.items() if value is not None}


def _early_threshold(policy: Policy) -> Duration:
    """Before anything runs a small step harms nobody: unless the policy states a threshold, the gate's limit counts."""
    return policy.step.threshold if policy.states("step.threshold") else policy.gate.max_offset
