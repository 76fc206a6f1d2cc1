"""The README shows what the program does."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, ROOT, agent_plan_of, compile_text, file_of
from timepolicy.cli.main import COMMANDS
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.findings.forms.text import render_text
from timepolicy.formats import FORMATS
from timepolicy.source import Source

README = (ROOT / "README.md").read_text()

MISTAKEN = """\
timezone: Asia/Shanghai
upstreams:
  - ntp.aliyun.com

gate: {units: [kubelet.service]}
clients: {daemon: crony}
"""


def block(language: str, number: int = 0) -> str:
    return str(re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)[number])


def test_its_policy_is_the_example() -> None:
    shown, kept = (agent_plan_of(text).contract for text in (block("yaml"), EXAMPLE.read_text()))
    assert replace(shown, policy=kept.policy, digest=kept.digest) == kept


def test_its_authenticated_policy_is_right() -> None:
    plan, findings = compile_text(block("yaml", 1), "debian-12")
    assert plan is not None
    assert [finding.rule.code for finding in findings] == ["TP295"]  # Debian's image has no chrony
    assert "authselectmode require\n" in file_of(plan, "/etc/chrony/chrony.conf")


def test_its_use_as_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("timepolicy.yaml").write_bytes(EXAMPLE.read_bytes())
    exec(block("python"), {})
    assert Path("user-data").read_bytes() == FORMATS["cloud-config"].render(agent_plan_of(EXAMPLE.read_text()))


def test_its_finding_is_what_is_printed() -> None:
    findings = compile_text(MISTAKEN)[1]
    printed = render_text(findings, Source(name="timepolicy.yaml", text=MISTAKEN))
    assert block("text") in printed


def test_its_commands_name_files_that_exist() -> None:
    commands = block("sh", 0) + block("sh", 1)
    assert "examples/internal-ntp/timepolicy.yaml" in commands
    assert EXAMPLE.is_file()
    assert "tests/run" in commands
    assert (ROOT / "tests" / "run").stat().st_mode & 0o111


def test_it_names_every_command() -> None:
    assert [name for name in COMMANDS if f"`timepolicy {name}" not in README] == []


def test_it_names_every_format() -> None:
    for name in FORMATS:
        assert f"\n| `{name}` | " in README


def test_its_number_of_releases() -> None:
    assert f"{len(AGENT_RELEASES)} distribution releases" in README
