"""The script for any provisioner and the archive for images, run by real shells and tar: their files, to the byte."""

import hashlib
import stat
import subprocess
from pathlib import Path

import pytest

from tests.helpers.cases import agent_plan_of
from tests.helpers.install_root import LIST, NEW, OLD, PLANS, assert_installed, calls, install
from tests.helpers.programs import need, run
from timepolicy.formats import FORMATS
from timepolicy.formats._shell import image_script
from timepolicy.formats.rootfs import tree
from timepolicy.plan.types import AgentPlan

CHRONY = "clients:\n  daemon: chrony\n"
DIGESTS = f"{LIST}.applied"


def install_into(plan: AgentPlan, root: Path, shell: str = "dash") -> subprocess.CompletedProcess[str]:
    """Install `plan` into a directory tree, as the build of an image does."""
    script = root.parent / f"{root.name}.sh"
    script.write_text(image_script(plan))
    return run([*shell.split(), script, "--root", root])


def contents(root: Path) -> dict[str, tuple[int, bytes | str]]:
    """Each file's mode and content, each link's target."""
    return {
        str(path.relative_to(root)): (0o777, str(path.readlink()))
        if path.is_symlink()
        else (stat.S_IMODE(path.stat().st_mode), path.read_bytes())
        for path in root.rglob("*")
        if path.is_symlink() or path.is_file()
    }


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A tree with a file in it, at a path with a space."""
    folder = tmp_path / "an image"
    (folder / "etc/chrony").mkdir(parents=True)
    (folder / "etc/hostname").write_text("image\n")
    return folder


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_the_script_and_the_archive_leave_the_same_tree(
    plan: AgentPlan, image: Path, shell: str, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    (other / "etc/chrony").mkdir(parents=True)
    (other / "etc/hostname").write_text("image\n")
    (tmp_path / "plan.tar").write_bytes(FORMATS["rootfs"].render(plan))
    done = run(["tar", "-C", other, "-xf", tmp_path / "plan.tar"])
    assert done.returncode == 0, done.stderr
    done = install_into(plan, image, shell)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert contents(image) == contents(other)
    assert f"{LIST}.old" not in contents(image)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_an_image_has_every_file_their_list_and_the_unit_for_the_first_boot(plan: AgentPlan, image: Path) -> None:
    install_into(plan, image)
    files = contents(image)
    assert {f"/{path}" for path in files} - {"/etc/hostname"} == {entry.path for entry in tree(plan)}
    installed = (*plan.files, *plan.image_files)
    for file in installed:
        assert files[file.path[1:]] == (file.mode, file.content.encode())
    listed = dict(line.split(None, 1)[::-1] for line in (image / LIST).read_text().splitlines())
    link = f"/etc/systemd/system/multi-user.target.wants/{plan.start_unit}"
    assert listed.pop(link) == "made"
    assert listed == {file.path: hashlib.sha256(file.content.encode()).hexdigest() for file in installed}
    assert (image / link[1:]).resolve() == image / f"etc/systemd/system/{plan.start_unit}"


def test_into_a_tree_twice_is_the_same_as_once(image: Path, shell: str) -> None:
    install_into(PLANS["timesyncd"], image, shell)
    once = contents(image)
    install_into(PLANS["timesyncd"], image, shell)
    assert contents(image) == once


def test_another_plan_in_a_tree_lists_what_the_agent_has_to_remove(image: Path, shell: str) -> None:
    install_into(agent_plan_of(OLD), image, shell)
    install_into(agent_plan_of(NEW), image, shell)
    gone = "/etc/systemd/system/containerd.service.d/50-timepolicy.conf"
    assert [line.split(None, 1)[1] for line in (image / f"{LIST}.old").read_text().splitlines()] == [gone]


def test_replaced_files_of_a_tree_are_saved(image: Path) -> None:
    plan = agent_plan_of(OLD.replace("clients:\n", CHRONY))
    (image / "etc/chrony/chrony.conf").write_text("pool 2.debian.pool.ntp.org iburst\n")
    install_into(plan, image)
    install_into(plan, image)
    assert (image / "etc/chrony/chrony.conf.before-timepolicy").read_text() == "pool 2.debian.pool.ntp.org iburst\n"
    assert "10.2.12.11" in (image / "etc/chrony/chrony.conf").read_text()


LINKS = {"usr/local": "../var/usrlocal", "etc/systemd": "/srv/systemd", "etc/timepolicy": "/srv/../srv/list"}
"""Relative to the tree's root; for a program of the host, the last two lead out of the tree."""


