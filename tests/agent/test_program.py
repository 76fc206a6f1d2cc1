"""The agent as a program: what it runs on, how it is called, how it is packed."""

import ast
import gzip
import os
import re
import sys

import pytest

from tests.cases import EXAMPLE, file_of, plan_of
from tests.pack_agent import without_docstrings
from tests.programs import need, run
from timepolicy.resources import AGENT, PACKED_AGENT


def test_it_needs_no_more_than_python_3_6() -> None:
    done = run([need("vermin"), "--target=3.6-", "--violations", "--no-tips", AGENT])
    assert done.returncode == 0, done.stdout


def test_it_imports_the_standard_library_alone() -> None:
    names = re.findall(r"^(?:import|from) ([a-z]+)", AGENT.read_text(), flags=re.MULTILINE)
    assert names
    assert set(names) <= sys.stdlib_module_names


def test_it_is_packed_without_its_comments_and_otherwise_as_it_is() -> None:
    packed = ast.parse(gzip.decompress(PACKED_AGENT.read_bytes()))
    hint = "run `python -m tests.pack_agent`, and commit what it writes"
    assert ast.dump(packed) == ast.dump(without_docstrings(AGENT.read_text())), hint


def test_it_is_installed_as_it_is_packed() -> None:
    installed = file_of(plan_of(EXAMPLE.read_text()), "/usr/local/sbin/timepolicy-node")
    first, rest = installed.split("\n", 1)
    assert first == "#!/usr/bin/python3 -IS"
    assert rest.encode() == gzip.decompress(PACKED_AGENT.read_bytes())


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
