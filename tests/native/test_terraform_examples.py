"""The examples for Terraform, applied: each cloud's resource gets what `timepolicy render` prints."""

import base64
import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.command_line import timepolicy
from tests.helpers.terraform import Workspace, environment

Resource = dict[str, Any]

CLOUDS: dict[str, tuple[str, str, Callable[[Resource], str]]] = {
    "aws": ("aws_launch_template", "amazon-linux-2023", lambda made: _decoded(made["user_data"])),
    "azure": (
        "azurerm_linux_virtual_machine_scale_set", "ubuntu-24.04", lambda made: _decoded(made["custom_data"]),
    ),
    "google": ("google_compute_instance_template", "debian-12", lambda made: str(made["metadata"]["user-data"])),
    "openstack": ("openstack_compute_instance_v2", "rocky-9", lambda made: str(made["user_data"])),
    "libvirt": ("libvirt_cloudinit_disk", "debian-13", lambda made: str(made["user_data"])),
}  # fmt: skip
"""For each example the resource that takes the user-data, its release, and what the cloud receives."""

VARIABLES = {"azure": {"resource_group": "nodes", "subnet": "/subnets/nodes", "ssh_public_key": "ssh-ed25519 AAAA"}}


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()


def applied(workspace: Workspace) -> dict[str, Resource]:
    """What is there after an apply, by its type."""
    state = json.loads(workspace.run("show", "-json").stdout)
    return {resource["type"]: resource["values"] for resource in state["values"]["root_module"]["resources"]}


def workspace_of(example: str, folder: Path) -> Workspace:
    shutil.copytree(ROOT / "examples", folder / "examples")
    made = Workspace(folder / "examples/terraform" / example, environment(folder))
    made.init()
    return made


@pytest.mark.parametrize("example", CLOUDS)
def test_the_clouds_resource_gets_what_render_prints(example: str, tmp_path: Path) -> None:
    kind, distro, received = CLOUDS[example]
    workspace, variables = workspace_of(example, tmp_path), VARIABLES.get(example, {})
    workspace.apply(**variables)
    rendered = timepolicy("render", str(ROOT / "examples/internal-ntp/timepolicy.yaml"), "--distro", distro).stdout
    assert received(applied(workspace)[kind]) == rendered.decode()
    assert workspace.plan(**variables) == 0


def test_libvirts_domain_boots_from_the_disk_with_the_user_data(tmp_path: Path) -> None:
    workspace = workspace_of("libvirt", tmp_path)
    workspace.apply()
    made = applied(workspace)
    assert made["libvirt_domain"]["cloudinit"] == made["libvirt_cloudinit_disk"]["id"]


def test_our_providers_example_makes_what_render_prints(tmp_path: Path) -> None:
    workspace = workspace_of("provider", tmp_path)
    workspace.apply()
    outputs = workspace.outputs()
    words = ("render", str(ROOT / "examples/server-tier/timepolicy.yaml"), "--distro", "debian-12")
    assert outputs["client_user_data"].encode() == timepolicy(*words).stdout
    server = base64.b64decode(outputs["server_user_data_base64"])
    assert gzip.decompress(server) == timepolicy(*words, "--role", "server").stdout
    assert workspace.plan() == 0


def test_every_folder_is_applied_in_a_test() -> None:
    folders = {path.name for path in (ROOT / "examples/terraform").iterdir() if path.is_dir()}
    assert folders == {*CLOUDS, "timepolicy", "provider"}
