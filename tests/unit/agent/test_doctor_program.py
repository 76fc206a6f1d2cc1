"""The doctor as a program for nodes: what it runs on, how it is packed, and which nodes get it."""

import ast
import gzip
import sys
from pathlib import Path

import pytest

from tests.helpers.cases import agent_plan_of, compile_text, file_of
from tests.helpers.programs import run
from timepolicy.agent.doctor_packer import COMMAND, program
from timepolicy.agent.packer import minified
from timepolicy.policy.role import Role
from timepolicy.resources import AGENT

POLICY = "timezone: UTC\nupstreams: [ntp.example.org]\n"
WITH_DOCTOR = POLICY + "monitoring: {doctor: true}\n"
TIER = WITH_DOCTOR + "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16]}\n"
NODE, DOCTOR = "/usr/local/sbin/timepolicy-node", "/usr/local/sbin/timepolicy-doctor"


def content(name: str) -> str:
    return gzip.decompress((AGENT / f"{name}.py.gz").read_bytes()).decode()


def test_the_packed_files_are_current() -> None:
    assert content("doctor") == minified(program()), "run `python -m timepolicy.agent.doctor_packer`"
    assert content("doctor_command") == COMMAND


def test_it_needs_no_more_than_python_3_6(tmp_path: Path) -> None:
    path = tmp_path / "doctor.py"
    path.write_text(COMMAND + content("doctor"))
    done = run([Path(sys.executable).parent / "vermin", "--target=3.6-", "--violations", "--no-tips", path])
    assert done.returncode == 0, done.stdout


def test_it_imports_the_standard_library_alone() -> None:
    imports = [node for node in ast.walk(ast.parse(program())) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {getattr(node, "module", None) or alias.name for node in imports for alias in node.names}
    assert {"re", "subprocess", "concurrent.futures"} <= names
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_a_data_class_has_its_fields_and_defaults(tmp_path: Path) -> None:
    path = tmp_path / "doctor.py"
    path.write_text("from __future__ import annotations\n" + program())
    code = (
        "from doctor import Answer, Diagnosis, Weight\n"
        "answer, found = Answer('a', 'b', 123, leap=3), Diagnosis('id', 'cause', 'remedy')\n"
        "print(answer.host, answer.problem == '', answer.leap, answer.offset, found.weight == Weight.ERROR == 'error')"
    )
    done = run([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{code}"])
    assert (done.stderr, done.stdout) == ("", "a True 3 0.0 True\n")


@pytest.mark.parametrize("role", Role)
def test_a_policy_that_wants_it_installs_it(role: Role) -> None:
    plan = agent_plan_of(TIER, role=role)
    assert file_of(plan, DOCTOR) == f"#!/usr/bin/python3 -IS\n{content('doctor')}"
    assert file_of(plan, NODE) == f"#!/usr/bin/python3 -IS\n{COMMAND}{content(role)}"
    for file in plan.files:
        if file.packed:
            assert gzip.decompress(file.packed).decode() == file.content.partition("\n")[2]


def test_no_other_node_has_a_byte_of_it() -> None:
    plan = agent_plan_of(POLICY)
    assert DOCTOR not in [file.path for file in plan.files]
    assert "doctor" not in file_of(plan, NODE)
    assert file_of(plan, NODE) == f"#!/usr/bin/python3 -IS\n{content('client')}"


@pytest.mark.parametrize("release", ["flatcar", "talos"])
def test_a_release_without_the_agent_refuses_it(release: str) -> None:
    plan, findings = compile_text(WITH_DOCTOR, release)
    assert plan is None
    assert [finding.message for finding in findings if "doctor" in finding.message] == [
        f"{release} cannot have `timepolicy-node doctor`: on other systems, the node agent does this"
    ]


def test_an_override_decides_for_its_nodes() -> None:
    text = POLICY + "overrides: [{match: {distro: debian-12}, set: {monitoring: {doctor: true}}}]\n"
    paths = {
        release: [file.path for file in agent_plan_of(text, release).files] for release in ("debian-12", "rocky-9")
    }
    assert {release: DOCTOR in found for release, found in paths.items()} == {"debian-12": True, "rocky-9": False}
