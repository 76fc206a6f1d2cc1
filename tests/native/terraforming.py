"""Terraform itself, in a folder of the test's, with providers that are programs in Python and no registry."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.programs import need, need_module

HERE = Path(__file__).parent

OURS = "terraform.local/timepolicy/timepolicy"

STAND_INS = {
    "hashicorp/aws": "cloud_provider",
    "hashicorp/azurerm": "cloud_provider",
    "hashicorp/external": "external_provider",
    "hashicorp/google": "cloud_provider",
    "terraform-provider-openstack/openstack": "cloud_provider",
    "dmacvicar/libvirt": "cloud_provider",
}
"""The providers that cannot be downloaded in a test: each with the module here that stands in."""


class Workspace:
    """A folder with a root module in it, or above which one is."""

    def __init__(self, folder: Path, settings: Path) -> None:
        need_module("tf")
        need("terraform")
        self.folder, self.settings = folder, settings
        self.write_settings({source: _program(settings.parent, source) for source in STAND_INS})

    def write_settings(self, overrides: dict[str, Path], mirror: Path | None = None) -> None:
        """Write Terraform's CLI configuration: where each provider is taken from."""
        lines = [f'"{source}" = "{program}"' for source, program in overrides.items()]
        direct = f'filesystem_mirror {{\npath = "{mirror}"\n}}' if mirror else "direct {}"
        text = "\n".join(["provider_installation {", "dev_overrides {", *lines, "}", direct, "}"])
        self.settings.write_text(text + "\n")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        settings = {"TF_CLI_CONFIG_FILE": str(self.settings), "CHECKPOINT_DISABLE": "1", "PATH": programs}
        return subprocess.run(
            [need("terraform"), *words, "-no-color"],
            cwd=self.folder,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def apply(self, **variables: str) -> None:
        done = self.run("apply", "-auto-approve", "-input=false", *_options(variables))
        assert done.returncode == 0, done.stderr

    def plan(self, **variables: str) -> int:
        """0: no change; 2: a change; 1: an error."""
        return self.run("plan", "-input=false", "-detailed-exitcode", *_options(variables)).returncode

    def error(self) -> str:
        """What the plan fails for, on one line without Terraform's frame."""
        done = self.run("plan", "-input=false")
        assert done.returncode == 1
        return " ".join(done.stderr.replace("│", " ").split())

    def outputs(self) -> dict[str, Any]:
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json").stdout).items()}


def _options(variables: dict[str, str]) -> list[str]:
    return [f"-var={name}={value}" for name, value in variables.items()]


def _program(folder: Path, source: str) -> Path:
    """Write the script that starts a stand-in, and return its folder."""
    name = source.split("/")[1]
    script = folder / "providers" / name / f"terraform-provider-{name}"
    script.parent.mkdir(parents=True)
    script.write_text(f"#!/bin/sh\nexec {sys.executable} {HERE}/{STAND_INS[source]}.py {name}\n")
    script.chmod(0o755)
    return script.parent
