"""The agent as a program: what it runs on, how it is called, how it is packed."""

import ast
import gzip
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases import SERVER_EXAMPLE, file_of, plan_of
from tests.pack_agent import without_docstrings
from tests.programs import need, run
from timepolicy.policy.model import Role
from timepolicy.resources import AGENT, PACKED_AGENT, PACKED_SERVER_AGENT, SERVER_AGENT


@pytest.mark.parametrize("program", [AGENT, SERVER_AGENT], ids=["client", "server"])
def test_it_needs_no_more_than_python_3_6(program: Path) -> None:
    done = run([need("vermin"), "--target=3.6-", "--violations", "--no-tips", program])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("program", [AGENT, SERVER_AGENT], ids=["client", "server"])
def test_it_imports_the_standard_library_alone(program: Path) -> None:
    names = re.findall(r"^(?:import|from) ([a-z]+)", program.read_text(), flags=re.MULTILINE)
    assert names
    assert set(names) <= sys.stdlib_module_names


def test_what_a_server_does_besides_is_packed_behind_the_agent() -> None:
    packed = ast.parse(gzip.decompress(PACKED_SERVER_AGENT.read_bytes()))
    parts = [without_docstrings(program.read_text()).body for program in (AGENT, SERVER_AGENT)]
    both = ast.Module([*parts[0][:-1], *parts[1][1:]], [])
    hint = "run `python -m tests.pack_agent`, and commit what it writes"
    assert ast.dump(packed) == ast.dump(both), hint


def test_the_two_parts_of_a_servers_agent_do_not_share_names() -> None:
    names = [set(definitions(program.read_text())) for program in (AGENT, SERVER_AGENT)]
    assert all(names)
    assert names[0].isdisjoint(names[1])


def definitions(source: str) -> Iterator[str]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (ast.unparse(target) for target in node.targets)


def test_it_is_packed_without_its_comments_and_otherwise_as_it_is() -> None:
    packed = ast.parse(gzip.decompress(PACKED_AGENT.read_bytes()))
    hint = "run `python -m tests.pack_agent`, and commit what it writes"
    assert ast.dump(packed) == ast.dump(without_docstrings(AGENT.read_text())), hint


@pytest.mark.parametrize(("role", "packed"), [(Role.CLIENT, PACKED_AGENT), (Role.SERVER, PACKED_SERVER_AGENT)])
def test_it_is_installed_as_it_is_packed(role: Role, packed: Path) -> None:
    installed = file_of(plan_of(SERVER_EXAMPLE.read_text(), role=role), "/usr/local/sbin/timepolicy-node")
    first, rest = installed.split("\n", 1)
    assert first == "#!/usr/bin/python3 -IS"
    assert rest.encode() == gzip.decompress(packed.read_bytes())


@pytest.mark.parametrize(
    ("words", "status"),
    {"no verb": ([], 2), "unknown verb": (["sync"], 2), "too many words": (["early", "now"], 2)}.values(),
    ids=["no verb", "unknown verb", "too many words"],
)
def test_wrong_usage(words: list[str], status: int) -> None:
    done = run([sys.executable, "-IS", AGENT, *words])
    assert (done.returncode, done.stdout) == (status, "")
    assert "timepolicy-node VERB" in done.stderr


@pytest.mark.skipif(os.path.exists("/etc/timepolicy/node.json"), reason="this machine has a contract")
def test_without_a_contract() -> None:
    done = run([sys.executable, "-IS", AGENT, "verify"])
    assert (done.returncode, done.stdout) == (3, "")
    assert "/etc/timepolicy/node.json" in done.stderr
