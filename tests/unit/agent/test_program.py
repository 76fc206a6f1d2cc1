"""The agent as a program: what it runs on, how it is called, how it is packed."""

import ast
import gzip
import os
import sys
from pathlib import Path

import pytest

from tests.helpers.cases import SERVER_EXAMPLE, file_of, plan_of
from tests.helpers.programs import run
from timepolicy.agent.packer import PROGRAMS, joined, minified, packed, program, short_names, short_parameters
from timepolicy.policy.role import Role
from timepolicy.resources import AGENT

KEYED = """\
timezone: UTC
upstreams: [{server: ntp.example.org, key: 1}]
servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16], key: 2}
authentication: {keys_file: /etc/chrony/chrony.keys}
require_authentication: true
"""
EXAMPLE = """\
import os

def entry(path, names=()):
    \"\"\"Explains itself.\"\"\"
    # so does this
    for name in names:
        if os.path.basename(path) == name:
            return {"path": path}

print(entry("/etc/hosts", ["hosts"]))
"""

each_program = pytest.mark.parametrize("name", PROGRAMS)


def content(name: str) -> str:
    return gzip.decompress((AGENT / f"{name}.py.gz").read_bytes()).decode()


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """The client's program as a file."""
    path = tmp_path / "timepolicy-node"
    path.write_text(content("client"))
    return path


@each_program
def test_it_needs_no_more_than_python_3_6(name: str, tmp_path: Path) -> None:
    path = tmp_path / "agent.py"
    path.write_text(content(name))
    done = run([Path(sys.executable).parent / "vermin", "--target=3.6-", "--violations", "--no-tips", path])
    assert done.returncode == 0, done.stdout


@each_program
def test_it_imports_the_standard_library_alone(name: str) -> None:
    imports = [node for node in ast.walk(ast.parse(program(name))) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {getattr(node, "module", None) or alias.name for node in imports for alias in node.names}
    assert len(names) > 10
    assert names <= sys.stdlib_module_names


@each_program
def test_the_packed_file_is_current(name: str) -> None:
    assert content(name) == minified(program(name)), "run `python -m timepolicy.agent.packer`"


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param(["def step(): pass", "step = 1"], id="one name twice"),
        pytest.param(["def read(): pass", "from timepolicy.agent.system import read as text"], id="an alias"),
    ],
)
def test_modules_whose_names_clash_are_not_joined(sources: list[str]) -> None:
    with pytest.raises(ValueError, match=r"two modules of the agent define \['step'\]|a name has no alias"):
        joined(sources, "Agent")


def test_a_program_has_no_method_that_its_only_subclass_replaces() -> None:
    text = joined(
        [
            "class Daemon:\n    def stop(self): print('unit')\n    def start(self): print('never')",
            "class Chronyd(Daemon):\n    def stop(self): super().stop()\n    def start(self): print('chronyd')",
        ],
        "Chronyd",
    )
    assert "unit" in text
    assert "never" not in text


def test_constants_that_are_used_once_are_written_where_they_are_used() -> None:
    text = joined(["PAUSE = 600\nPATH = '/a'\nNAMES = ('b', 'c')\nprint(PAUSE, PATH, PATH, NAMES)\n"], "Agent")
    assert text.splitlines()[:2] == ["PATH = '/a'", "print(600, PATH, PATH, ('b', 'c'))"]


def test_minified_code_is_smaller_and_does_the_same(tmp_path: Path) -> None:
    short = minified(EXAMPLE)
    assert short.splitlines()[1:] == [
        "def a(A,B=()):",
        "\tfor C in B:",
        "\t\tif os.path.basename(A)==C:return{'path':A}",
        "print(a('/etc/hosts',['hosts']))",
    ]
    for number, text in enumerate((EXAMPLE, short)):
        (tmp_path / f"{number}.py").write_text(text)
    outputs = [run([sys.executable, tmp_path / f"{number}.py"]).stdout for number in range(2)]
    assert outputs == ["{'path': '/etc/hosts'}\n"] * 2


@each_program
def test_short_names_have_no_other_meaning(name: str) -> None:
    names = short_names(ast.parse(short_parameters(program(name))))
    assert len(names) > 100
    assert len(set(names.values())) == len(names)
    assert not {"apply", "early", "gate", "wait", "verify", "status", "remove", "seal", "read", "send"} & set(names)
    nodes = list(ast.walk(ast.parse(short_parameters(program(name)))))
    others = {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.arg for node in nodes if isinstance(node, ast.arg)
    }
    assert not set(names.values()) & others


def test_the_long_name_of_each_short_one_is_printed() -> None:
    done = run([sys.executable, "-m", "timepolicy.agent.packer", "client"])
    rows = dict(line.split() for line in done.stdout.splitlines())
    assert {"wait_for_proof", "forbid_steps", "selection"} <= set(rows.values())


def test_packed_bytes_unpack_to_the_program() -> None:
    assert gzip.decompress(packed(EXAMPLE)) == EXAMPLE.encode()
    assert packed(EXAMPLE) == packed(EXAMPLE)


@each_program
def test_it_is_installed_as_it_is_packed(name: str) -> None:
    role = Role.SERVER if "server" in name else Role.CLIENT
    policy = KEYED if "authentic" in name else SERVER_EXAMPLE.read_text()
    policy += "monitoring: {textfile_dir: /var/lib/node_exporter}\n" * ("metrics" in name)
    installed = file_of(plan_of(policy, role=role), "/usr/local/sbin/timepolicy-node")
    first, rest = installed.split("\n", 1)
    assert first == "#!/usr/bin/python3 -IS"
    assert rest == content(name)


WRONG = {
    "no command": [],
    "an unknown command": ["sync"],
    "too many words": ["early", "now"],
    "too many units": ["wait", "a.service", "b.service"],
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_wrong_usage(command: Path, words: list[str]) -> None:
    done = run([sys.executable, "-IS", command, *words])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: timepolicy-node COMMAND\n")


@pytest.mark.skipif(os.path.exists("/etc/timepolicy/node.json"), reason="this machine has a contract")
def test_without_a_contract(command: Path) -> None:
    done = run([sys.executable, "-IS", command, "verify"])
    assert (done.returncode, done.stdout) == (3, "")
    assert "/etc/timepolicy/node.json" in done.stderr
