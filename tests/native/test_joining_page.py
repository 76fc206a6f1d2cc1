"""docs/joining.md: each way in, run as it stands on the page, and judged by the program that reads the product."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.cases import ROOT, agent_plan_of
from tests.helpers.cloud_init_parts import Effects, effects_of
from tests.helpers.programs import need, run
from tests.helpers.terraform import Workspace, environment
from timepolicy.formats._shell import boothook_script

PAGE = (ROOT / "docs/joining.md").read_text()
POLICY = """\
timezone: UTC
upstreams: [{preset: aws}, ntp1.example.org]
distros: [debian-12, ubuntu-24.04, amazon-linux-2023]
"""
NO_NTP = {"ntp": {"enabled": False}}
USER_DATA = {"bootcmd": [["modprobe", "ptp"]], "write_files": [{"path": "/etc/motd", "content": "a node of prod\n"}]}

_, *TITLES_AND_TEXTS = re.split(r"^## (.+)\n", PAGE, flags=re.MULTILINE)
SECTIONS = dict(zip(TITLES_AND_TEXTS[::2], TITLES_AND_TEXTS[1::2], strict=True))


def files_of(text: str) -> dict[str, str]:
    """The blocks that have a file's name."""
    return dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))


def follow(title: str, folder: Path) -> None:
    """Write the page's files that are user-data, and run the commands of a section; none of them may say anything."""
    user_data = {name: text for name, text in files_of(PAGE).items() if not name.endswith((".tf", ".hcl"))}
    for name, text in {**user_data, "timepolicy.yaml": POLICY}.items():
        (folder / name).write_text(text)
    commands = re.findall(r"^```sh\n(.*?)^```$", SECTIONS[title], flags=re.MULTILINE | re.DOTALL)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for command in commands:
        done = subprocess.run(
            ["sh", "-euc", command], cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, check=False
        )
        assert (done.returncode, re.findall(rb"TP3\d\d", done.stderr)) == (0, []), done.stderr


def effects(title: str, product: str, folder: Path) -> Effects:
    follow(title, folder)
    return effects_of((folder / product).read_bytes(), folder / "node")


def ours(release: str) -> str:
    return boothook_script(agent_plan_of(POLICY, release))


def has_ours(found: Effects, release: str = "debian-12") -> bool:
    return [hook.endswith(ours(release)) for hook in found.hooks] == [True]


def test_user_data_in_files(tmp_path: Path) -> None:
    found = effects("User-data in files", "joined", tmp_path)
    assert found.config == USER_DATA | NO_NTP
    assert has_ours(found)


def test_kubeadm_in_runcmd(tmp_path: Path) -> None:
    found = effects("kubeadm in runcmd", "joined", tmp_path)
    assert found.config["packages"] == ["containerd"]
    assert [command[:2] for command in found.config["runcmd"]] == [["timepolicy-node", "wait"], ["kubeadm", "join"]]
    assert has_ours(found, "ubuntu-24.04")


def test_eks_with_nodeadm(tmp_path: Path) -> None:
    found = effects("EKS with nodeadm", "joined", tmp_path)
    node_config = files_of(PAGE)["nodeadm.mime"].split("\n\n")[2]
    assert "kind: NodeConfig" in node_config
    product = (tmp_path / "joined").read_text()
    assert f"Content-Type: application/node.eks.aws\nContent-Transfer-Encoding: 7bit\n\n{node_config}\n" in product
    assert [script.splitlines()[1] for script in found.scripts] == [
        "echo vm.max_map_count=262144 >/etc/sysctl.d/90-node.conf"
    ]
    assert has_ours(found, "amazon-linux-2023")


def test_cloud_config_archive(tmp_path: Path) -> None:
    found = effects("cloud-config-archive", "joined", tmp_path)
    assert found.config == {"users": ["default"]} | NO_NTP
    assert found.scripts == ["#!/bin/sh\ntouch /etc/ready\n"]
    assert has_ours(found)


def test_include(tmp_path: Path) -> None:
    """cloud-init fetches both parts from a server on loopback."""
    follow("include", tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        text = (tmp_path / "include").read_text()
        assert text.count("http://127.0.0.1:8000/") == 2
        include = text.replace(":8000/", f":{server.server_port}/").encode()
        found = effects_of(include, tmp_path / "node")
        server.shutdown()
    assert found.config == USER_DATA
    assert has_ours(found)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: Any) -> None: ...


