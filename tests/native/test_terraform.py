"""The Terraform module, planned and applied by the real Terraform with a replacement for hashicorp/external."""

import json
import sys
from hashlib import sha512
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, ROOT, SERVER_EXAMPLE
from tests.helpers.command_line import timepolicy
from tests.helpers.programs import need, run
from tests.helpers.terraform import Workspace, environment
from timepolicy.facts.clouds import CLOUDS

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


def write(workspace: Workspace, cloud: str) -> None:
    command = json.dumps([sys.executable, "-m", "timepolicy"])
    text = MAIN.format(cloud=cloud, command=command, module=EXAMPLES / "timepolicy")
    (workspace.folder / "main.tf").write_text(text)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path, environment(tmp_path))
    (tmp_path / "timepolicy.yaml").write_text(EXAMPLE.read_text())
    write(workspace, "aws")
    workspace.init()
    return workspace


def test_the_user_data_is_what_render_prints_and_a_second_plan_has_no_change(workspace: Workspace) -> None:
    assert workspace.run("validate").returncode == 0
    workspace.apply()
    outputs = workspace.outputs()
    rendered = timepolicy("render", str(EXAMPLE), "--distro", "debian-12").stdout.decode()
    assert outputs["user_data"] == rendered
    assert outputs["size"] == len(rendered)
    assert workspace.plan() == 0
    policy = workspace.folder / "timepolicy.yaml"
    policy.write_text(EXAMPLE.read_text() + "# a comment changes no node\n")
    assert workspace.plan() == 0
    policy.write_text(EXAMPLE.read_text().replace("Asia/Shanghai", "UTC"))
    assert workspace.plan() == 2


def test_other_user_data_is_joined_and_counts(workspace: Workspace) -> None:
    """The module's `with`, as `render --with` joins it; the limit is that of the whole document."""
    text = (workspace.folder / "main.tf").read_text()
    other = "#cloud-config\nruncmd: [[touch, /etc/ready]]\n"
    (workspace.folder / "user-data.yaml").write_text(other)
    use = '  with    = [file("${path.root}/user-data.yaml")]\n  distro'
    (workspace.folder / "main.tf").write_text(text.replace("  distro", use))
    workspace.apply()
    command = ("render", str(EXAMPLE), "--distro", "debian-12", "--with", str(workspace.folder / "user-data.yaml"))
    assert workspace.outputs()["user_data"].encode() == timepolicy(*command).stdout
    assert workspace.plan() == 0
    (workspace.folder / "user-data.yaml").write_text("#!/bin/sh\n" + ": of no use\n" * 1000)
    assert "aws takes 16384" in workspace.error()
    (workspace.folder / "user-data.yaml").write_text("#cloud-config\nntp: {servers: [ntp9.example.org]}\n")
    assert "error[TP322]" in workspace.error()


def test_a_wrong_policy_stops_the_plan_with_its_findings(workspace: Workspace) -> None:
    (workspace.folder / "timepolicy.yaml").write_text(EXAMPLE.read_text().replace("timezone:", "timezon:"))
    error = workspace.error()
    assert "TP0" in error
    assert "did you mean" in error


LIMITED = tuple(CLOUDS)

AT_THE_LIMIT = """
module "{cloud}_{size}" {{
  source  = "{module}"
  cloud   = "{cloud}"
  policy  = "none"
  command = ["sh", "-c", "cat {size}.json"]
}}
"""


def test_one_byte_beyond_the_clouds_limit_stops_the_plan(workspace: Workspace) -> None:
    """One program in place of timepolicy returns as much as fits, and another returns one byte more."""
    limits = [CLOUDS[cloud].raw_limit for cloud in LIMITED]
    for size in {more for limit in limits for more in (limit, limit + 1)}:
        result = {"user_data": "x", "user_data_base64": "", "size": str(size), "release": "debian-12", "findings": ""}
        (workspace.folder / f"{size}.json").write_text(json.dumps(result))
    sizes = [(cloud, size) for cloud, limit in zip(LIMITED, limits, strict=True) for size in (limit, limit + 1)]
    modules = [AT_THE_LIMIT.format(cloud=cloud, size=size, module=EXAMPLES / "timepolicy") for cloud, size in sizes]
    (workspace.folder / "main.tf").write_text("".join(modules))
    workspace.init()
    errors = workspace.errors()
    assert sorted(error["detail"].split("; ")[1] for error in errors) == sorted(
        f"{cloud} takes {limit}." for cloud, limit in zip(LIMITED, limits, strict=True)
    )


def test_a_policy_that_makes_too_much_stops_the_plan(workspace: Workspace) -> None:
    units = ", ".join(f"{sha512(bytes([number])).hexdigest()}.service" for number in range(32))  # no packing helps
    policy = workspace.folder / "timepolicy.yaml"
    policy.write_text(EXAMPLE.read_text().replace("[containerd.service, kubelet.service]", f"[{units}]"))
    assert "aws takes 16384" in workspace.error()
    write(workspace, "google")
    assert workspace.plan() == 2


def test_a_servers_user_data_fits_into_aws_by_gzip(workspace: Workspace) -> None:
    (workspace.folder / "timepolicy.yaml").write_text(SERVER_EXAMPLE.read_text())
    text = (workspace.folder / "main.tf").read_text()
    serving = text.replace('  distro  = "debian-12"\n', '  distro  = "debian-12"\n  role    = "server"\n')
    (workspace.folder / "main.tf").write_text(serving)
    assert "aws takes 16384" in workspace.error()
    (workspace.folder / "main.tf").write_text(serving.replace("  role  ", "  gzip    = true\n  role  "))
    workspace.apply()
    assert workspace.outputs()["user_data"] == ""
    assert 0 < workspace.outputs()["size"] < 16384
    assert workspace.plan() == 0


def test_binary_user_data_is_refused_where_the_cloud_expects_text(workspace: Workspace) -> None:
    text = (workspace.folder / "main.tf").read_text()
    (workspace.folder / "main.tf").write_text(text.replace('"aws"', '"google"\n  gzip    = true'))
    assert "google takes user-data as text, and this is binary" in workspace.error()
    (workspace.folder / "main.tf").write_text(text.replace('"aws"', '"aws"\n  format  = "rootfs"'))
    assert "That is no user-data" in workspace.error()


def test_an_unknown_cloud_is_refused(workspace: Workspace) -> None:
    write(workspace, "lunar")
    assert workspace.plan() == 1


def test_terraform_finds_every_example_well_formatted() -> None:
    done = run([need("terraform"), "fmt", "-check", "-recursive", "-no-color", EXAMPLES])
    assert done.returncode == 0, done.stdout
