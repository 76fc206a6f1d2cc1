"""The README and the pages that it leads to show what the program does."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, ROOT, agent_plan_of, compile_text, file_of
from tests.world.scenario import world_of
from timepolicy.cli.main import COMMANDS
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.findings.forms.text import render_text
from timepolicy.formats import FORMATS
from timepolicy.source import Source

README = (ROOT / "README.md").read_text()
BLOCK = r"^```{}\n(.*?)^```$"

MISTAKEN = """\
timezone: Asia/Shanghai
upstreams:
  - ntp.aliyun.com

gate: {units: [kubelet.service]}
clients: {daemon: crony}
"""

LATE = {
    "clock": -210 * 86400,
    "sources": [{"host": "10.2.12.11"}, {"host": "ntp.example.org"}],
    "names": {"ntp.example.org": ["10.2.12.12"]},
    "servers": {"10.2.12.11": {"silent": True}, "10.2.12.12": {"names": []}},
    "plan": [
        {"at": 30, "servers": {"10.2.12.11": {"silent": False, "stratum": 16, "leap": 3}}},
        {"at": 70, "servers": {"10.2.12.11": {"stratum": 2, "leap": 0}, "10.2.12.12": {"names": ["ntp.example.org"]}}},
    ],
}
"""A node in the simulated world: a server that is silent and then has no time, and a name that does not resolve yet."""


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def block(language: str, number: int = 0, text: str = README) -> str:
    return str(re.findall(BLOCK.format(language), text, flags=re.DOTALL | re.MULTILINE)[number])


def rows(text: str) -> list[list[str]]:
    """The rows of all tables, without emphasis and code marks."""
    plain = re.sub(r"[*`]", "", text)
    return [[cell.strip() for cell in row.split("|")] for row in re.findall(r"^\| (.*) \|$", plain, flags=re.MULTILINE)]


def measured() -> list[list[str]]:
    """The race's rows as the pages have them: seconds without a unit, and whole days."""
    results = (ROOT / "bench/boot/RESULTS.md").read_text().partition("\n## ")[0]
    cells = [[re.sub(r"^([\d.]+) s$", r"\1", cell).replace(".0 d", " days") for cell in row] for row in rows(results)]
    return [row for row in cells if row[1] in {"chrony", "systemd-timesyncd"}]


def test_it_is_short() -> None:
    """At most 500 words of text; blocks and tables are its figures."""
    text = re.sub(r"^```.*?^```$|^\|.*?$|!?\]\(.*?\)", "", README, flags=re.DOTALL | re.MULTILINE)
    assert 250 < len(re.findall(r"[^\W_][\w'.-]*", text)) <= 500


def test_its_policy_is_the_example() -> None:
    shown, kept = (agent_plan_of(text).contract for text in (block("yaml"), EXAMPLE.read_text()))
    assert replace(shown, policy=kept.policy, digest=kept.digest) == kept
    assert block("yaml").count("\n") == 8


def test_its_node_waits_in_the_agents_words(tmp_path: Path) -> None:
    world = world_of(LATE, tmp_path)
    world.run("client", "apply", seconds=200)
    started = len(world.lines)
    world.run("client", "gate", seconds=100 - world.now)
    command, *lines = block("console").splitlines()
    assert command == "$ journalctl -o cat -u timepolicy-gate"
    assert lines == [line for _, line in world.lines[started:]]


def test_its_race_is_what_was_measured() -> None:
    expected = [[name, *figures] for name, daemon, *figures in measured() if daemon == "chrony"]
    assert [row for row in rows(README) if len(row) == 5][1:] == expected
    assert len(expected) == 4


def test_the_race_of_the_comparison_is_what_was_measured() -> None:
    shown = [row for row in rows(page("comparison.md")) if row[1] in {"chrony", "systemd-timesyncd"}]
    assert shown == measured()
    assert len(shown) == 7


def test_its_command_prints_user_data() -> None:
    command = block("sh").rpartition(" && ")[2]
    program, *words = command.split()
    assert program == ".venv/bin/timepolicy"
    done = subprocess.run([sys.executable, "-m", "timepolicy", *words], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, FORMATS["cloud-config"].render(agent_plan_of(EXAMPLE.read_text())))


def test_its_other_command_runs_the_tests() -> None:
    assert block("sh", 1) == "tests/run\n"
    assert (ROOT / "tests" / "run").stat().st_mode & 0o111


def test_its_number_of_releases() -> None:
    assert f"{len(AGENT_RELEASES)}\ndistribution releases" in README


def test_the_authenticated_policy_is_right() -> None:
    plan, findings = compile_text(block("yaml", text=page("authentication.md")), "debian-12")
    assert plan is not None
    assert [finding.rule.code for finding in findings] == ["TP295"]  # Debian's image has no chrony
    assert "authselectmode require\n" in file_of(plan, "/etc/chrony/chrony.conf")


def test_the_use_as_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("timepolicy.yaml").write_bytes(EXAMPLE.read_bytes())
    exec(block("python", text=page("library.md")), {})
    assert Path("user-data").read_bytes() == FORMATS["cloud-config"].render(agent_plan_of(EXAMPLE.read_text()))


def test_the_finding_is_what_is_printed() -> None:
    findings = compile_text(MISTAKEN)[1]
    printed = render_text(findings, Source(name="timepolicy.yaml", text=MISTAKEN))
    assert block("text", text=page("commands.md")) in printed


def test_the_page_of_commands_names_every_command() -> None:
    table = page("commands.md")
    assert [name for name in COMMANDS if not re.search(rf"^\| `timepolicy {name}\b", table, flags=re.MULTILINE)] == []


def test_the_page_of_formats_names_every_format() -> None:
    table = page("formats.md")
    assert [name for name in FORMATS if f"\n| `{name}` | " not in table] == []


def test_the_list_of_pages_has_each() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    listed = set(re.findall(r"^\| \[[^]]+\]\(([^/)]+\.md)\) \|", page("README.md"), flags=re.MULTILINE))
    assert listed == pages
