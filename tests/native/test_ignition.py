"""The Ignition document, validated and applied by the real Ignition.

Debian's Ignition is 2.14, which has what became specification 3.4.0 under the name 3.4.0-experimental, so that the
tests use that version.
"""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.helpers.products import PLANS, plans_for, product
from tests.helpers.programs import need, need_root, run
from timepolicy.plan.files import UNIT_FOLDER
from timepolicy.plan.types import NodePlan, UnitPlan

BEFORE_3_4 = {"version": "3.4.0-experimental"}

SELINUX = "SELINUX=disabled\nSELINUXTYPE=targeted\n"
"""Ignition reads this before it calls setfiles(8), which has no labels to set in a root without a policy."""

PRESET = "etc/systemd/system-preset/20-ignition.preset"

OTHERS = {"etc/selinux/config", "etc/.ignition-result.json", PRESET}
"""Files that are not in a plan: the root's own, and those of Ignition for itself and for `systemctl preset-all`."""


def document(plan: NodePlan, folder: Path) -> Path:
    path = folder / "node.ign"
    path.write_text(json.dumps(json.loads(product("ignition", plan)) | {"ignition": BEFORE_3_4}))
    return path


def apply_document(ignition: Path, root: Path, state: Path) -> None:
    """Run the two stages of a first boot: fetch the document, and write its files."""
    for stage in ("fetch", "files"):
        options = {"platform": "file", "stage": stage, "root": root, "config-cache": state / "cache"}
        arguments = [f"-{name}={value}" for name, value in {**options, "state-file": state / "state"}.items()]
        done = subprocess.run(
            [need("ignition"), *arguments, "-log-to-stdout"],
            env={"PATH": f"{state}:{os.environ['PATH']}", "IGNITION_CONFIG_FILE": str(ignition)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    need_root()
    folder = tmp_path / "sysroot"
    (folder / "etc/selinux").mkdir(parents=True)
    (folder / "etc/selinux/config").write_text(SELINUX)
    (tmp_path / "setfiles").symlink_to("/bin/true")
    return folder


@pytest.mark.parametrize("plan", plans_for("ignition"), ids=lambda plan: plan.release)
def test_ignition_accepts_the_document(plan: NodePlan, tmp_path: Path) -> None:
    done = run([need("ignition-validate"), document(plan, tmp_path)])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_ignition_accepts_the_configuration_in_a_machine_config(tmp_path: Path) -> None:
    """Specification 3.2 is stable in this Ignition. The operator, which writes the files, has the same parser."""
    for document in yaml.safe_load_all(product("machineconfig", PLANS["openshift-4"])):
        (tmp_path / "node.ign").write_text(json.dumps(document["spec"]["config"]))
        done = run([need("ignition-validate"), tmp_path / "node.ign"])
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("plan", plans_for("ignition"), ids=lambda plan: plan.release)
def test_ignition_installs_the_plan_and_nothing_else(plan: NodePlan, root: Path, tmp_path: Path) -> None:
    assert isinstance(plan, UnitPlan)
    apply_document(document(plan, tmp_path), root, tmp_path)
    files = {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_symlink() or path.is_file()}
    masked = [(f"{UNIT_FOLDER}/{unit}", "/dev/null") for unit in plan.mask]
    links = {path[1:]: target for path, target in [*plan.links, *masked]}
    assert files.keys() == OTHERS | {file.path[1:] for file in plan.files} | links.keys()
    for file in plan.files:
        path = files[file.path[1:]]
        assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == (file.content, file.mode)
        assert path.owner() == path.group() == "root"
    assert {path: str(files[path].readlink()) for path in links} == links
    assert files[PRESET].read_text().splitlines() == [f"enable {unit}" for unit in plan.enable]
