"""Prometheus's own tool reads the metrics, and the documentation explains each of them."""

import re

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.programs import need, run
from timepolicy.agent.metrics import metrics, state_of

REPORT = {
    "policy": "prod",
    "digest": "0123456789abcdef",
    "release": "debian-12",
    "role": "client",
    "verdict": "fail",
    "time": 1_795_000_000.25,
    "checks": [
        {"id": "timezone", "verdict": "pass", "seen": "", "expected": "", "hint": ""},
        {"id": "offset", "verdict": "fail", "seen": "", "expected": "", "hint": ""},
    ],
    "sources": [
        {"source": "ntp.example.org", "address": "192.0.2.1", "offset": 0.001, "problem": None},
        {"source": "ntp.example.org", "address": "192.0.2.1", "offset": 0.002, "problem": None},
        {"source": 'a"b\\c', "address": "", "offset": None, "problem": "name does not resolve (no answer from DNS)"},
    ],
}
GATE = {"opened": "holdover", "waited": 12.5, "offset": -0.25, "error": 0.01, "stepped": 3600.0, "holdover": 2.5}


def test_promtool_accepts_them() -> None:
    text = metrics(REPORT, GATE, "chrony", 2)
    done = run([need("promtool"), "check", "metrics"], text)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_promtool_accepts_those_of_a_node_that_has_measured_nothing() -> None:
    text = metrics({**REPORT, "checks": [], "sources": []}, {}, "none", 0)
    done = run([need("promtool"), "check", "metrics"], text)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_their_values() -> None:
    lines = metrics(REPORT, GATE, "chrony", 2).splitlines()
    identity = 'daemon="chrony",policy="prod",digest="0123456789abcdef",release="debian-12",role="client"'
    assert [line for line in lines if not line.startswith("#")] == [
        f"timepolicy_info{{{identity}}} 1",
        "timepolicy_pass 0",
        'timepolicy_check_pass{check="timezone"} 1',
        'timepolicy_check_pass{check="offset"} 0',
        "timepolicy_verification_time_seconds 1795000000.25",
        "timepolicy_offset_seconds 0.25",
        "timepolicy_offset_error_seconds 0.01",
        'timepolicy_source_offset_seconds{source="ntp.example.org",address="192.0.2.1"} 0.002',
        'timepolicy_sources{state="answers"} 2',
        'timepolicy_sources{state="unsynchronised"} 0',
        'timepolicy_sources{state="refused"} 0',
        'timepolicy_sources{state="no answer"} 0',
        'timepolicy_sources{state="does not resolve"} 1',
        "timepolicy_daemons_running 2",
        'timepolicy_gate_open{by="holdover"} 1',
        "timepolicy_gate_wait_seconds 12.5",
        "timepolicy_clock_step_seconds 3600.0",
        "timepolicy_holdover_bound_seconds 2.5",
    ]


def test_a_node_that_has_just_booted_has_stepped_nothing_and_holds_nothing_over() -> None:
    lines = metrics(REPORT, {}, "chrony", 1).splitlines()
    assert "timepolicy_clock_step_seconds 0" in lines
    assert "timepolicy_holdover_bound_seconds 0" in lines


@pytest.mark.parametrize(
    ("problem", "state"),
    [
        (None, "answers"),
        ("no answer on UDP 123", "no answer"),
        ("answered, but unsynchronised (stratum 0, leap 3)", "unsynchronised"),
        ("answer refused (RATE)", "refused"),
        ("name does not resolve (no answer from DNS)", "does not resolve"),
    ],
)
def test_the_state_of_a_source(problem: str | None, state: str) -> None:
    assert state_of(problem) == state


def test_the_documentation_explains_each() -> None:
    text = (ROOT / "docs/verification.md").read_text()
    named = set(re.findall(r"^\| `(timepolicy_\w+)", text, flags=re.MULTILINE))
    assert named == set(re.findall(r"# TYPE (\w+) gauge", metrics(REPORT, GATE, "chrony", 2)))


def test_the_documentation_explains_each_check() -> None:
    text = (ROOT / "docs/verification.md").read_text().partition("## Checks")[2].partition("## Metrics")[0]
    schema = (ROOT / "schemas/report.schema.json").read_text()
    ids = re.search(r'"Which check.*?"enum": \[(.*?)\]', schema, flags=re.DOTALL)
    assert ids is not None
    assert set(re.findall(r"^\| `([\w-]+)`", text, flags=re.MULTILINE)) == set(re.findall(r'"([\w-]+)"', ids[1]))
