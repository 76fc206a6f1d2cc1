"""What a guest is given: the scenario's policy, compiled by the real command line, and what others add to it."""

import functools
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.boot.lab.image import GuestKind

REPOSITORY = Path(__file__).parents[3]


def render_user_data(
    policy: str, guest: GuestKind, others: Mapping[str, Any] | None = None, role: str = "client"
) -> str:
    """Compile the policy for the guest; where it names no daemon, with the one that the guest's image has."""
    rendered = _compile(policy, guest, role)
    if not others:
        return rendered
    return "#cloud-config\n" + yaml.safe_dump({**yaml.safe_load(rendered), **others}, width=2**31)


def laying_script(user_data: str) -> str:
    """Return the script in user-data that lays the files."""
    (script,) = yaml.safe_load(user_data)["bootcmd"]
    return str(script)


@functools.cache
def _compile(policy: str, guest: GuestKind, role: str) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(_with_daemon((REPOSITORY / policy).read_text(), guest.client))
        file.flush()
        return _render(file.name, guest.distro, role)


def _with_daemon(text: str, client: str) -> str:
    policy = yaml.safe_load(text)
    policy.setdefault("clients", {}).setdefault("daemon", client)
    return yaml.safe_dump(policy, sort_keys=False)


def _render(policy: str, distro: str, role: str) -> str:
    command = [sys.executable, "-m", "timepolicy", "render", policy, "--distro", distro, "--role", role]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=REPOSITORY)
    if done.returncode:
        raise RuntimeError(f"{shlex.join(command)} exited with {done.returncode}:\n{done.stderr}")
    return done.stdout
