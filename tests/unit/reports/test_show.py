"""`timepolicy show`: golden texts of each kind of node, and every file with its content."""

import pytest

from tests.helpers.cases import TREES, agent_plan_of
from tests.helpers.command_line import MINIMAL, timepolicy
from tests.helpers.golden_files import assert_golden

NODES = {
    "client": ("examples/internal-ntp/timepolicy.yaml", "debian-12"),
    "server": ("examples/server-tier/timepolicy.yaml", "rocky-9", "--role", "server"),
    "without-agent": ("-", "flatcar"),
    "settings": ("-", "bottlerocket"),
    "options": ("tests/trees/nodes/source-options/timepolicy.yaml", "debian-12"),
}


@pytest.mark.parametrize("name", NODES)
def test_golden(name: str, update_golden: bool) -> None:
    policy, distro, *more = NODES[name]
    done = timepolicy("show", policy, "--distro", distro, *more, text=MINIMAL)
    assert done.returncode == 0
    text = done.stdout.decode()
    words = text.partition("\n==>")[0].rstrip() + "\n"
    assert_golden(TREES / f"show/{name}.txt", words, update_golden)


def test_each_file_is_there_and_the_agent_only_by_its_size() -> None:
    policy, distro = NODES["client"]
    text = timepolicy("show", policy, "--distro", distro).stdout.decode()
    with open(policy) as file:
        plan = agent_plan_of(file.read(), distro)
    for file_ in plan.files:
        content = f"(the node agent, {len(file_.content)} bytes)\n" if file_.packed else file_.content
        assert f"\n==> {file_.path} {file_.mode:04o} <==\n{content}" in text + "\n"
    assert len([file_ for file_ in plan.files if file_.packed]) == 1


ROWS = {
    "a server's certificate": ("require_authentication: true\n", ("", "only authenticated packets move the clock")),
    "the gate that starts": ("gate: {units: [a.service], on_timeout: start}\n", ("", "after 10m, it starts without")),
    "no gate": ("gate: {units: []}\n", ("gate", "holds nothing back")),
    "no step": ("step: {when: never}\n", ("steps", "never: the daemon slews the clock")),
    "holdover": ("gate: {units: [a.service], holdover: 5s}\n", ("", "without any source, while the hardware clock's")),
    "proof": (
        "gate: {units: [a.service], proof: sources}\n",
        ("gate", "a.service waits until the clock is within 100ms"),
    ),
    "no daemon": ("clients: {daemon: none}\n", ("daemon", "none")),
}


@pytest.mark.parametrize(("keys", "row"), ROWS.values(), ids=ROWS)
def test_what_a_policy_sets_is_in_words(keys: str, row: tuple[str, str]) -> None:
    text = MINIMAL + keys
    if "authentication" in keys:
        text = text.replace(
            "[ntp1.example.org, ntp2.example.org, ntp3.example.org]", "[{server: nts1.example.org, nts: true}]"
        )
    done = timepolicy("show", "-", "--distro", "debian-12", text=text)
    lines = [line.split("  ", 1) for line in done.stdout.decode().partition("\n==>")[0].splitlines()[2:]]
    rows = [(heading, words[0].strip()) for heading, *words in lines if words]
    assert any(heading == row[0] and words.startswith(row[1]) for heading, words in rows), done.stdout.decode()