def test_links_are_followed_as_the_trees_own_system_would(image: Path, shell: str) -> None:
    for name, target in LINKS.items():
        (image / name).parent.mkdir(parents=True, exist_ok=True)
        (image / name).symlink_to(target)
    plan = PLANS["timesyncd"]
    done = install_into(plan, image, shell)
    assert (done.returncode, done.stderr) == (0, "")
    files = contents(image)
    assert files["var/usrlocal/sbin/timepolicy-node"][0] == 0o755
    assert "srv/systemd/system/timepolicy-gate.service" in files
    assert f" {plan.files[0].path}\n" in (image / "srv/list/files").read_text()
    assert not Path("/srv/systemd").exists()


def test_a_link_in_place_of_a_temporary_file_is_not_followed(image: Path, shell: str, tmp_path: Path) -> None:
    victim, plan = tmp_path / "victim", PLANS["timesyncd"]
    victim.write_text("mine")
    new = image / f"{plan.files[0].path[1:]}.timepolicy"
    new.parent.mkdir(parents=True)
    new.symlink_to(victim)
    assert install_into(plan, image, shell).returncode == 0
    assert victim.read_text() == "mine"


def test_a_loop_of_links_is_an_error(image: Path, shell: str) -> None:
    (image / "usr").mkdir()
    (image / "usr/local").symlink_to("local")
    done = install_into(PLANS["timesyncd"], image, shell)
    assert done.returncode == 3
    assert "too many levels of symbolic links" in done.stderr


def test_a_replaced_link_is_saved(image: Path, shell: str) -> None:
    (image / "etc/chrony/chrony.conf").symlink_to("/opt/site-chrony.conf")
    install_into(agent_plan_of(OLD.replace("clients:\n", CHRONY)), image, shell)
    assert str((image / "etc/chrony/chrony.conf.before-timepolicy").readlink()) == "/opt/site-chrony.conf"


STEPS = (
    "list_old_files\n",
    "save_others\n",
    'mv "$list.stage" "$list.new"\n',
    "replace\n",
    'mv "$list.new" "$list"\n',
    "shorten_old_list\n",
)
"""Lines of the script, after each of which it may be killed."""


@pytest.mark.parametrize("step", STEPS)
def test_a_replaced_file_survives_an_interruption_at_any_step(step: str, image: Path) -> None:
    plan = agent_plan_of(OLD.replace("clients:\n", CHRONY))
    original, saved = image / "etc/chrony/chrony.conf", image / "etc/chrony/chrony.conf.before-timepolicy"
    original.write_text("mine")
    head, found, tail = image_script(plan).rpartition(f"\n{step}")
    assert found
    killed = run(["sh", "-c", f"{head}{found}kill -9 $$\n{tail}", "sh", "--root", image])
    assert killed.returncode == -9
    assert original.read_text() == "mine" or saved.read_text() == "mine"
    install_into(plan, image)
    assert saved.read_text() == "mine"
    files = contents(image)
    assert [name for name in files if name.endswith((".timepolicy", ".next", ".stage", ".new"))] == []
    for file in plan.files:
        assert files[file.path[1:]] == (file.mode, file.content.encode())


