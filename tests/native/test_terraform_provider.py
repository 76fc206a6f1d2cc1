"""Our own provider in the real Terraform, from a mirror, as users install it."""

import base64
import gzip
import json
import sys
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, ROOT
from tests.helpers.command_line import timepolicy
from tests.helpers.products import UNGATED
from tests.helpers.terraform import Workspace, environment
from timepolicy import __version__
from timepolicy.terraform.mirror import ADDRESS, PLATFORMS, PROGRAM

PROVIDER = Path(sys.executable).parent / PROGRAM

MAIN = f"""
terraform {{
  required_providers {{
    timepolicy = {{
      source = "{ADDRESS}"
    }}
  }}
}}
"""

SOURCE = """
data "timepolicy_user_data" "{name}" {{
{arguments}
}}
"""

USE = """
resource "terraform_data" "node" {
  input = data.timepolicy_user_data.node.user_data_base64
}

output "node" {
  value = data.timepolicy_user_data.node
}
"""

FUNCTION = """
output "node" {{
  value = provider::timepolicy::render({arguments})
}}
"""


def data(workspace: Workspace, **arguments: object) -> None:
    text = MAIN + SOURCE.format(name="node", arguments=_arguments(arguments)) + USE
    (workspace.folder / "main.tf").write_text(text)


def _arguments(values: dict[str, object]) -> str:
    return "\n".join(f"  {name} = {json.dumps(value)}" for name, value in values.items())


def function(workspace: Workspace, *arguments: str) -> None:
    (workspace.folder / "main.tf").write_text(MAIN + FUNCTION.format(arguments=", ".join(arguments)))


def policy(workspace: Workspace, old: str = "", new: str = "") -> None:
    (workspace.folder / "timepolicy.yaml").write_text(EXAMPLE.read_text().replace(old, new))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path, environment(tmp_path))
    policy(workspace)
    data(workspace, path="timepolicy.yaml", distro="debian-12")
    workspace.init()
    return workspace


