"""What a guest is given: the scenario's policy, compiled by the real command line, and what others add to it."""

import email.policy
import functools
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from email import message_from_string
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import yaml

from tests.boot.lab.image import GuestKind
from tests.boot.lab.scenario import Step

REPOSITORY = Path(__file__).parents[3]


def render_user_data(
    policy: str | None,
    guest: GuestKind,
    others: Mapping[str, Any] | None = None,
    role: str = "client",
    form: str = "cloud-config",
) -> str:
    """Compile the policy for the guest; where it names no daemon, with the one that the guest's image has.

    The user-data of others is in the same cloud-config, or in another part of a multipart document.
    Without a policy it is all there is.
    """
    if policy is None:
        return _cloud_config(others or {})
    rendered = render(policy, guest, form, role).decode()
    if not others:
        return rendered
    if form == "mime":
        return _with_another_part(rendered, _cloud_config(others))
    return _cloud_config({**yaml.safe_load(rendered), **others})


def install_script(user_data: str) -> str:
    """Return the script in user-data that installs the files."""
    (script,) = yaml.safe_load(user_data)["bootcmd"]
    return str(script)


def script_of(step: Step, guest: GuestKind) -> str | None:
    """Return the script that a step runs in the guest; None when it runs a command."""
    if step.apply_policy:
        return install_script(render_user_data(step.apply_policy, guest))
    if step.install_policy:
        return render(step.install_policy, guest, "script").decode()
    return None


@functools.cache
def render(policy: str, guest: GuestKind, form: str, role: str = "client") -> bytes:
    """Compile the policy for the guest; one that lists its releases for all of them, in one product."""
    document = document_for(policy, guest)
    release = [] if "distros" in yaml.safe_load(document) else ["--distro", guest.distro]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(document)
        file.flush()
        return _timepolicy("render", file.name, *release, "--role", role, "--format", form)


def document_for(policy: str, guest: GuestKind) -> str:
    """Return the policy's text, with the daemon of the guest's image where it names none."""
    document = yaml.safe_load((REPOSITORY / policy).read_text())
    document.setdefault("clients", {}).setdefault("daemon", guest.client)
    return str(yaml.safe_dump(document, sort_keys=False))


def _cloud_config(keys: Mapping[str, Any]) -> str:
    return "#cloud-config\n" + yaml.safe_dump(dict(keys), width=2**31)


def _with_another_part(document: str, cloud_config: str) -> str:
    """Add a part to a multipart document, as tools that build user-data do."""
    message, part = message_from_string(document, policy=email.policy.default), EmailMessage()
    part.set_content(cloud_config, subtype="cloud-config")
    message.attach(part)
    return message.as_string()


def _timepolicy(*arguments: str) -> bytes:
    command = [sys.executable, "-m", "timepolicy", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, cwd=REPOSITORY)
    if done.returncode:
        raise RuntimeError(f"{shlex.join(command)} exited with {done.returncode}:\n{done.stderr.decode()}")
    return done.stdout
