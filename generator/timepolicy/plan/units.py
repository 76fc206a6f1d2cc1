"""The files that every node gets beside its daemon's configuration: agent, units, gate."""

import gzip
import json
from typing import Any

from timepolicy.agent import interface
from timepolicy.distros.release import Release
from timepolicy.facts.package_managers import INSTALL_COMMANDS
from timepolicy.plan.contract import Contract
from timepolicy.plan.daemons import Daemon
from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.plan.firewall import firewall_units
from timepolicy.plan.snippets import render_snippet
from timepolicy.policy.model import Policy
from timepolicy.policy.role import Role
from timepolicy.resources import AGENT
from timepolicy.tokens import AbsolutePath, Token, UnitName, Verbatim

COMMAND = AbsolutePath("/usr/local/sbin/timepolicy-node")
SEAL_COMMAND = AbsolutePath(interface.SEAL_COMMAND)
CONTRACT = AbsolutePath(interface.CONTRACT)
APPLY_UNIT = UnitName(interface.APPLY_UNIT)
GATE_UNIT = UnitName(interface.GATE_UNIT)

PACKED_AGENTS = {
    (Role.CLIENT, False): AGENT / "client.py.gz",
    (Role.SERVER, False): AGENT / "server.py.gz",
    (Role.CLIENT, True): AGENT / "authentic_client.py.gz",
    (Role.SERVER, True): AGENT / "authentic_server.py.gz",
}
"""By role, and whether authentication is required; agent/packer.py writes them."""

ROOT_PREFIX_SINCE = 231
"""The systemd that knows the prefix + of ExecStartPre= (systemd.service(5)): run as root outside the unit's sandbox."""


def agent_file(policy: Policy, release: Release) -> File:
    """Return the node's agent without its comments, behind a first line that names the release's Python.

    -I and -S keep the node's Python packages and environment out of it (python(1)).
    """
    packed = PACKED_AGENTS[policy.role, policy.authentication.is_required].read_bytes()
    content = f"#!{AbsolutePath(release.python)} -IS\n{gzip.decompress(packed).decode()}"
    return File(path=COMMAND, content=content, mode=0o755, packed=packed)


def seal_file() -> File:
    """Return what seals an image, for `timepolicy-node seal` and by itself."""
    return File(path=SEAL_COMMAND, content=render_snippet("shell/seal.sh.j2"), mode=0o755)


def unit_files(policy: Policy, release: Release, daemon: Daemon) -> tuple[File, ...]:
    """Return the units: apply, gate, and a drop-in for each gated service."""
    gate = _unit(GATE_UNIT, gated=policy.gate.units, agent=COMMAND)
    return (_apply_unit(policy, release, daemon), gate, *_drop_ins(policy, release))


def install_command(release: Release, package: str) -> str:
    """Return the shell command that installs `package` on the release."""
    return INSTALL_COMMANDS[release.package_manager].format(packages=Token(package))


def contract_file(contract: Contract) -> File:
    """Return what the agent reads; compact, and still a line for each part."""
    lines = (
        f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in contract.to_data().items()
    )
    return File(path=CONTRACT, content="{" + ",\n".join(lines) + "}\n")


def _apply_unit(policy: Policy, release: Release, daemon: Daemon) -> File:
    """The unit that chrony waits for; timesyncd cannot, where cloud-init itself waits for sysinit.target."""
    before = [daemon.unit(release)] if daemon.drift_file(release) else []
    install = install_command(release, release.python_package) if release.python_package else None
    return _unit(
        APPLY_UNIT,
        # a daemon's service may be loaded already, so that a drop-in for it would come too late
        wants=(*daemon.helpers(policy, release), *firewall_units(policy)),
        before=[*before, *policy.gate.units],
        python=AbsolutePath(release.python),
        python_package=release.python_package,
        install_python=Verbatim(install) if install else None,
        agent=COMMAND,
    )


def _drop_ins(policy: Policy, release: Release) -> list[File]:
    content = render_snippet(
        "systemd/gate.conf.j2",
        as_root=Verbatim("+" if release.systemd >= ROOT_PREFIX_SINCE else ""),
        agent=COMMAND,
    )
    return [
        File(
            path=AbsolutePath(f"{UNIT_FOLDER}/{unit}.d/50-timepolicy.conf"),
            content=content,
        )
        for unit in policy.gate.units
    ]


def _unit(unit: UnitName, **values: Any) -> File:
    content = render_snippet(f"systemd/{unit}.j2", **values)
    path = AbsolutePath(f"{UNIT_FOLDER}/{unit}")
    return File(path=path, content=content)
