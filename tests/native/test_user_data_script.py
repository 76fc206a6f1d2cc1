"""The script in user-data, run by real shells in a root directory: the files that it installs, to the byte."""

import shutil
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, agent_plan_of
from tests.helpers.install_root import ENTER, LIST, assert_installed, calls, install, run_script
from tests.helpers.programs import need, run
from tests.helpers.user_data import unpacked
from timepolicy.formats._shell import boothook_script, install_script
from timepolicy.plan.types import AgentPlan

OLD, NEW = (
    EXAMPLE.read_text(),
    EXAMPLE.read_text().replace("gate:\n  units: [containerd.service, ", "gate:\n  units: ["),
)
CHRONY = "etc/chrony/chrony.conf"


def test_every_file_is_installed_and_listed(root: Path, shell: str) -> None:
    plan = agent_plan_of(OLD)
    install(plan, root, shell)
    assert_installed(plan, root)
    assert calls(root) == ["restart --no-block timepolicy-apply.service"]
    assert not list(root.rglob("*.new"))


def test_an_earlier_plan_of_the_node_is_not_installed_again(root: Path, shell: str) -> None:
    plan = agent_plan_of(OLD)
    install(plan, root, shell)
    (root / f"{LIST}.applied").write_text(f"{plan.contract.digest}\n")
    edited = root / "etc/timepolicy/node.json"
    edited.write_text("{}")
    install(plan, root, shell)
    assert edited.read_text() == "{}"
    assert len(calls(root)) == 1


def test_another_plan_replaces_it_and_the_agent_gets_the_list_of_old_files(root: Path, shell: str) -> None:
    old, new = agent_plan_of(OLD), agent_plan_of(NEW)
    install(old, root, shell)
    install(new, root, shell)
    assert_installed(new, root)
    before = {line.split(None, 1)[1] for line in (root / f"{LIST}.old").read_text().splitlines()}
    gone = "/etc/systemd/system/containerd.service.d/50-timepolicy.conf"
    assert before - {file.path for file in new.files} == {gone}
    assert calls(root)[1:] == ["daemon-reload", "restart --no-block timepolicy-apply.service"]


def applied(plan: AgentPlan, root: Path) -> None:
    """Write what the agent writes when it has applied a plan."""
    with (root / f"{LIST}.applied").open("a") as file:
        file.write(f"{plan.contract.digest}\n")


def test_user_data_can_go_back_to_an_earlier_policy(root: Path, shell: str) -> None:
    old, new = agent_plan_of(OLD), agent_plan_of(NEW)
    for plan in (old, new, old):
        install(plan, root, shell)
        applied(plan, root)
    assert_installed(old, root)
    assert len(calls(root)) == 5  # each was started, and two came after another


def test_old_user_data_does_not_undo_a_later_policy(root: Path) -> None:
    old, new = agent_plan_of(OLD), agent_plan_of(NEW)
    install(old, root)
    applied(old, root)
    install(new, root, script=install_script(new))
    applied(new, root)
    install(old, root)
    assert_installed(new, root)


def test_a_replaced_file_is_saved_once(root: Path) -> None:
    plan = agent_plan_of(OLD.replace("clients:\n", "clients:\n  daemon: chrony\n"))
    (root / CHRONY).parent.mkdir(parents=True)
    (root / CHRONY).write_text("pool 2.debian.pool.ntp.org iburst\n")
    install(plan, root)
    install(agent_plan_of(NEW.replace("clients:\n", "clients:\n  daemon: chrony\n")), root)
    assert (root / f"{CHRONY}.before-timepolicy").read_text() == "pool 2.debian.pool.ntp.org iburst\n"
    assert not list(root.rglob("node.json.before-timepolicy"))


KILL = "sh -c 'kill -9 $PPID'\n"
"""Kills the shell that reads it, be it a subshell."""