@pytest.mark.parametrize("name", ["files", "files.old", "files.new", "files.next", "files.stage", "files.applied"])
def test_no_link_among_our_own_files_leads_out_of_the_tree(name: str, image: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("root:hash-of-the-host\n")
    (image / "etc/timepolicy").mkdir()
    (image / "etc/timepolicy" / name).symlink_to(victim)
    assert install_into(PLANS["timesyncd"], image).returncode == 0
    assert victim.read_text() == "root:hash-of-the-host\n"
    assert not any("hash-of-the-host" in str(content) for _, content in contents(image).values())


@pytest.mark.parametrize("program", ["base64", "gzip", "sha256sum"])
def test_without_a_program_that_it_needs_it_installs_nothing(program: str, image: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name in {"base64", "gzip", "sha256sum", "mkdir", "cat", "id", "readlink"} - {program}:
        (tmp_path / "bin" / name).symlink_to(need(name))
    (tmp_path / "script").write_text(image_script(PLANS["timesyncd"]))
    done = run(["env", f"PATH={tmp_path}/bin", "/bin/sh", tmp_path / "script", "--root", image])
    assert (done.returncode, done.stderr) == (3, f"{program} is missing\n")
    assert set(contents(image)) == {"etc/hostname"}


@pytest.mark.parametrize("arguments", [["--rot", "/no"], ["--root"], ["--root", ""], ["/no"], ["--root", "/no", "x"]])
def test_other_arguments_are_wrong_usage(arguments: list[str], shell: str, tmp_path: Path) -> None:
    (tmp_path / "script").write_text(image_script(PLANS["timesyncd"]))
    done = run([*shell.split(), tmp_path / "script", *arguments])
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: " in done.stderr


def test_a_missing_tree_is_not_created(tmp_path: Path, shell: str) -> None:
    done = install_into(PLANS["timesyncd"], tmp_path / "missing", shell)
    assert (done.returncode, done.stdout) == (3, "")
    assert not (tmp_path / "missing").exists()


def test_on_a_node_it_installs_and_starts_the_agent(root: Path, shell: str) -> None:
    plan = agent_plan_of(OLD)
    install(plan, root, shell, script=image_script(plan))
    assert_installed(plan, root, plan.image_files)
    assert calls(root) == ["daemon-reload", "restart --no-block timepolicy-apply.service"]
    assert not (root / f"{LIST}.old").exists()
    assert not list(root.rglob("*.new")) + list(root.rglob("*.next"))


def test_on_a_node_that_has_the_plan_it_does_nothing(root: Path, shell: str) -> None:
    plan = agent_plan_of(OLD)
    install(plan, root, shell, script=image_script(plan))
    (root / DIGESTS).write_text(f"0123456789abcdef\n{plan.contract.digest}\n")
    install(plan, root, shell, script=image_script(plan))
    assert len(calls(root)) == 2


def test_a_node_from_which_the_plan_was_removed_gets_it_by_the_script_and_not_by_the_same_user_data(root: Path) -> None:
    """cloud-init runs user-data at each boot; the script runs because somebody wants it to."""
    plan = agent_plan_of(OLD)
    (root / DIGESTS).parent.mkdir(parents=True)
    (root / DIGESTS).write_text(f"{plan.contract.digest}\nremoved\n")
    install(plan, root)
    assert not (root / LIST).exists()
    assert calls(root) == []
    install(plan, root, script=image_script(plan))
    assert_installed(plan, root, plan.image_files)


def test_on_a_node_with_the_plan_from_user_data_it_adds_the_files_for_images(root: Path) -> None:
    plan = agent_plan_of(OLD)
    install(plan, root)
    (root / DIGESTS).write_text(f"{plan.contract.digest}\n")
    install(plan, root, script=image_script(plan))
    assert_installed(plan, root, plan.image_files)


@pytest.mark.parametrize("damage", ["edited", "removed", "interrupted", "all removed"])
def test_on_a_node_that_lost_a_part_of_the_plan_it_installs_the_plan_again(damage: str, root: Path, shell: str) -> None:
    plan = agent_plan_of(OLD)
    install(plan, root, shell, script=image_script(plan))
    (root / DIGESTS).write_text(f"{plan.contract.digest}\n")
    unit = root / "etc/systemd/system/timepolicy-gate.service"
    if damage == "edited":
        unit.write_text("something else")
    elif damage == "removed":
        unit.unlink()
    elif damage == "interrupted":
        (root / f"{LIST}.new").touch()
    else:
        (root / LIST).unlink()
    install(plan, root, shell, script=image_script(plan))
    assert_installed(plan, root, plan.image_files)
    assert not (root / f"{LIST}.new").exists()


def test_a_node_can_go_back_to_an_earlier_policy(root: Path) -> None:
    old, new = agent_plan_of(OLD), agent_plan_of(NEW)
    for plan in (old, new, old):
        install(plan, root, script=image_script(plan))
        with (root / DIGESTS).open("a") as file:
            file.write(f"{plan.contract.digest}\n")
    assert_installed(old, root, old.image_files)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_shellcheck_accepts_the_script(plan: AgentPlan) -> None:
    done = run([need("shellcheck"), "--shell=sh", "-"], image_script(plan))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_a_container_image_gets_the_same_tree(plan: AgentPlan, root: Path) -> None:
    """A shell runs the steps of the Containerfile, parsed as the Dockerfile reference says, in a root directory."""
    lines = FORMATS["containerfile"].render(plan).decode().splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith("RUN sh -s"))
    assert lines[start] == "RUN sh -s -- --root / <<'TIMEPOLICY'\n"
    assert lines.index("TIMEPOLICY\n") == len(lines) - 1
    steps = [line for line in lines[:start] if not line.startswith("#")]
    installs = [f"RUN {plan.install}\n"] if plan.install else []
    assert steps == ["ARG BASE\n", "FROM $BASE\n", *installs]
    install(plan, root, script="".join(lines[start + 1 : -1]), arguments="--root /")
    assert_installed_for_first_boot(plan, root)


def assert_installed_for_first_boot(plan: AgentPlan, root: Path) -> None:
    for entry in tree(plan):
        path = root / entry.path.removeprefix("/usr")[1:]
        assert (str(path.readlink()) if path.is_symlink() else path.read_bytes()) == (entry.target or entry.content)
    assert calls(root) == []