def test_vendor_data(tmp_path: Path) -> None:
    follow("Vendor-data", tmp_path)
    user_data = (tmp_path / "user-data.yaml").read_bytes()
    found = effects_of(user_data, tmp_path / "node", vendor_data=(tmp_path / "vendor-data").read_bytes())
    assert found.config == USER_DATA
    assert has_ours(found)


def test_cloud_configuration_in_an_image(tmp_path: Path) -> None:
    """Beside user-data without `bootcmd`, the image's own takes effect; one in user-data replaces it."""
    follow("Cloud configuration in an image", tmp_path)
    (tmp_path / "etc/cloud.cfg.d").mkdir(parents=True)
    (tmp_path / "etc/cloud.cfg").write_text("users: [default]\n")
    (tmp_path / "95-timepolicy.cfg").rename(tmp_path / "etc/cloud.cfg.d/95-timepolicy.cfg")
    found = effects_of(b"#cloud-config\npackages: [htop]\n", tmp_path / "node", cloud_cfg=tmp_path / "etc/cloud.cfg")
    assert found.config == {"users": ["default"], "packages": ["htop"], "bootcmd": [ours("debian-12")], **NO_NTP}
    user_data = (tmp_path / "user-data.yaml").read_bytes()
    found = effects_of(user_data, tmp_path / "other", cloud_cfg=tmp_path / "etc/cloud.cfg")
    assert found.config["bootcmd"] == USER_DATA["bootcmd"]


def test_one_cloud_config(tmp_path: Path) -> None:
    """The script that write_files brings installs what the policy says, here into a tree."""
    found = effects("One cloud-config", "cloud-config", tmp_path)
    (file,) = found.config["write_files"]
    assert found.config["runcmd"] == [["sh", file["path"]], ["timepolicy-node", "wait"]]
    (tmp_path / "script").write_bytes(base64.b64decode(file["content"]))
    assert_installs(tmp_path / "script", tmp_path / "tree")


def assert_installs(script: Path, tree: Path) -> None:
    tree.mkdir()
    done = run(["sh", script, "--root", tree])
    assert done.returncode == 0, done.stderr
    contract = json.loads((tree / "etc/timepolicy/node.json").read_text())
    assert contract["release"] == "debian-12"


@pytest.mark.parametrize(("name", "has_ntp"), [("module.tf", True), ("provider.tf", True), ("cloudinit.tf", False)])
def test_terraform(name: str, has_ntp: bool, tmp_path: Path) -> None:
    """Its own programs apply the page's files; hashicorp/external and /cloudinit have replacements."""
    workspace = Workspace(tmp_path, environment(tmp_path))
    follow("User-data in files", tmp_path)
    shutil.copytree(ROOT / "examples/terraform/timepolicy", tmp_path / "timepolicy")
    (tmp_path / "main.tf").write_text(files_of(SECTIONS["Terraform"])[name])
    workspace.init()
    workspace.apply()
    found = effects_of(workspace.outputs()["joined"].encode(), tmp_path / "node")
    assert found.config == (USER_DATA | NO_NTP if has_ntp else USER_DATA)
    assert has_ours(found)
    assert workspace.plan() == 0


def test_terraform_finds_the_page_well_formatted(tmp_path: Path) -> None:
    for name, text in files_of(SECTIONS["Terraform"]).items():
        (tmp_path / name).write_text(text)
    done = run([need("terraform"), "fmt", "-check", "-no-color", tmp_path])
    assert done.returncode == 0, done.stdout


def test_packer(tmp_path: Path) -> None:
    """Packer accepts the template, and runs its local part; the script that it uploads then installs into a tree."""
    follow("Packer", tmp_path)
    template = files_of(SECTIONS["Packer"])["node.pkr.hcl"]
    (tmp_path / "node.pkr.hcl").write_text('source "null" "node" {\n  communicator = "none"\n}\n\n' + template)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    packer = need("packer")
    for command in ([packer, "validate", "node.pkr.hcl"], [packer, "fmt", "-check", "node.pkr.hcl"]):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    local = re.sub(r'  provisioner "(file|shell)" \{\n.*?^  \}\n', "", template, flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "node.pkr.hcl").write_text('source "null" "node" {\n  communicator = "none"\n}\n\n' + local)
    done = subprocess.run(
        [packer, "build", "-color=false", "node.pkr.hcl"],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert_installs(tmp_path / "install.sh", tmp_path / "tree")


def test_the_page_has_no_section_that_no_test_follows() -> None:
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert {title.lower().replace(" ", "_").replace("-", "_") for title in SECTIONS} <= tested
    assert set(files_of(SECTIONS["Terraform"])) == {"module.tf", "provider.tf", "cloudinit.tf"}
