"""The plan of a node that runs the node agent: the daemon's files, the agent with its contract and units, the gate."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from timepolicy.distros.release import DaemonName, Release
from timepolicy.facts.package_managers import INSTALL_COMMANDS
from timepolicy.findings.finding import Finding, warning
from timepolicy.findings.result import Findings, Result
from timepolicy.plan.contract import AgentDaemon, AgentSource, Contract
from timepolicy.plan.daemons import Daemon
from timepolicy.plan.extra import used_extra
from timepolicy.plan.files import (
    AGENT_COMMAND,
    APPLY_UNIT,
    CONTRACT,
    DOCTOR_COMMAND,
    GATE_UNIT,
    SEAL_COMMAND,
    UNIT_FOLDER,
    File,
)
from timepolicy.plan.firewall import firewall_files, firewall_units, openings, unsupported_firewall
from timepolicy.plan.snippets import render_snippet
from timepolicy.plan.types import AgentPlan
from timepolicy.policy.model import Policy
from timepolicy.policy.role import Role
from timepolicy.resources import AGENT
from timepolicy.tokens import AbsolutePath, Token, Verbatim

DOWNLOADED_FIRST = warning(
    "TP295",
    "{release} comes without {daemon}: until it is downloaded nothing sets the clock, and a package manager refuses a"
    " wrong one",
    "build an image that has it, such as with --format containerfile",
)

TIME_SYNC_SINCE = 239
"""The systemd whose basic.target does not wait for timers, and they for time-sync.target (systemd.timer(5))."""

SANDBOX_SINCE = 239
"""The systemd that knows the sandboxing of snippets/systemd/sandbox.j2, and `systemd-run --collect` (236)."""

HOMES = ("/home/", "/root/", "/run/user/")
"""What ProtectHome= hides (systemd.exec(5))."""

ROOT_PREFIX_SINCE = 231
"""The systemd that knows the prefix + of ExecStartPre= (systemd.service(5)): run as root outside the unit's sandbox."""


def plan_agent(policy: Policy, release: Release, daemons: Sequence[Daemon]) -> Result[AgentPlan]:
    """Return the plan; no plan, and an error, where the release has no package of the firewall that is asked for.

    `daemons` are those that can do what the policy asks. Each is configured, and the node uses the one that it has.
    """
    if refusals := Findings(unsupported_firewall(policy, release)):
        return Result(None, refusals)
    files = (
        *(file for daemon in daemons for file in daemon.files(policy, release)),
        *_unit_files(policy, release, daemons),
        *_programs(policy, release),
        *firewall_files(policy, release),
    )
    contract = _contract(policy, release, daemons).with_digest(files)
    packages = (release.python_package,) if release.python_package else ()
    if daemons and not any(daemon.NAME in release.in_image for daemon in daemons):
        packages = (*packages, daemons[0].package(release))
    plan = AgentPlan(
        policy=policy.name,
        release=release.key,
        role=policy.role,
        daemon=daemons[0].NAME if daemons else DaemonName.NONE,
        provisioning=release.provisioning,
        extra=used_extra(policy, daemons),
        files=(*files, _contract_file(contract)),
        image_files=(seal_file(),),
        packages=packages,
        python_package=release.python_package,
        install=" && ".join(_install_command(release, package) for package in packages) or None,
        system=f"{release.os_id}-{release.version_id}",
        start_unit=APPLY_UNIT,
        contract=contract,
        openings=openings(policy),
    )
    return Result(plan, Findings(_downloads(policy, release, daemons)))


def _downloads(policy: Policy, release: Release, daemons: Sequence[Daemon]) -> Iterator[Finding]:
    """Yield a warning where nothing may set the clock until a daemon was downloaded."""
    if daemons and policy.authentication.is_required and not any(daemon.NAME in release.in_image for daemon in daemons):
        yield DOWNLOADED_FIRST.at(policy.origin("require_authentication"), release=release.key, daemon=daemons[0].NAME)


def _contract(policy: Policy, release: Release, daemons: Sequence[Daemon]) -> Contract:
    # before anything runs a small step does no harm: unless the policy sets a threshold, the gate's limit is used
    threshold = policy.step.threshold if policy.is_set("step.threshold") else policy.gate.max_offset
    return Contract(
        policy=policy.name,
        release=release.key,
        role=policy.role,
        timezone=policy.timezone,
        tzdata_package=release.tzdata_package,
        sources=tuple(map(AgentSource.of, policy.sources)),
        has_clocks=bool(policy.clocks),
        min_sources=policy.min_sources,
        daemons=tuple(
            AgentDaemon(
                name=daemon.NAME,
                unit=daemon.unit(release),
                drift_file=daemon.drift_file(release),
                install=_in_own_unit(
                    release, _install_command(release, daemon.package(release)) + daemon.AFTER_INSTALL
                ),
                use_dhcp_sources=policy.use_dhcp_sources,
            )
            for daemon in daemons
        ),
        step=replace(policy.step, threshold=threshold),
        gate=policy.gate,
        serving=next((serving for daemon in daemons if (serving := daemon.serving(policy, release))), None),
        textfile_dir=policy.monitoring.textfile_dir,
    )


