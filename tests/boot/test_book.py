from dataclasses import replace
from pathlib import Path

import pytest

from tests.boot.lab import book
from tests.boot.lab.book import Entry
from tests.boot.lab.cluster import all_clusters
from tests.boot.lab.cluster_run import NodeBoot
from tests.boot.lab.image import GuestKind
from tests.boot.lab.result import BootResult, Start
from tests.boot.lab.scenario import BootPlan, Run, Scenario, Step, load_scenario
from tests.boot.lab.world import WorldPlan

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


def _scenario() -> Scenario:
    return Scenario("paused", [], {"trixie": "no | clock", "systemd-timesyncd": "why"}, WorldPlan(), [BootPlan()])


def _entry(broken: list[str]) -> Entry:
    return book.entry(Run(load_scenario("paused"), GuestKind("bookworm", "chrony")), [RESULT], [broken])


def _book(tmp_path: Path, *, is_present: bool = True) -> list[str]:
    present = {"paused/bookworm/chrony": _entry([]).digest if is_present else "another"}
    book.write_page([_scenario()], [], "QEMU emulator 8", present, tmp_path)
    return (tmp_path / "RESULTS.md").read_text().splitlines()


def test_an_entry_has_the_figures_of_each_boot_since_the_first_route() -> None:
    entry = _entry([])
    assert (entry.run, entry.passed) == ("paused/bookworm/chrony", True)
    assert entry.rows == [["1", "-0.2", "-", "7.0", "-0.012 s", "as expected, pass"]]


def test_an_entry_has_the_first_line_of_each_unmet_expectation() -> None:
    entry = _entry(["it did not print 'x', but:\ny", "two"])
    assert not entry.passed
    assert entry.rows[0][-1] == "**broken**: it did not print 'x', but:; two"


def test_a_boot_that_the_power_cut_ended_has_no_figures() -> None:
    cut = replace(RESULT, starts=[], right_at_s=None, report={})
    run = Run(load_scenario("paused"), GuestKind("bookworm", "chrony"))
    assert book.entry(run, [cut], [[]]).rows == [["1", "-", "-", "-", "-", "as expected"]]


def test_a_cluster_has_a_row_for_each_boot_of_a_node(tmp_path: Path) -> None:
    (cluster,) = [cluster for cluster in all_clusters() if cluster.name == "one-server"]
    entry = book.cluster_entry(cluster, [NodeBoot("server", 1, RESULT), NodeBoot("client", 2, RESULT, ["late"])])
    assert not entry.passed
    book.store(entry, tmp_path / "results.json")
    present = {cluster.run_name: entry.digest}
    book.write_page([], [cluster], "QEMU emulator 8", present, tmp_path)
    lines = (tmp_path / "RESULTS.md").read_text().splitlines()
    assert f"| one-server | server | 1 | -0.2 | - | 7.0 | -0.012 s | as expected, pass | {entry.commit} |" in lines
    assert f"| one-server | client | 2 | -0.2 | - | 7.0 | -0.012 s | **broken**: late | {entry.commit} |" in lines


def test_an_entry_survives_its_file(tmp_path: Path) -> None:
    entry = _entry([])
    path = tmp_path / "results.json"
    book.store(replace(entry, date="long ago"), path)
    book.store(entry, path)
    assert book.entries(path) == {entry.run: entry}
    book.forget(entry.run, path)
    assert book.entries(path) == {}


def test_an_unknown_run_can_be_forgotten(tmp_path: Path) -> None:
    book.forget("paused/bookworm/chrony", tmp_path / "results.json")
    assert book.entries(tmp_path / "results.json") == {}


def test_a_run_of_an_earlier_input_does_not_count(tmp_path: Path) -> None:
    book.store(replace(_entry([]), commit="abc"), tmp_path / "results.json")
    lines = _book(tmp_path, is_present=False)
    row = (
        "| paused | bookworm, chrony | 1 | -0.2 | - | 7.0 | -0.012 s | as expected, pass, with an earlier input | abc |"
    )
    assert row in lines
    assert any(line.startswith("0 of 1 runs as expected, 0 not; 1 only ran with an earlier input") for line in lines)


def test_the_page_has_the_runs_and_the_circumstances(tmp_path: Path) -> None:
    entry = replace(_entry([]), date="2026-01-02", commit="abc")
    book.store(entry, tmp_path / "results.json")
    lines = _book(tmp_path)
    assert "| paused | bookworm, chrony | 1 | -0.2 | - | 7.0 | -0.012 s | as expected, pass | abc |" in lines
    assert any(line.startswith("1 of 1 runs as expected, 0 not; 0 only ran with an earlier input") for line in lines)
    assert "- dates: 2026-01-02" in lines
    assert "- timepolicy: abc" in lines
    assert "- QEMU emulator 8" in lines
    assert "- bookworm: chrony 4.3-2" in lines


def test_the_page_says_what_did_not_run_and_why(tmp_path: Path) -> None:
    lines = _book(tmp_path)
    assert "| paused | bookworm, chrony |  |  |  |  |  | not run yet |  |" in lines
    assert any(line.startswith("0 of 1 runs as expected") and line.endswith(", 1 never.") for line in lines)
    assert "| paused | bookworm, systemd-timesyncd | why |" in lines
    assert "| paused | trixie, chrony | no / clock |" in lines


@pytest.mark.parametrize(
    ("boot", "guest"),
    [
        (BootPlan(policy=CHANGED), GuestKind("bookworm", "chrony")),
        (BootPlan(afterwards=[Step(apply_policy=CHANGED)]), GuestKind("bookworm", "chrony")),
        (BootPlan(cloud_config={"runcmd": ["true"]}), GuestKind("bookworm", "chrony")),
        (BootPlan(), GuestKind("trixie", "chrony")),
    ],
    ids=["policy", "policy applied later", "user-data of others", "guest"],
)
def test_a_digest_depends_on_all_input_of_a_run(boot: BootPlan, guest: GuestKind) -> None:
    first = Run(_scenario(), GuestKind("bookworm", "chrony"))
    other = Run(replace(_scenario(), boots=[boot]), guest)
    assert book.digest(first) == book.digest(Run(_scenario(), GuestKind("bookworm", "chrony")))
    assert book.digest(first) != book.digest(other)
