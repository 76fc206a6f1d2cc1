"""One script for several releases, run by real shells: on each one it does what the script for that release does."""

import itertools
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, SERVER_EXAMPLE, agent_plan_of
from tests.helpers.install_root import LIST, calls, install, run_script
from tests.helpers.programs import need, run
from timepolicy.formats import FORMATS
from timepolicy.formats._shell import boothook_script, install_script
from timepolicy.plan.types import AgentPlan
from timepolicy.policy.role import Role

OS_RELEASE = {
    "debian-12": 'ID=debian\nVERSION_ID="12"\n',
    "ubuntu-24.04": 'ID=ubuntu\nVERSION_ID="24.04"\n',
    "rocky-8": 'ID="rocky"\nVERSION_ID="8.10"\n',
    "rocky-9": 'ID="rocky"\nVERSION_ID="9.4"\n',
    "amazon-linux-2023": 'ID="amzn"\nVERSION_ID="2023"\n',
    "arch": "ID=arch\n",
}
"""From the images of the releases; Arch has no version."""

PLANS = {key: agent_plan_of(EXAMPLE.read_text(), key) for key in OS_RELEASE}
SERVERS = {key: agent_plan_of(SERVER_EXAMPLE.read_text(), key, Role.SERVER) for key in OS_RELEASE}


def installed(plan: AgentPlan, root: Path) -> dict[str, tuple[int, bytes]]:
    paths = [root / file.path.removeprefix("/usr")[1:] for file in plan.files]
    return {str(path.relative_to(root)): (path.stat().st_mode & 0o7777, path.read_bytes()) for path in paths}


def names(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in (root / "etc").rglob("*") if path.is_file()}


def on(key: str, root: Path) -> Path:
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/os-release").write_text(OS_RELEASE.get(key, key))
    return root


@pytest.mark.parametrize("key", OS_RELEASE)
def test_each_release_gets_the_files_of_its_own_script(key: str, root: Path, shell: str) -> None:
    plan = PLANS[key]
    install(plan, on(key, root), shell, script=boothook_script(*PLANS.values()))
    assert installed(plan, root) == {
        file.path.removeprefix("/usr")[1:]: (file.mode, file.content.encode()) for file in plan.files
    }
    helpers = {LIST, f"{LIST}.next", f"{LIST}.old", "etc/os-release"}
    assert names(root) - helpers == {file.path[1:] for file in plan.files if file.path.startswith("/etc")}
    listed = {line.split(None, 1)[1] for line in (root / LIST).read_text().splitlines()}
    assert listed == {file.path for file in plan.files}
    assert calls(root) == ["restart --no-block timepolicy-apply.service"]


@pytest.mark.parametrize("key", OS_RELEASE)
def test_it_works_for_servers_and_for_any_provisioner(key: str, root: Path) -> None:
    plan = SERVERS[key]
    install(plan, on(key, root), script=install_script(*SERVERS.values()))
    assert installed(plan, root) == {
        file.path.removeprefix("/usr")[1:]: (file.mode, file.content.encode()) for file in plan.files
    }


@pytest.mark.parametrize("key", OS_RELEASE)
def test_a_tree_gets_the_files_for_its_own_release(key: str, tmp_path: Path, shell: str) -> None:
    root = on(key, tmp_path)
    (tmp_path / "script").write_text(install_script(*PLANS.values()))
    done = run([*shell.split(), tmp_path / "script", "--root", root])
    assert (done.returncode, done.stderr) == (0, "")
    assert f'"release":"{key}"' in (root / "etc/timepolicy/node.json").read_text()


def test_os_release_of_a_tree_is_read_below_its_root_and_never_executed(tmp_path: Path, shell: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").symlink_to("/opt/os-release")
    (tmp_path / "opt").mkdir()
    text = OS_RELEASE["rocky-9"] + f"PRETTY_NAME=$(touch {tmp_path}/ran)\n"
    (tmp_path / "opt/os-release").write_text(text)
    (tmp_path / "script").write_text(install_script(*PLANS.values()))
    done = run([*shell.split(), tmp_path / "script", "--root", tmp_path])
    assert (done.returncode, done.stderr) == (0, "")
    assert '"release":"rocky-9"' in (tmp_path / "etc/timepolicy/node.json").read_text()
    assert not (tmp_path / "ran").exists()


def test_os_release_in_usr_lib_is_enough(tmp_path: Path) -> None:
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "usr/lib/os-release").write_text(OS_RELEASE["arch"])
    (tmp_path / "script").write_text(install_script(*PLANS.values()))
    assert run(["sh", tmp_path / "script", "--root", tmp_path]).returncode == 0
    assert '"release":"arch"' in (tmp_path / "etc/timepolicy/node.json").read_text()


@pytest.mark.parametrize("text", ["ID=debian\nVERSION_ID=11\n", "ID=plan9\n", ""])
def test_a_system_that_is_not_in_the_policy_gets_an_error_and_no_file(text: str, root: Path) -> None:
    on(text, root)
    done = run_script(root, "dash", boothook_script(*PLANS.values()), error="this system is not in the policy")
    assert done.returncode == 1
    assert not (root / LIST).exists()
    assert calls(root) == []


def test_an_earlier_plan_of_the_node_is_not_installed_again(root: Path, shell: str) -> None:
    on("rocky-9", root)
    script, plan = boothook_script(*PLANS.values()), PLANS["rocky-9"]
    install(plan, root, shell, script=script)
    (root / f"{LIST}.applied").write_text(f"{plan.contract.digest}\n")
    install(plan, root, shell, script=script)
    assert len(calls(root)) == 1


@pytest.mark.parametrize("keys", list(itertools.combinations(OS_RELEASE, 2)), ids="-".join)
def test_shellcheck_accepts_it(keys: tuple[str, str]) -> None:
    plans = [PLANS[key] for key in keys]
    for script in (boothook_script(*plans), install_script(*plans)):
        excluded = ["--exclude=SC1091,SC2034"] if ". /etc/os-release" in script else []  # it is the node's
        done = run([need("shellcheck"), "--shell=sh", *excluded, "-"], script)
        assert done.returncode == 0, done.stdout


def test_cloud_init_accepts_it(tmp_path: Path) -> None:
    (tmp_path / "user-data").write_bytes(FORMATS["cloud-config"].render(*PLANS.values()))
    done = run([need("cloud-init"), "schema", "--config-file", tmp_path / "user-data"])
    assert done.returncode == 0, done.stdout + done.stderr
