"""The script in user-data, run by real shells in a root directory: the files that it installs, to the byte."""

from pathlib import Path

from tests.helpers.cases import EXAMPLE, agent_plan_of
from tests.helpers.install_root import LIST, assert_installed, calls, install
from tests.helpers.programs import need, run
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


def test_the_next_run_completes_an_interrupted_one(root: Path) -> None:
    plan = agent_plan_of(OLD.replace("clients:\n", "clients:\n  daemon: chrony\n"))
    (root / CHRONY).parent.mkdir(parents=True)
    (root / CHRONY).write_text("pool 2.debian.pool.ntp.org iburst\n")
    cut = boothook_script(plan).partition("write $units/timepolicy-gate.service")[0] + "exit; }\n"
    install(plan, root, script=cut)
    assert (root / CHRONY).read_text() != "pool 2.debian.pool.ntp.org iburst\n"
    (root / f"{LIST}.new").write_text("")  # as a power cut may leave it
    (root / f"{LIST}.next").chmod(0o600)
    install(plan, root)
    assert_installed(plan, root)
    saved = list(root.rglob("*.before-timepolicy"))
    assert saved == [root / f"{CHRONY}.before-timepolicy"]
    assert saved[0].read_text() == "pool 2.debian.pool.ntp.org iburst\n"


def test_shellcheck_accepts_the_script() -> None:
    done = run([need("shellcheck"), "--shell=sh", "-"], boothook_script(agent_plan_of(OLD)))
    assert done.returncode == 0, done.stdout
