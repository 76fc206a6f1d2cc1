"""Products of formats with a schema, validated, and compared with their plan."""

import json
import tomllib
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from tests.helpers.cases import compile_text
from tests.helpers.json_schema import PUBLISHED, assert_object, assert_valid
from tests.helpers.products import PLANS, UNGATED, plans_for, product
from timepolicy.formats._shell import install_script
from timepolicy.plan.types import AgentPlan, NodePlan


@pytest.mark.parametrize("plan", plans_for("ignition"), ids=lambda plan: plan.release)
def test_ignition_has_every_file_once_and_is_valid(plan: NodePlan) -> None:
    document = json.loads(product("ignition", plan))
    assert_valid(document, PUBLISHED / "ignition.schema.json")
    files = {file["path"]: unquote(file["contents"]["source"].removeprefix("data:,")) for file in _stored(document)}
    for unit in document["systemd"]["units"]:
        path = f"/etc/systemd/system/{unit['name']}"
        files |= {path: unit["contents"]} if "contents" in unit else {}
        files |= {f"{path}.d/{dropin['name']}": dropin["contents"] for dropin in unit.get("dropins", [])}
    assert files == {file.path: file.content for file in plan.files}
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


@pytest.mark.parametrize("plan", plans_for("kubeadmconfig"), ids=lambda plan: f"{plan.release}-{plan.role}")
def test_the_kubeadm_config_is_valid_and_has_every_file(plan: NodePlan) -> None:
    assert isinstance(plan, AgentPlan)
    document = yaml.safe_load(product("kubeadmconfig", plan))
    assert_valid(document, PUBLISHED / "kubeadmconfigtemplate.schema.json")
    spec = document["spec"]["template"]["spec"]
    # the bootstrap provider's user-data is a Jinja template (bootstrap/kubeadm/internal/cloudinit)
    assert not [sign for sign in ("{{", "{%", "{#") if sign in json.dumps(spec)]
    assert [file.get("append", False) for file in spec["files"]] == [False] + [True] * (len(spec["files"]) - 1)
    assert "".join(file["content"] for file in spec["files"]) == install_script(plan)
    assert {file["path"] for file in spec["files"]} == {spec["preKubeadmCommands"][0].removeprefix("sh ")}


def test_machine_configs_have_the_ignition_document_of_the_plan_for_each_pool() -> None:
    plan = PLANS["openshift-4"]
    objects = list(yaml.safe_load_all(product("machineconfig", plan)))
    for document in objects:
        assert_object(document, PUBLISHED / "machineconfigs.crd.json")
    pools = [document["metadata"]["labels"]["machineconfiguration.openshift.io/role"] for document in objects]
    assert pools == ["master", "worker"]
    assert [document["metadata"]["name"] for document in objects] == [f"99-{pool}-timepolicy" for pool in pools]
    (config, other) = [document["spec"]["config"] for document in objects]
    assert config == other
    assert config["ignition"] == {"version": "3.2.0"}
    assert "links" not in config["storage"], "the operator refuses them"
    (chrony,) = [file for file in config["storage"]["files"] if file["path"] == "/etc/chrony.conf"]
    assert unquote(chrony["contents"]["source"]).startswith("data:,# ")
    assert {unit["name"] for unit in config["systemd"]["units"]} >= {"timepolicy-gate.service", "kubelet.service"}


def test_a_timezone_of_openshift_is_an_error() -> None:
    for zone, is_possible in (("UTC", True), ("Etc/UTC", True), ("Europe/Berlin", False)):
        plan, findings = compile_text(UNGATED.replace("UTC", zone), "openshift-4")
        assert (plan is not None) == is_possible
        assert [item.path for item in findings if item.rule.code == "TP310"] == ([] if is_possible else ["timezone"])


COMMANDS = {"rke2config": "preRKE2Commands", "k3sconfig": "preK3sCommands"}
DEFINITIONS = {"rke2config": "rke2configtemplates.crd.json", "k3sconfig": "kthreesconfigtemplates.crd.json"}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("plan", plans_for("rke2config"), ids=lambda plan: f"{plan.release}-{plan.role}")
def test_the_configs_of_rke2_and_k3s_are_valid_and_have_every_file(name: str, plan: NodePlan) -> None:
    assert isinstance(plan, AgentPlan)
    document = yaml.safe_load(product(name, plan))
    assert_object(document, PUBLISHED / DEFINITIONS[name])
    spec = document["spec"]["template"]["spec"]
    # both providers' user-data is a Jinja template (bootstrap/internal/cloudinit, pkg/cloudinit)
    assert not [sign for sign in ("{{", "{%", "{#") if sign in json.dumps(spec)]
    (file,) = spec["files"]
    assert file["content"] == install_script(plan)
    assert spec[COMMANDS[name]] == [
        f"sh {file['path']}",
        "until systemctl is-active --quiet timepolicy-gate.service; do sleep 1; done",
    ]


def test_bottlerocket_is_toml_with_every_host() -> None:
    document = tomllib.loads(product("bottlerocket", PLANS["bottlerocket"]))
    assert document == {"settings": {"ntp": {"time-servers": ["10.2.12.11", "ntp.aliyun.com", "ntp.tencent.com"]}}}


def test_talos_is_a_time_sync_document_with_every_host() -> None:
    document = yaml.safe_load(product("talos", PLANS["talos"]))
    assert_valid(document, PUBLISHED / "talos.schema.json")
    hosts = ["10.2.12.11", "ntp.aliyun.com", "ntp.tencent.com"]
    assert document == {"apiVersion": "v1alpha1", "kind": "TimeSyncConfig", "ntp": {"servers": hosts}}


def test_talos_starts_after_the_timeout_where_the_policy_says_so() -> None:
    plan = compile_text(UNGATED + "gate: {on_timeout: start, timeout: 90s, units: [etcd.service]}\n", "talos")[0]
    assert plan is not None
    document = yaml.safe_load(product("talos", plan))
    assert_valid(document, PUBLISHED / "talos.schema.json")
    assert document["bootTimeout"] == "90s"