def rendered(*options: str) -> bytes:
    done = timepolicy("render", str(EXAMPLE), *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_data_source_is_what_render_prints_and_a_second_plan_has_no_change(workspace: Workspace) -> None:
    assert workspace.run("validate").returncode == 0
    workspace.apply()
    node, expected = workspace.outputs()["node"], rendered("--distro", "debian-12")
    assert node["user_data"].encode() == base64.b64decode(node["user_data_base64"]) == expected
    assert (node["size"], node["releases"], node["findings"]) == (len(expected), ["debian-12"], [])
    assert workspace.plan() == 0
    policy(workspace, "timezone:", "# a comment changes no node\ntimezone:")
    assert workspace.plan() == 0
    policy(workspace, "Asia/Shanghai", "UTC")
    assert workspace.plan() == 2


def test_every_option_of_render_has_its_attribute(workspace: Workspace) -> None:
    tier = str(ROOT / "examples/server-tier/timepolicy.yaml")
    data(workspace, path=tier, distro="rocky-9", role="server", format="mime", gzip=True, strict=True, limit="aws")
    workspace.apply()
    node = workspace.outputs()["node"]
    done = timepolicy("render", tier, "--distro", "rocky-9", "--role", "server", "--format", "mime")
    assert gzip.decompress(base64.b64decode(node["user_data_base64"])) == done.stdout
    assert node["user_data"] is None
    assert 0 < node["size"] < 16384


def test_the_policy_may_be_a_text(workspace: Workspace) -> None:
    data(workspace, policy=EXAMPLE.read_text(), distro="debian-12")
    workspace.apply()
    assert workspace.outputs()["node"]["user_data"].encode() == rendered("--distro", "debian-12")


def test_the_function_is_what_render_prints(workspace: Workspace) -> None:
    function(workspace, 'file("timepolicy.yaml")', '"debian-12"', '"client"')
    workspace.apply()
    assert workspace.outputs()["node"].encode() == rendered("--distro", "debian-12")
    assert workspace.plan() == 0


def test_the_function_returns_one_user_data_for_all_releases_of_the_policy(workspace: Workspace) -> None:
    mixed = ROOT / "examples/mixed/timepolicy.yaml"
    function(workspace, f'file("{mixed}")', "null", '"client"')
    workspace.apply()
    assert workspace.outputs()["node"].encode() == timepolicy("render", str(mixed)).stdout


def test_other_user_data_is_joined_as_render_does(workspace: Workspace) -> None:
    other = "#cloud-config\nbootcmd: [echo]\n"
    (workspace.folder / "other").write_text(other)
    data(workspace, path="timepolicy.yaml", distro="debian-12", **{"with": [other]})
    workspace.apply()
    node = workspace.outputs()["node"]
    assert node["user_data"].encode() == rendered("--distro", "debian-12", "--with", str(workspace.folder / "other"))
    assert workspace.plan() == 0


def test_what_contradicts_the_policy_in_other_user_data_points_at_with(workspace: Workspace) -> None:
    others = ["#!/bin/sh\n", "#cloud-config\nntp: {servers: [ntp9.example.org]}\n"]
    data(workspace, path="timepolicy.yaml", distro="debian-12", **{"with": others})
    error = workspace.error()
    assert "[TP322] with data.timepolicy_user_data.node" in error
    assert "--> with[1]:2:1" in error
    assert ": with = [" in error
    data(workspace, path="timepolicy.yaml", distro="debian-12", **{"with": ["#cloud-config\npackages: [openntpd]\n"]})
    workspace.apply()
    assert ["TP325" in line for line in workspace.outputs()["node"]["findings"]] == [True]
    assert "[TP325]" in workspace.run("plan", "-input=false").stdout


def test_an_error_points_at_the_policys_line_and_terraforms_attribute(workspace: Workspace) -> None:
    policy(workspace, "timezone:", "timezon:")
    line = EXAMPLE.read_text().splitlines().index("timezone: Asia/Shanghai") + 1
    error = workspace.error()
    assert "unknown key `timezon` [TP021] with data.timepolicy_user_data.node" in error
    assert f"--> timepolicy.yaml:{line}:1" in error
    assert "did you mean `timezone`?" in error
    assert "path" in error
    function(workspace, 'file("timepolicy.yaml")', '"debian-12"', '"client"')
    error = workspace.error()
    assert 'Call to function "provider::timepolicy::render" failed' in error
    assert f"--> policy:{line}:1" in error


def test_a_warning_is_a_warning_of_terraform_and_an_error_with_strict(workspace: Workspace) -> None:
    (workspace.folder / "timepolicy.yaml").write_text(UNGATED)
    data(workspace, path="timepolicy.yaml", distro="talos")
    done = workspace.run("plan", "-input=false")
    assert done.returncode == 0, done.stderr
    assert "[TP311]" in done.stdout
    data(workspace, path="timepolicy.yaml", distro="talos", strict=True)
    assert "[TP311]" in workspace.error()


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "no policy": ({"distro": "debian-12"}, "either `path` or `policy`"),
    "two policies": ({"path": "timepolicy.yaml", "policy": "x"}, "either `path` or `policy`"),
    "a missing file": ({"path": "no-such.yaml"}, "cannot read no-such.yaml: No such file or directory"),
    "an unknown release": ({"path": "timepolicy.yaml", "distro": "debian-21"}, "debian-"),
    "no release": ({"path": "timepolicy.yaml"}, "choose one release"),
    "an unknown role": ({"path": "timepolicy.yaml", "distro": "debian-12", "role": "king"}, "not `king`"),
    "an unknown format": ({"path": "timepolicy.yaml", "distro": "debian-12", "format": "x"}, "write cloud-config"),
    "an unknown cloud": (
        {"path": "timepolicy.yaml", "distro": "debian-12", "limit": "lunar"},
        "there is no cloud `lunar`",
    ),
    "other user-data that is not known": (
        {"path": "timepolicy.yaml", "distro": "debian-12", "with": ["hello"]},
        "cloud-init does not recognise this",
    ),
    "other user-data in another format": (
        {"path": "timepolicy.yaml", "distro": "debian-12", "format": "script", "with": ["#!/bin/sh"]},
        "other user-data is joined in the format mime only",
    ),
    "gzip for a script": (
        {"path": "timepolicy.yaml", "distro": "debian-12", "format": "script", "gzip": True},
        "script stays compressed on the node",
    ),
    "more than the cloud accepts": (
        {"path": "timepolicy.yaml", "distro": "debian-12", "format": "rootfs", "limit": "aws"},
        "aws takes 16384",
    ),
}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The error for each row of WRONG, from one plan."""
    folder = tmp_path_factory.mktemp("wrong")
    workspace = Workspace(folder, environment(folder))
    policy(workspace)
    sources = [SOURCE.format(name=_label(name), arguments=_arguments(values)) for name, (values, _) in WRONG.items()]
    (folder / "main.tf").write_text(MAIN + "".join(sources))
    workspace.init()
    return {
        error["address"].rpartition(".")[2]: f"{error['summary']}: {error['detail']}" for error in workspace.errors()
    }


def _label(name: str) -> str:
    return name.replace(" ", "_")


@pytest.mark.parametrize(("name", "reason"), [(name, reason) for name, (_, reason) in WRONG.items()], ids=WRONG)
def test_a_wrong_request_is_explained(name: str, reason: str, refusals: dict[str, str]) -> None:
    assert reason in refusals[_label(name)]


def test_a_wrong_request_of_the_function_is_explained(workspace: Workspace) -> None:
    function(workspace, 'file("timepolicy.yaml")', '"debian-12"', '"king"')
    assert "role: a node is client or server, not `king`" in workspace.error()


def test_a_lock_file_has_one_hash_for_every_machine(workspace: Workspace) -> None:
    mirror = workspace.folder / "mirror"
    options = [f"-platform={platform}" for platform in PLATFORMS]
    done = workspace.run("providers", "lock", f"-fs-mirror={mirror}", *options)
    assert done.returncode == 0, done.stderr
    assert (workspace.folder / ".terraform.lock.hcl").read_text().count('"h1:') == 1


def test_the_command_creates_the_mirror_that_the_tests_use(workspace: Workspace, tmp_path: Path) -> None:
    written = tmp_path / "written"  # beside the mirror of the workspace
    assert timepolicy("terraform", "--mirror", str(written)).returncode == 0
    programs = {path.relative_to(written): path for path in written.rglob("*") if path.is_file()}
    assert len(programs) == len(PLATFORMS)
    for path, program in programs.items():
        assert program.read_bytes() == (workspace.folder / "mirror" / path).read_bytes()
        assert program.stat().st_mode & 0o777 == 0o755


def test_terraform_shows_why_the_provider_does_not_start(workspace: Workspace) -> None:
    (program,) = workspace.folder.glob(f"mirror/{ADDRESS}/*/linux_amd64/*")
    text = program.read_text()
    program.write_text(text.replace(f"{PROGRAM} {__version__}", f"{PROGRAM} 0.0.9"))
    (workspace.folder / ".terraform.lock.hcl").unlink()
    workspace.init()
    assert f"this is {__version__}, and the mirror asks for 0.0.9" in workspace.error()
    program.write_text(text)
    (workspace.folder / ".terraform.lock.hcl").unlink()
    workspace.init()
    folders = workspace.variables["PATH"].split(":")
    without = [folder for folder in folders if not Path(folder, PROGRAM).exists()]
    workspace.variables["PATH"] = ":".join(without)
    assert f"{PROGRAM} is not in PATH" in workspace.error()


@pytest.mark.parametrize("home", ["/proc/nowhere", "/etc/passwd"])
def test_the_provider_needs_no_home(home: str, workspace: Workspace) -> None:
    workspace.variables["HOME"] = home
    workspace.apply()
    assert workspace.outputs()["node"]["releases"] == ["debian-12"]