def _contract_file(contract: Contract) -> File:
    """What the agent reads: compact, with a line for each key so that people can read it too."""
    data = contract.to_data().items()
    lines = (f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in data)
    return File(path=CONTRACT, content="{" + ",\n".join(lines) + "}\n")


def _programs(policy: Policy, release: Release) -> Iterator[File]:
    """The agent, and where the policy wants it the doctor."""
    has_metrics, has_doctor = policy.monitoring.textfile_dir is not None, policy.monitoring.has_doctor
    kind = "authentic_" * policy.authentication.is_required + policy.role + "_metrics" * has_metrics
    # the command `doctor` stands before the agent; two texts in gzip are one when they are unpacked (RFC 1952, 2.2)
    yield _program(AGENT_COMMAND, release, *["doctor_command"] * has_doctor, kind)
    if has_doctor:
        yield _program(DOCTOR_COMMAND, release, "doctor")


def _program(path: AbsolutePath, release: Release, *names: str) -> File:
    """A program without its comments, after a first line that names the release's Python.

    -I and -S keep the node's Python packages and environment out of it (python(1)).
    """
    packed = b"".join((AGENT / f"{name}.py.gz").read_bytes() for name in names)  # written by agent/packer.py
    content = f"#!{AbsolutePath(release.python)} -IS\n{gzip.decompress(packed).decode()}"
    return File(path=path, content=content, mode=0o755, packed=packed)


def seal_file() -> File:
    """Return the program that seals an image, for `timepolicy-node seal` or on its own."""
    return File(path=SEAL_COMMAND, content=render_snippet("shell/seal.sh.j2"), mode=0o755)


def _unit_files(policy: Policy, release: Release, daemons: Sequence[Daemon]) -> Iterator[File]:
    """The units apply and gate, and a drop-in for each gated service."""
    # chrony waits for apply; timesyncd cannot, where cloud-init itself waits for sysinit.target
    before = [daemon.unit(release) for daemon in daemons if daemon.drift_file(release)]
    python_package = release.python_package
    as_root = Verbatim("+" if release.systemd >= ROOT_PREFIX_SINCE else "")
    sandbox = {
        "systemd": release.systemd,
        "reads_firewall": policy.role is Role.SERVER and bool(firewall_units(policy)),
        "uses_home": f"{policy.monitoring.textfile_dir}/".startswith(HOMES),
    }
    yield File(
        path=AbsolutePath(f"{UNIT_FOLDER}/{APPLY_UNIT}"),
        content=render_snippet(
            f"systemd/{APPLY_UNIT}.j2",
            # a daemon's service may be loaded already, so that a drop-in for it would come too late
            wants=(
                *(unit for daemon in daemons for unit in daemon.helpers(policy, release)),
                *firewall_units(policy),
            ),
            before=[*before, *policy.gate.units],
            python=AbsolutePath(release.python),
            python_package=python_package,
            install_python=Verbatim(_install_command(release, python_package)) if python_package else None,
            as_root=as_root,
            agent=AGENT_COMMAND,
            **sandbox,
        ),
    )
    gate = render_snippet(
        f"systemd/{GATE_UNIT}.j2",
        gated=policy.gate.units,
        has_time_sync=release.systemd >= TIME_SYNC_SINCE,
        agent=AGENT_COMMAND,
        **sandbox,
    )
    yield File(path=AbsolutePath(f"{UNIT_FOLDER}/{GATE_UNIT}"), content=gate)
    drop_in = render_snippet("systemd/gate.conf.j2", as_root=as_root, agent=AGENT_COMMAND)
    for unit in policy.gate.units:
        yield File(path=AbsolutePath(f"{UNIT_FOLDER}/{unit}.d/50-timepolicy.conf"), content=drop_in)


def _install_command(release: Release, package: str) -> str:
    """The shell command that installs `package` on the release."""
    return INSTALL_COMMANDS[release.package_manager].format(packages=Token(package))


def _in_own_unit(release: Release, command: str) -> str:
    """The command as a unit of its own: outside the gate's sandbox, and not killed when the gate is restarted.

    systemd-run(1) waits until a unit of this type has ended, and fails if it failed. A package manager is wanted before
    sysinit.target, which may wait for cloud-init.
    """
    assert "'" not in command
    options = "-G --unit=timepolicy-install -pType=oneshot -pDefaultDependencies=no"
    return command if release.systemd < SANDBOX_SINCE else f"systemd-run {options} sh -c '{command}'"
