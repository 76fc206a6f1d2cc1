"""Formats of other provisioners, checked by systemd and by cloud-init."""

from pathlib import Path

import pytest
import yaml

from tests.helpers.cases import compile_text
from tests.helpers.products import PLANS, UTC, plans_for, product
from tests.helpers.programs import need, run
from timepolicy.plan.types import NodePlan


@pytest.mark.parametrize("plan", [*plans_for("ignition"), *plans_for("machineconfig")], ids=lambda plan: plan.release)
@pytest.mark.parametrize("on_timeout", ["block", "start"])
def test_systemd_accepts_the_gate_without_the_agent(plan: NodePlan, on_timeout: str, tmp_path: Path) -> None:
    text = UTC.replace("gate:\n", f"gate:\n  on_timeout: {on_timeout}\n  timeout: 5m\n")
    gated = compile_text(text, plan.release)[0]
    assert gated is not None
    stubs = ("chronyd", "systemd-timesyncd", "containerd", "kubelet")
    files = {f"usr/lib/systemd/system/{name}.service": "[Service]\nExecStart=/bin/true\n" for name in stubs}
    files |= {
        f"usr/lib/systemd/system/{name}.target": "[Unit]\n" for name in ("time-sync", "sysinit", "basic", "shutdown")
    }
    files |= {file.path[1:]: file.content for file in gated.files} | {"bin/sh": "", "bin/true": ""}
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o755)
    common = [need("systemd-analyze"), "verify", f"--root={tmp_path}", "--man=no"]
    done = run([*common, "--recursive-errors=no", "timepolicy-gate.service", "kubelet.service", "containerd.service"])
    assert done.returncode == 0, done.stderr
    done = run([*common, "kubelet.service", "containerd.service"])
    assert "ordering cycle" not in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("name", "commands"),
    [("kubeadmconfig", "preKubeadmCommands"), ("rke2config", "preRKE2Commands"), ("k3sconfig", "preK3sCommands")],
)
def test_cloud_init_accepts_the_user_data_of_cluster_api(name: str, commands: str, tmp_path: Path) -> None:
    """The bootstrap provider turns files into write_files, and the commands into the first entries of runcmd."""
    spec = yaml.safe_load(product(name, PLANS["debian-12-server"]))["spec"]["template"]["spec"]
    user_data = {"write_files": spec["files"], "runcmd": [*spec[commands], "join the cluster"]}
    (tmp_path / "user-data").write_text("#cloud-config\n" + yaml.safe_dump(user_data))
    done = run([need("cloud-init"), "schema", "--config-file", tmp_path / "user-data"])
    assert done.returncode == 0, done.stdout + done.stderr
