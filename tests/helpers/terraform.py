"""Terraform itself, with providers written in Python, from a mirror instead of the registry."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.helpers.programs import need, need_module
from timepolicy import __version__
from timepolicy.cli.output import write_program
from timepolicy.terraform.mirror import PLATFORMS, mirror_files

HERE = Path(__file__).parent

STAND_INS = {
    "hashicorp/aws": "cloud_provider",
    "hashicorp/azurerm": "cloud_provider",
    "hashicorp/cloudinit": "cloudinit_provider",
    "hashicorp/external": "external_provider",
    "hashicorp/google": "cloud_provider",
    "terraform-provider-openstack/openstack": "cloud_provider",
    "dmacvicar/libvirt": "cloud_provider",
}
"""The providers that a test cannot download, each with the module here that replaces it."""

STAND_IN_VERSION = "0.8.0"
"""The example for libvirt asks for ~> 0.8; the others take any."""


def environment(folder: Path) -> dict[str, str]:
    """Create a mirror of all providers in `folder`, and return the environment in which Terraform uses it."""
    need_module("tf")
    mirror, settings = folder / "mirror", folder / "terraform.rc"
    for path, content in mirror_files(__version__):
        write_program(mirror / path, content)
    for source, module in STAND_INS.items():
        name = source.split("/")[1]
        script = f"#!/bin/sh\nexec {sys.executable} {HERE}/{module}.py {name}\n".encode()
        for platform in PLATFORMS:
            program = f"{STAND_IN_VERSION}/{platform}/terraform-provider-{name}_v{STAND_IN_VERSION}"
            write_program(mirror / "registry.terraform.io" / source / program, script)
    settings.write_text(f'provider_installation {{\nfilesystem_mirror {{\npath = "{mirror}"\n}}\n}}\n')
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return os.environ | {"TF_CLI_CONFIG_FILE": str(settings), "CHECKPOINT_DISABLE": "1", "PATH": programs}


class Workspace:
    """A folder with a root module, and Terraform in it."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.terraform, self.folder, self.variables = need("terraform"), folder, variables

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.terraform, *arguments, "-no-color"],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def init(self) -> None:
        done = self.run("init", "-input=false")
        assert done.returncode == 0, done.stderr

    def apply(self, **variables: str) -> None:
        done = self.run("apply", "-auto-approve", "-input=false", *_options(variables))
        assert done.returncode == 0, done.stderr

    def plan(self, **variables: str) -> int:
        """0: no change; 2: a change; 1: an error."""
        return self.run("plan", "-input=false", "-detailed-exitcode", *_options(variables)).returncode

    def error(self) -> str:
        """The error of the plan, on one line without Terraform's frame."""
        done = self.run("plan", "-input=false")
        assert done.returncode == 1
        return " ".join(done.stderr.replace("│", " ").split())

    def errors(self) -> list[dict[str, Any]]:
        """The errors of the plan in Terraform's JSON: each has `summary`, `detail` and perhaps `address`."""
        lines = map(json.loads, self.run("plan", "-input=false", "-json").stdout.splitlines())
        found = [line["diagnostic"] for line in lines if line["type"] == "diagnostic"]
        return [diagnostic for diagnostic in found if diagnostic["severity"] == "error"]

    def outputs(self) -> dict[str, Any]:
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json").stdout).items()}


def _options(variables: dict[str, str]) -> list[str]:
    return [f"-var={name}={value}" for name, value in variables.items()]
