"""The files that every node gets beside its daemon's configuration: agent, units, gate."""

import json
from typing import Any

from timepolicy.catalogue.package_managers import INSTALL_COMMANDS
from timepolicy.catalogue.release import Release
from timepolicy.plan.daemons import Daemon
from timepolicy.plan.nodeplan import File
from timepolicy.plan.snippets import render_snippet
from timepolicy.policy.model import Origin, Policy
from timepolicy.resources import AGENT as AGENT_SOURCE
from timepolicy.resources import PACKED_AGENT
from timepolicy.text.tokens import AbsolutePath, Token, UnitName, Verbatim

COMMAND = AbsolutePath("/usr/local/sbin/timepolicy-node")
AGENT = AbsolutePath("/usr/local/lib/timepolicy_node.py")
CONTRACT = AbsolutePath("/etc/timepolicy/node.json")
APPLY_UNIT = UnitName("timepolicy-apply.service")
INSTALL_UNIT = UnitName("timepolicy-install.service")
LATER_UNITS = tuple(UnitName(f"timepolicy-{unit}") for unit in ("gate.service", "verify.service", "verify.timer"))
"""What `apply` starts when it is done, on every boot."""

ROOT_PREFIX_SINCE = 231
"""The systemd that knows the prefix + of ExecStartPre= (systemd.service(5)): run as root outside the unit's sandbox."""

Origins = tuple[Origin, ...]


def agent_files(release: Release) -> tuple[File, ...]:
    """Return the agent, as it is in this package, and the command that people and units call."""
    command = render_snippet("node/timepolicy-node.j2", python=AbsolutePath(release.python), agent=AGENT)
    return (
        File(
            path=AGENT,
            content=AGENT_SOURCE.read_text(encoding="utf-8"),
            origins=(),
            packed=PACKED_AGENT.read_bytes(),
        ),
        File(path=COMMAND, content=command, mode=0o755, origins=()),
    )


def unit_files(policy: Policy, release: Release, daemon: Daemon) -> tuple[File, ...]:
    """Return the units: apply, gate, verify with its timer, and a drop-in for each gated service."""
    gate = (policy.origin("gate"),)
    later = [
        _unit(unit, gate if unit is LATER_UNITS[0] else (), gated=policy.gate.units, agent=COMMAND)
        for unit in LATER_UNITS
    ]
    return (_apply_unit(policy, release, daemon, gate), *later, *_drop_ins(policy, release))


def install_files(release: Release, daemon: Daemon) -> tuple[File, ...]:
    """Return the unit that installs the daemon; nothing where the release's image has it."""
    if daemon.NAME in release.in_image:
        return ()
    commands = install_commands(release, daemon.package(release))
    return (_unit(INSTALL_UNIT, (), commands=commands, agent=COMMAND),)


def install_commands(release: Release, package: str) -> list[Verbatim]:
    """Return the command lines that install `package` on the release."""
    return [Verbatim(line.format(packages=Token(package))) for line in INSTALL_COMMANDS[release.package_manager]]


def contract_file(contract: dict[str, Any], origins: Origins) -> File:
    """Return what the agent reads; compact, and still a line for each part."""
    lines = (f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in contract.items())
    return File(path=CONTRACT, content="{" + ",\n".join(lines) + "}\n", origins=origins)


def _apply_unit(policy: Policy, release: Release, daemon: Daemon, origins: Origins) -> File:
    """The unit that chrony waits for; timesyncd cannot, where cloud-init itself waits for sysinit.target."""
    before = [daemon.unit(release)] if daemon.drift_file(release) else []
    install = install_commands(release, release.python_package)[-1] if release.python_package else None
    return _unit(
        APPLY_UNIT,
        origins,
        before_network=True,
        before=[*before, *policy.gate.units],
        python=AbsolutePath(release.python),
        python_package=release.python_package,
        install_python=install,
        agent=COMMAND,
    )


def _drop_ins(policy: Policy, release: Release) -> list[File]:
    content = render_snippet(
        "systemd/gate.conf.j2",
        as_root=Verbatim("+" if release.systemd >= ROOT_PREFIX_SINCE else ""),
        agent=COMMAND,
    )
    origins = (policy.origin("gate.units"),)
    return [
        File(
            path=AbsolutePath(f"/etc/systemd/system/{unit}.d/50-timepolicy.conf"),
            content=content,
            origins=origins,
        )
        for unit in policy.gate.units
    ]


def _unit(unit: UnitName, origins: Origins, *, before_network: bool = False, **values: Any) -> File:
    content = render_snippet(f"systemd/{unit}.j2", **values)
    path = AbsolutePath(f"/etc/systemd/system/{unit}")
    return File(path=path, content=content, origins=origins, before_network=before_network)
