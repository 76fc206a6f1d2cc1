"""Products that a schema can judge: what is published about them, or what cloud-init and YAML read."""

import json
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from tests.helpers.cases import compile_text
from tests.helpers.products import PLANS, UNGATED, UTC, plans_for, product
from tests.helpers.programs import need, run
from tests.helpers.published_schemas import judge
from timepolicy.formats._shell import install_script
from timepolicy.plan.types import AgentPlan, NodePlan


@pytest.mark.parametrize("plan", plans_for("ignition"), ids=lambda plan: plan.release)
def test_ignition_has_every_file_once_and_the_schema_accepts_it(plan: NodePlan) -> None:
    document = json.loads(product("ignition", plan))
    judge("ignition.schema.json", document)
    laid = {file["path"]: unquote(file["contents"]["source"].removeprefix("data:,")) for file in _stored(document)}
    for unit in document["systemd"]["units"]:
        path = f"/etc/systemd/system/{unit['name']}"
        laid |= {path: unit["contents"]} if "contents" in unit else {}
        laid |= {f"{path}.d/{dropin['name']}": dropin["contents"] for dropin in unit.get("dropins", [])}
    assert laid == {file.path: file.content for file in plan.files}
    names = [unit["name"] for unit in document["systemd"]["units"]]
    assert len(names) == len(set(names))


def _stored(document: dict[str, Any]) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = document["storage"]["files"]
    return files


@pytest.mark.parametrize("plan", plans_for("ignition"), ids=lambda plan: plan.release)
def test_ignition_enables_one_time_daemon_and_masks_the_others(plan: NodePlan) -> None:
    units = json.loads(product("ignition", plan))["systemd"]["units"]
    assert len([unit for unit in units if unit.get("enabled")]) == 1
    assert not [unit for unit in units if unit.get("enabled") and unit.get("mask")]
    assert len([unit for unit in units if unit.get("mask")]) == 2


@pytest.mark.parametrize("plan", plans_for("ignition"), ids=lambda plan: plan.release)
@pytest.mark.parametrize("on_timeout", ["block", "start"])
def test_systemd_accepts_the_gate_without_the_agent(plan: NodePlan, on_timeout: str, tmp_path: Path) -> None:
    text = UTC.replace("gate:\n", f"gate:\n  on_timeout: {on_timeout}\n  timeout: 5m\n")
    made = compile_text(text, plan.release)[0]
    assert made is not None
    stubs = ("chronyd", "systemd-timesyncd", "containerd", "kubelet")
    files = {f"usr/lib/systemd/system/{name}.service": "[Service]\nExecStart=/bin/true\n" for name in stubs}
    files |= {
        f"usr/lib/systemd/system/{name}.target": "[Unit]\n" for name in ("time-sync", "sysinit", "basic", "shutdown")
    }
    files |= {file.path[1:]: file.content for file in made.files} | {"bin/sh": "", "bin/true": ""}
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o755)
    common = [need("systemd-analyze"), "verify", f"--root={tmp_path}", "--man=no"]
    done = run([*common, "--recursive-errors=no", "timepolicy-gate.service", "kubelet.service", "containerd.service"])
    assert done.returncode == 0, done.stderr
    done = run([*common, "kubelet.service", "containerd.service"])
    assert "ordering cycle" not in done.stderr, done.stderr


@pytest.mark.parametrize("plan", plans_for("kubeadmconfig"), ids=lambda plan: f"{plan.release}-{plan.role}")
def test_the_api_server_would_take_the_kubeadm_config_and_lose_nothing(plan: NodePlan) -> None:
    assert isinstance(plan, AgentPlan)
    document = yaml.safe_load(product("kubeadmconfig", plan))
    judge("kubeadmconfigtemplate.schema.json", document)
    spec = document["spec"]["template"]["spec"]
    # the bootstrap provider's user-data is a Jinja template (bootstrap/kubeadm/internal/cloudinit)
    assert not [sign for sign in ("{{", "{%", "{#") if sign in json.dumps(spec)]
    assert [file.get("append", False) for file in spec["files"]] == [False] + [True] * (len(spec["files"]) - 1)
    assert "".join(file["content"] for file in spec["files"]) == install_script(plan)
    assert {file["path"] for file in spec["files"]} == {spec["preKubeadmCommands"][0].removeprefix("sh ")}


def test_cloud_init_accepts_what_cluster_api_makes_of_it(tmp_path: Path) -> None:
    """Its provider turns files into write_files and the commands into the first of runcmd."""
    spec = yaml.safe_load(product("kubeadmconfig", PLANS["debian-12-server"]))["spec"]["template"]["spec"]
    made = {"write_files": spec["files"], "runcmd": [*spec["preKubeadmCommands"], "kubeadm join"]}
    (tmp_path / "user-data").write_text("#cloud-config\n" + yaml.safe_dump(made))
    done = run([need("cloud-init"), "schema", "--config-file", tmp_path / "user-data"])
    assert done.returncode == 0, done.stdout + done.stderr


def test_bottlerocket_is_toml_with_every_host() -> None:
    document = tomllib.loads(product("bottlerocket", PLANS["bottlerocket"]))
    assert document == {"settings": {"ntp": {"time-servers": ["10.2.12.11", "ntp.aliyun.com", "ntp.tencent.com"]}}}


def test_talos_is_a_time_sync_document_with_every_host() -> None:
    document = yaml.safe_load(product("talos", PLANS["talos"]))
    judge("talos.schema.json", document)
    hosts = ["10.2.12.11", "ntp.aliyun.com", "ntp.tencent.com"]
    assert document == {"apiVersion": "v1alpha1", "kind": "TimeSyncConfig", "ntp": {"servers": hosts}}


def test_talos_starts_after_the_timeout_where_the_policy_says_so() -> None:
    plan = compile_text(UNGATED + "gate: {on_timeout: start, timeout: 90s, units: [etcd.service]}\n", "talos")[0]
    assert plan is not None
    document = yaml.safe_load(product("talos", plan))
    judge("talos.schema.json", document)
    assert document["bootTimeout"] == "90s"
