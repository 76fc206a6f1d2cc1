"""The Terraform module, planned and applied by the real Terraform with a stand-in for hashicorp/external."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import EXAMPLE, ROOT
from tests.programs import need, need_module, run
from tests.test_cli import timepolicy

EXAMPLES = ROOT / "examples/terraform"

MAIN = """
module "time" {{
  source  = "{module}"
  cloud   = "{cloud}"
  policy  = "${{path.root}}/timepolicy.yaml"
  distro  = "debian-12"
  command = {command}
}}

resource "terraform_data" "node" {{
  input = module.time.user_data_base64
}}

output "user_data" {{
  value = module.time.user_data
}}

output "size" {{
  value = module.time.size
}}
"""


class Workspace:
    """A folder with a root module, and Terraform in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.policy = folder / "timepolicy.yaml"
        self.policy.write_text(EXAMPLE.read_text())
        provider = folder / "providers/terraform-provider-external"
        provider.parent.mkdir()
        provider.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).parent}/external_provider.py "$@"\n')
        provider.chmod(0o755)
        overrides = f'dev_overrides {{\n "hashicorp/external" = "{provider.parent}"\n}}'
        (folder / "terraform.rc").write_text(f"provider_installation {{\n{overrides}\ndirect {{}}\n}}\n")
        self.write("aws")
        assert self.terraform("get").returncode == 0

    def write(self, cloud: str, module: Path = EXAMPLES / "timepolicy") -> None:
        command = json.dumps([sys.executable, "-m", "timepolicy"])
        (self.folder / "main.tf").write_text(MAIN.format(cloud=cloud, command=command, module=module))

    def terraform(self, *words: str) -> subprocess.CompletedProcess[str]:
        settings = {"TF_CLI_CONFIG_FILE": str(self.folder / "terraform.rc"), "CHECKPOINT_DISABLE": "1"}
        return subprocess.run(
            [need("terraform"), *words, *(["-no-color"] if words[0] != "fmt" else [])],
            cwd=self.folder,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def plan(self) -> int:
        """0: no change; 2: a change; 1: an error."""
        return self.terraform("plan", "-input=false", "-detailed-exitcode").returncode


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    need_module("tf")
    need("terraform")
    return Workspace(tmp_path)


def test_the_user_data_is_what_render_prints_and_a_second_plan_has_no_change(workspace: Workspace) -> None:
    assert workspace.terraform("validate").returncode == 0
    done = workspace.terraform("apply", "-auto-approve", "-input=false")
    assert done.returncode == 0, done.stderr
    outputs = json.loads(workspace.terraform("output", "-json").stdout)
    rendered = timepolicy("render", str(EXAMPLE), "--distro", "debian-12").stdout.decode()
    assert outputs["user_data"]["value"] == rendered
    assert outputs["size"]["value"] == len(rendered)
    assert workspace.plan() == 0
    workspace.policy.write_text(EXAMPLE.read_text() + "# a comment changes no node\n")
    assert workspace.plan() == 0
    workspace.policy.write_text(EXAMPLE.read_text().replace("Asia/Shanghai", "UTC"))
    assert workspace.plan() == 2


def test_a_wrong_policy_stops_the_plan_with_its_findings(workspace: Workspace) -> None:
    workspace.policy.write_text(EXAMPLE.read_text().replace("timezone:", "timezon:"))
    done = workspace.terraform("plan", "-input=false")
    assert done.returncode == 1
    assert "TP0" in done.stderr
    assert "did you mean" in done.stderr


def test_user_data_beyond_the_clouds_limit_stops_the_plan(workspace: Workspace) -> None:
    units = ", ".join(f"a-service-with-a-name-that-goes-on-and-on-{number}.service" for number in range(32))
    workspace.policy.write_text(EXAMPLE.read_text().replace("[containerd.service, kubelet.service]", f"[{units}]"))
    assert len(timepolicy("render", str(workspace.policy), "--distro", "debian-12").stdout) > 16384
    done = workspace.terraform("plan", "-input=false")
    assert done.returncode == 1
    assert "aws takes 16384" in " ".join(done.stderr.replace("│", " ").split())
    workspace.write("google")
    assert workspace.plan() == 2


def test_an_unknown_cloud_is_refused(workspace: Workspace) -> None:
    workspace.write("lunar")
    assert workspace.terraform("plan", "-input=false").returncode == 1


def test_terraform_finds_every_example_well_formatted() -> None:
    done = run([need("terraform"), "fmt", "-check", "-recursive", "-no-color", EXAMPLES])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("example", ["aws", "azure", "google", "libvirt", "openstack"])
def test_every_clouds_example_gives_its_resource_the_modules_output(example: str) -> None:
    """What can be seen without the cloud's provider: the module is ours, and its inputs and outputs are there."""
    text = (EXAMPLES / example / "main.tf").read_text()
    assert 'source = "../timepolicy"' in text
    assert f'cloud  = "{example}"' in text
    used = {word.rstrip('"') for word in text.split() if word.startswith("module.time.")}
    declared = (EXAMPLES / "timepolicy/outputs.tf").read_text()
    assert used
    assert all(f'output "{name.removeprefix("module.time.")}"' in declared for name in used)
