"""The agent as a program: what it runs on, how it is called, how it is packed."""

import ast
import gzip
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.cases import SERVER_EXAMPLE, file_of, plan_of
from tests.helpers.programs import run
from tests.pack_agent import PROGRAMS, program, without_docstrings
from timepolicy.policy.role import Role
from timepolicy.resources import AGENT, AUTHENTIC_AGENT, SERVER_AGENT

SOURCES = {"client": AGENT, "server": SERVER_AGENT, "authentic": AUTHENTIC_AGENT}

KEYED = """\
timezone: UTC
upstreams: [{server: ntp.example.org, key: 1}]
servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16], key: 2}
authentication: {keys_file: /etc/chrony/chrony.keys}
require_authentication: true
"""

each_source = pytest.mark.parametrize("program", SOURCES.values(), ids=SOURCES)
each_program = pytest.mark.parametrize("packed", PROGRAMS, ids=lambda packed: packed.name)


@each_source
def test_it_needs_no_more_than_python_3_6(program: Path) -> None:
    done = run([Path(sys.executable).parent / "vermin", "--target=3.6-", "--violations", "--no-tips", program])
    assert done.returncode == 0, done.stdout


@each_source
def test_it_imports_the_standard_library_alone(program: Path) -> None:
    names = re.findall(r"^(?:import|from) ([a-z]+)", program.read_text(), flags=re.MULTILINE)
    assert names
    assert set(names) <= sys.stdlib_module_names


@each_program
def test_it_is_packed_without_its_comments_and_otherwise_as_it_is(packed: Path) -> None:
    content = ast.parse(gzip.decompress(packed.read_bytes()))
    parts = [without_docstrings(source.read_text()).body for source in (AGENT, *PROGRAMS[packed])]
    expected = [*parts[0], *(statement for part in parts[1:] for statement in part[1:])]
    runs = [statement for statement in expected if isinstance(statement, ast.If)]
    hint = "run `python -m tests.pack_agent`, and commit what it writes"
    made = [ast.dump(statement) for statement in content.body[:-1]]
    assert made == [ast.dump(statement) for statement in expected if statement not in runs], hint
    assert ast.unparse(runs[-1]).endswith(ast.unparse(content.body[-1]).rpartition("\n")[2]), hint


def test_an_extension_is_installed_over_those_before_it() -> None:
    both = ast.parse(program(AUTHENTIC_AGENT, SERVER_AGENT)).body[-1]
    assert isinstance(both, ast.If)
    installed = [ast.unparse(statement).partition("(sys.modules")[0] for statement in both.body]
    assert installed == ["Authentic", "sys.exit(Server"]


def test_the_parts_of_an_agent_do_not_share_names() -> None:
    names = [name for source in SOURCES.values() for name in definitions(source.read_text())]
    assert len(names) == len(set(names)) > len(SOURCES)


def definitions(source: str) -> Iterator[str]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (ast.unparse(target) for target in node.targets)


@each_program
def test_it_is_installed_as_it_is_packed(packed: Path) -> None:
    role = Role.SERVER if SERVER_AGENT in PROGRAMS[packed] else Role.CLIENT
    policy = KEYED if AUTHENTIC_AGENT in PROGRAMS[packed] else SERVER_EXAMPLE.read_text()
    installed = file_of(plan_of(policy, role=role), "/usr/local/sbin/timepolicy-node")
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
