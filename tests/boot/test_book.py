import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.boot.lab import book
from tests.boot.lab.book import Entry
from tests.boot.lab.image import GuestKind
from tests.boot.lab.result import BootResult, Start
from tests.boot.lab.scenario import BootPlan, Run, Step, load_scenario

GUEST = GuestKind("bookworm", "chrony")
CHANGED = "tests/boot/policies/cluster-changed.yaml"
RESULT = BootResult(
    scenario="paused",
    suite="bookworm",
    client="chrony",
    clock="now",
    condition_met=True,
    start_error_s=-10.0,
    end_error_s=0.0,
    end_flag_clear=True,
    end_at_s=60.0,
    right_at_s=19.75,
    flag_cleared_at_s=None,
    route_at_s=20.0,
    first_ntp_packet_at_s=20.5,
    answers_began_at_s=20.5,
    starts=[Start("containerd", 26.5, 0.0, True), Start("kubelet", 27.0, -0.0121, True)],
    ntp_packets={},
    blocked=None,
    afterwards=[],
    login=True,
    report={
        "versions": "chrony\t4.3-2\nsystemd-timesyncd\t",
        "file /run/timepolicy/report.json": '{"verdict": "pass"}',
    },
    console="",
)


def _run(guest: GuestKind = GUEST, *boots: BootPlan) -> Run:
    return Run(replace(load_scenario("paused"), boots=list(boots) or [BootPlan()]), guest)


def _entry(*broken: str) -> Entry:
    made = book.entry(_run(), [RESULT], [list(broken)])
    return replace(made, date="2026-01-02", commit="abc")


def test_an_entry_has_the_figures_of_each_boot_since_the_first_route() -> None:
    made = _entry()
    assert (made.run, made.passed) == ("paused/bookworm/chrony", True)
    assert made.rows == [["1", "-0.2", "-", "7.0", "-0.012 s", "as expected, pass"]]


def test_an_entry_says_what_was_broken_by_the_first_line_of_each_sentence() -> None:
    made = _entry("it did not print 'x', but:\ny", "two")
    assert not made.passed
    assert made.rows[0][-1] == "**broken**: it did not print 'x', but:; two"


def test_a_boot_that_a_power_cut_ended_has_no_verdict() -> None:
    cut = replace(RESULT, starts=[], right_at_s=None, report={})
    assert book.entry(_run(), [cut], [[]]).rows == [["1", "-", "-", "-", "-", "as expected"]]


def test_an_entry_is_tmp_path_the_place_of_the_last_one(tmp_path: Path) -> None:
    book.save(_entry("bad"), [_run()], tmp_path)
    assert not book.entries(tmp_path)["paused/bookworm/chrony"].passed
    book.save(_entry(), [_run()], tmp_path)
    assert book.entries(tmp_path) == {"paused/bookworm/chrony": _entry()}
    assert (tmp_path / "RESULTS.md").read_text() == book.as_markdown({"paused/bookworm/chrony": _entry()})


def test_a_run_that_is_no_more_is_forgotten(tmp_path: Path) -> None:
    book.save(_entry(), [_run()], tmp_path)
    book.save(replace(_entry(), run="paused/trixie/chrony"), [_run(GuestKind("trixie", "chrony"))], tmp_path)
    (left,) = json.loads((tmp_path / "results.json").read_text())
    assert left["run"] == "paused/trixie/chrony"


def test_the_page_has_the_runs_and_the_circumstances() -> None:
    lines = book.as_markdown({"paused/bookworm/chrony": _entry()}).splitlines()
    assert "| paused | bookworm, chrony | 1 | -0.2 | - | 7.0 | -0.012 s | as expected, pass |" in lines
    assert "1 of 1 runs as expected; 0 not run yet." in lines
    assert "- dates: 2026-01-02" in lines
    assert "- timepolicy: abc" in lines
    assert "- bookworm: chrony 4.3-2" in lines


def test_the_page_says_what_did_not_run_and_why() -> None:
    lines = book.as_markdown({"paused/bookworm/chrony": None}).splitlines()
    assert "| paused | bookworm, chrony |  |  |  |  |  | not run yet |" in lines
    assert "0 of 1 runs as expected; 1 not run yet." in lines
    reason = load_scenario("pool-with-a-liar").not_applicable["systemd-timesyncd"]
    assert f"| pool-with-a-liar | trixie, systemd-timesyncd | {reason} |" in lines


@pytest.mark.parametrize(
    "run",
    [
        _run(GUEST, BootPlan(policy=CHANGED)),
        _run(GUEST, BootPlan(afterwards=[Step(apply_policy=CHANGED)])),
        _run(GUEST, BootPlan(cloud_config={"runcmd": ["true"]})),
        _run(GuestKind("trixie", "chrony")),
    ],
    ids=["policy", "policy applied later", "what others want", "guest"],
)
def test_a_digest_names_all_that_a_run_is_made_of(run: Run) -> None:
    assert book.digest(_run()) == book.digest(_run())
    assert book.digest(_run()) != book.digest(run)
