"""The files of `timepolicy monitoring`, to the byte: tests/trees/monitoring has a folder for each policy."""

import re
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT, TREES
from tests.helpers.command_line import MINIMAL, policy_file, timepolicy
from tests.helpers.golden_files import assert_golden

GOLDEN = TREES / "monitoring"
OPTIONS = ("--selector", 'job=~"node|node-exporter", env!="test"', "--cluster-label", "site")
CASES: dict[str, tuple[str, ...]] = {"agent": (), "without-agent": (), "overrides": OPTIONS}


def written(name: str, folder: Path) -> dict[str, str]:
    done = timepolicy("monitoring", str(GOLDEN / name / "timepolicy.yaml"), *CASES[name], "-o", str(folder))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str, tmp_path: Path, update_golden: bool) -> None:
    files = written(name, tmp_path / "out")
    for path, text in files.items():
        if update_golden:
            (GOLDEN / name / path).parent.mkdir(parents=True, exist_ok=True)
        assert_golden(GOLDEN / name / path, text, update_golden)
    kept = {str(path.relative_to(GOLDEN / name)) for path in (GOLDEN / name).rglob("*") if path.is_file()}
    assert kept == {*files, "timepolicy.yaml"}
    assert written(name, tmp_path / "out") == files


def test_the_defaults_are_those_of_the_schema(tmp_path: Path) -> None:
    implicit = timepolicy("monitoring", policy_file(tmp_path, MINIMAL)).stdout
    text = MINIMAL + "monitoring: {warn_offset: 30s, critical_offset: 120s}\n"
    assert timepolicy("monitoring", policy_file(tmp_path, text)).stdout == implicit
    assert implicit.count(b" > 30\n") + implicit.count(b" > 120\n") == 5


def test_without_a_folder_it_prints_the_rules(tmp_path: Path) -> None:
    done = timepolicy("monitoring", str(GOLDEN / "agent/timepolicy.yaml"))
    assert (done.returncode, done.stdout) == (0, (GOLDEN / "agent/rules.yaml").read_bytes())
    assert not list(tmp_path.iterdir())


def test_each_alert_has_a_section_that_its_runbook_leads_to() -> None:
    text = (GOLDEN / "agent/rules.yaml").read_text()
    pages = set(re.findall(r"runbook_url: https://github.com/timepolicy/timepolicy/blob/main/docs/(\S+)", text))
    headings = re.findall(r"^### (Timepolicy\w+)$", (ROOT / "docs/alerts.md").read_text(), flags=re.MULTILINE)
    assert pages == {f"alerts.md#{heading.lower()}" for heading in headings}
    assert set(headings) == set(re.findall(r"alert: (\w+)", text))
    assert len(headings) == 18


def test_no_recorded_offset_asks_for_the_time_of_an_expression() -> None:
    """`timestamp()` gives the time of the scrape only directly on a selector."""
    text = (GOLDEN / "overrides/rules.yaml").read_text()
    assert re.findall(r"timestamp\((.*?)\)", text) == ['node_time_seconds{job=~"node|node-exporter", env!="test"}']


WRONG_SELECTORS = {
    "job": "'job' is no list of matchers",
    'job="a" b="c"': '\'job="a" b="c"\' is no list of matchers',
    'job=~"("': "'(' is no regular expression",
    'job="a", job="b"': "the tests of the rules need a value of `job`",
    'job=~"[0-9]+"': "the tests of the rules need a value of `job`",
    'instance="n1:9100"': "it matches single nodes",
}


@pytest.mark.parametrize(("selector", "text"), WRONG_SELECTORS.items(), ids=WRONG_SELECTORS)
def test_a_wrong_selector_is_a_wrong_command_line(selector: str, text: str, tmp_path: Path) -> None:
    done = timepolicy("monitoring", policy_file(tmp_path, MINIMAL), "--selector", selector)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"--selector: {text}" in done.stderr.decode()


def test_a_wrong_label_is_a_wrong_command_line(tmp_path: Path) -> None:
    done = timepolicy("monitoring", policy_file(tmp_path, MINIMAL), "--cluster-label", "a-b")
    assert (done.returncode, b"'a-b' is not the name of a label" in done.stderr) == (2, True)


def test_the_policy_is_not_replaced_and_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(MINIMAL)
    done = timepolicy("monitoring", str(tmp_path / "rules.yaml"), "-o", str(tmp_path))
    assert (done.returncode, (tmp_path / "rules.yaml").read_text()) == (2, MINIMAL)
    done = timepolicy("monitoring", str(tmp_path / "rules.yaml"), "-o", str(tmp_path / "rules.yaml"))
    assert (done.returncode, done.stderr.endswith(b"rules.yaml: File exists\n")) == (3, True)


def test_a_wrong_policy_writes_nothing(tmp_path: Path) -> None:
    text = MINIMAL + "monitoring: {warn_offset: 2m, critical_offset: 1m}\n"
    done = timepolicy("monitoring", policy_file(tmp_path, text), "-o", str(tmp_path / "out"))
    assert (done.returncode, b"error[TP091]" in done.stderr, (tmp_path / "out").exists()) == (1, True, False)
