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
    "aws": ("aws_launch_template", "amazon-linux-2023", lambda resource: _decoded(resource["user_data"])),
    "azure": (
        "azurerm_linux_virtual_machine_scale_set", "ubuntu-24.04", lambda resource: _decoded(resource["custom_data"]),
    ),
    "google": ("google_compute_instance_template", "debian-12", lambda node: str(node["metadata"]["user-data"])),
    "openstack": ("openstack_compute_instance_v2", "rocky-9", lambda resource: str(resource["user_data"])),
    "libvirt": ("libvirt_cloudinit_disk", "debian-13", lambda resource: str(resource["user_data"])),
}  # fmt: skip
"""For each example the resource with the user-data, the release, and what the cloud receives."""

VARIABLES = {"azure": {"resource_group": "nodes", "subnet": "/subnets/nodes", "ssh_public_key": "ssh-ed25519 AAAA"}}


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()


def applied(workspace: Workspace) -> dict[str, Resource]:
    """The resources after an apply, by type."""
    state = json.loads(workspace.run("show", "-json").stdout)
    return {resource["type"]: resource["values"] for resource in state["values"]["root_module"]["resources"]}


def workspace_of(example: str, folder: Path) -> Workspace:
    shutil.copytree(ROOT / "examples", folder / "examples")
    workspace = Workspace(folder / "examples/terraform" / example, environment(folder))
    workspace.init()
    return workspace


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
    resources = applied(workspace)
    assert resources["libvirt_domain"]["cloudinit"] == resources["libvirt_cloudinit_disk"]["id"]


def test_the_example_of_our_provider_returns_what_render_prints(tmp_path: Path) -> None:
    workspace = workspace_of("provider", tmp_path)
    workspace.apply()
    outputs = workspace.outputs()
    command = ("render", str(ROOT / "examples/server-tier/timepolicy.yaml"), "--distro", "debian-12")
    assert outputs["client_user_data"].encode() == timepolicy(*command).stdout
    server = base64.b64decode(outputs["server_user_data_base64"])
    assert gzip.decompress(server) == timepolicy(*command, "--role", "server").stdout
    assert workspace.plan() == 0


def test_every_folder_is_applied_in_a_test() -> None:
    folders = {path.name for path in (ROOT / "examples/terraform").iterdir() if path.is_dir()}
    assert folders == {*CLOUDS, "timepolicy", "provider"}