STEPS = (
    "trap '[ $? = 0 ] || give_up' EXIT\n",
    "EOF\n)\n",
    'eval "$text"\n',
    "done >$list.next\n",
    "mv $list.next $list.old\n",
    "done <$list.stage\n",
    "rm -f $list.applied\n",
    "mv $list.stage $list.new\n",
    "done <$list.new\n",
    "mv $list.new $list\n",
    "systemctl daemon-reload\n",
)
"""Ends of steps of the script, after each of which the machine may lose its power."""


@pytest.mark.parametrize("step", STEPS)
def test_the_next_run_completes_an_interrupted_one(step: str, root: Path) -> None:
    plan = agent_plan_of(OLD.replace("clients:\n", "clients:\n  daemon: chrony\n"))
    (root / CHRONY).parent.mkdir(parents=True)
    (root / CHRONY).write_text("pool 2.debian.pool.ntp.org iburst\n")
    script = boothook_script(plan)
    script = script if step in script else unpacked(script)
    assert step in script
    killed = run_script(root, "dash", script.replace(step, f"{step}{KILL}", 1), error="Killed")
    assert killed.returncode != 0
    install(plan, root)
    assert_installed(plan, root)
    saved = list(root.rglob("*.before-timepolicy"))
    assert saved == [root / f"{CHRONY}.before-timepolicy"]
    assert saved[0].read_text() == "pool 2.debian.pool.ntp.org iburst\n"
    assert not list(root.rglob("*.timepolicy"))


def test_files_that_an_interrupted_run_had_not_replaced_are_still_those_of_others(root: Path) -> None:
    """The interrupted run had another file than the next one has; nobody removes what was there before."""
    chrony = OLD.replace("clients:\n", "clients:\n  daemon: chrony\n")
    (root / CHRONY).parent.mkdir(parents=True)
    (root / CHRONY).write_text("pool 2.debian.pool.ntp.org iburst\n")
    script = unpacked(boothook_script(agent_plan_of(chrony)))
    assert "done <$list.stage\n" in script
    run_script(root, "dash", script.replace("done <$list.stage\n", f"done <$list.stage\n{KILL}"), error="Killed")
    install(agent_plan_of(OLD.replace("clients:\n", "clients:\n  daemon: systemd-timesyncd\n")), root)
    assert (root / CHRONY).read_text() == "pool 2.debian.pool.ntp.org iburst\n"
    assert CHRONY not in (root / f"{LIST}.old").read_text()


SMALL = """
cp -a "$1" "$1.before"
mount -t tmpfs -o size={kilobytes}k small "$1"
cp -a "$1.before/." "$1"
sh -euc '{enter}' sh "$1" || status=$?
cp -a "$1/etc/." "$1.after/etc"
cp -a "$1/local/." "$1.after/local"
exit ${{status-0}}
"""


def test_a_full_disk_leaves_the_previous_policy_working(root: Path) -> None:
    """Tried with every size of the disk, from one that is full to one that holds both policies."""
    old, new = agent_plan_of(OLD), agent_plan_of(NEW)
    install(old, root)
    applied(old, root)
    (root / "script").write_text(boothook_script(new))
    outcomes = []
    for kilobytes in range(88, 240, 8):
        after = root.with_name(f"{root.name}.after")
        for folder in ("etc", "local"):
            (after / folder).mkdir(parents=True)
        enter = ENTER.format(shell="dash", arguments="")
        done = run(
            [need("unshare"), "--mount", "sh", "-euc", SMALL.format(kilobytes=kilobytes, enter=enter), "sh", root]
        )
        outcomes.append(done.returncode)
        if done.returncode:
            assert "timepolicy: the policy was not installed" in done.stderr
        assert_installed(old if done.returncode else new, after)
        assert not list(after.rglob("*.timepolicy")) + list(after.rglob("*.before-timepolicy"))
        shutil.rmtree(after)
        shutil.rmtree(root.with_name(f"{root.name}.before"))
    assert outcomes[0] != 0
    assert outcomes[-1] == 0
    assert outcomes == sorted(outcomes, reverse=True)


def test_shellcheck_accepts_the_script() -> None:
    done = run([need("shellcheck"), "--shell=sh", "-"], boothook_script(agent_plan_of(OLD)))
    assert done.returncode == 0, done.stdout
