import math
import re
import struct
import time
from dataclasses import replace
from inspect import get_annotations
from pathlib import Path

import pytest
import yaml

from tests.boot.lab.cluster import Act, all_clusters, load_cluster
from tests.boot.lab.expectations import broken_by_boot, broken_expectations
from tests.boot.lab.image import GuestKind
from tests.boot.lab.ntp_server import Behaviour, Course, Question, make_answer
from tests.boot.lab.probe import ClockHistory, Sample, parse_line
from tests.boot.lab.result import BootResult, PacketCount, Start, StepOutcome
from tests.boot.lab.scenario import (
    SCENARIOS,
    Blocked,
    BootPlan,
    CutPower,
    Expectation,
    PreparedImage,
    Step,
    Until,
    WhileBlocked,
    all_runs,
    load_scenario,
    scenario_names,
)
from tests.boot.lab.serial_port import parse_answer
from tests.boot.lab.user_data import REPOSITORY, install_script, render_user_data
from tests.helpers.user_data import unpacked

BOOTED_AT = 1_000_000.0
UNSYNCHRONISED, SYNCHRONISED = 0x40, 0
STEPS = [step for run in all_runs() for plan in run.scenario.boots for step in plan.afterwards]
APPLIED = {policy for step in STEPS for policy in (step.apply_policy, step.install_policy)} - {""}
KINDS = [PreparedImage, BootPlan, CutPower, WhileBlocked, Until, Blocked, Step, Expectation, Behaviour, Act]
PREPARED = {(run.scenario.image.policy, run.guest) for run in all_runs() if run.scenario.image}


def _sample(monotonic_s: float, error_s: float, status: int = SYNCHRONISED, late_s: float = 0.0) -> Sample:
    host_s = BOOTED_AT + monotonic_s
    return Sample(host_s + late_s, monotonic_s, host_s + error_s, status, 1, "")


def _result(start: Start) -> BootResult:
    return BootResult(
        scenario="x",
        suite="bookworm",
        client="chrony",
        clock="now",
        condition_met=True,
        start_error_s=-10.0,
        end_error_s=0.0,
        end_flag_clear=True,
        end_at_s=60.0,
        right_at_s=20.0,
        flag_cleared_at_s=21.0,
        route_at_s=19.0,
        first_ntp_packet_at_s=19.5,
        answers_began_at_s=19.5,
        starts=[start],
        ntp_packets={"10.2.12.11": PacketCount(2, 1)},
        blocked=None,
        afterwards=[],
        login=None,
        report={"failed": "x.service loaded failed failed X", "units": "Id=chrony.service\nActiveState=active"},
        console="/x.console.log",
    )


def test_a_probe_line_is_read_with_its_label() -> None:
    sample = parse_line("E 12.5 1700000000.25 64 5 3 kubelet-start\r\n", 7.0)
    assert sample == Sample(7.0, 12.5, 1700000000.25, 64, 3, "kubelet-start")
    assert sample.stand_in == "kubelet"
    assert not sample.flag_clear


@pytest.mark.parametrize("line", ["", "12.5 17", "P 1.0 2.0 64", "X 1 2 3 4 5"])
def test_a_cut_probe_line_is_passed_over(line: str) -> None:
    assert parse_line(line, 0.0) is None


def test_a_clock_that_becomes_wrong_again_was_not_right() -> None:
    errors = [-9.0, 0.1, -9.0, 0.1, 0.0]
    history = ClockHistory([_sample(float(i), error) for i, error in enumerate(errors)])
    assert history.right_at_s() == 3.0


def test_a_flag_that_never_clears_is_never() -> None:
    history = ClockHistory([_sample(1.0, 0.0, UNSYNCHRONISED)])
    assert history.flag_cleared_at_s() is None


def test_a_line_that_arrives_late_does_not_make_the_clock_wrong() -> None:
    samples = [_sample(i / 10, 0.0, late_s=0.9 if i == 5 else 0.0) for i in range(10)]
    assert [round(error, 6) for _, error in ClockHistory(samples).errors()] == [0.0] * 10


def test_host_time_is_translated_to_the_guest() -> None:
    history = ClockHistory([_sample(1.0, 0.0), _sample(2.0, 0.0)])
    assert history.guest_time_of(BOOTED_AT + 1.25) == pytest.approx(1.25)


def test_a_server_changes_its_behaviour_in_time() -> None:
    course = Course(((0.0, Behaviour(silent=True)), (75.0, Behaviour(offset_s=2.0))))
    assert course.at(74.9).silent
    assert course.at(75.0) == Behaviour(offset_s=2.0)
    assert course.usable_from_s() == 75.0


@pytest.mark.parametrize("behaviour", [Behaviour(kiss="DENY"), Behaviour(leap=3), Behaviour(stratum=16)])
def test_an_unusable_behaviour(behaviour: Behaviour) -> None:
    assert not behaviour.usable


def test_an_answer_carries_offset_and_origin() -> None:
    request = struct.pack("!B39xQ", 4 << 3 | 3, 1234)
    answer = make_answer(Question(request, time.time(), "10.2.12.11"), Behaviour(offset_s=3600))
    flags, stratum = answer[0], answer[1]
    origin, _, sent = struct.unpack("!QQQ", answer[24:48])
    assert (flags, stratum, origin) == (4 << 3 | 4, 2, 1234)
    assert sent / 2**32 - 2_208_988_800 == pytest.approx(time.time() + 3600, abs=5)


def test_a_kiss_of_death_has_stratum_zero_and_its_code() -> None:
    answer = make_answer(Question(bytes(48), time.time(), "10.2.12.11"), Behaviour(kiss="RATE"))
    assert answer[1] == 0
    assert answer[12:16] == b"RATE"


def test_an_answer_of_the_guest_is_split_into_sections() -> None:
    answer = parse_answer(["== output", " one", " == end 9", "== end 3"])
    assert answer.output == "one\n== end 9"
    assert answer.status == 3


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_can_be_read(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.runs()
    for plan in scenario.boots:
        assert plan.clock_at_power_on()
        assert plan.policy is None or (REPOSITORY / plan.policy).exists()


def test_every_policy_is_used_and_compiles_for_every_guest() -> None:
    plans = {(plan.policy, run.guest) for run in all_runs() for plan in run.scenario.boots if plan.policy} | PREPARED
    used = {policy for policy, _ in plans}
    used |= APPLIED | {policy for cluster in all_clusters() for policy in cluster.policies}
    assert used == {f"tests/boot/policies/{path.name}" for path in (SCENARIOS.parent / "policies").iterdir()}
    for policy, guest in plans:
        assert render_user_data(policy, guest).startswith("#cloud-config\n")


def test_every_cluster_can_be_read_and_compiles() -> None:
    for cluster in all_clusters():
        assert cluster.acts
        for node in cluster.nodes.values():
            user_data = render_user_data(node.policy, node.guest, role=node.role)
            serves = "bootcmd" in user_data and '"serving"' in unpacked(install_script(user_data))
            assert serves == (node.role == "server")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{policy: p, nodes: {}, acts: [{power_on: {one: {}}}]}", "no such node: one"),
        ("{policy: p, nodes: {}, acts: [], actors: []}", "unknown: actors"),
        ("{policy: p, nodes: {}, acts: [{power: []}]}", "unexpected keyword argument 'power'"),
        ("{policy: p, nodes: {one: {guest: bookworm/chrony, role: server}}, acts: []}", "address"),
        (
            "{policy: p, image: {policy: p}, acts: [], nodes: {one: {guest: bookworm/chrony, role: client, address: a},"
            " two: {guest: trixie/chrony, role: client, address: b}}}",
            "guests of one kind",
        ),
    ],
    ids=["node", "key", "key of an act", "node without an address", "image for two kinds"],
)
def test_an_invalid_cluster_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "it.yaml").write_text(text)
    with pytest.raises(ValueError, match=message):
        load_cluster(tmp_path / "it.yaml")


@pytest.mark.parametrize("kind", KINDS)
def test_the_readme_names_every_key_of(kind: type) -> None:
    text = (SCENARIOS.parent / "README.md").read_text()
    names = get_annotations(kind)
    assert names
    assert [name for name in names if not re.search(rf"[`{{ ]{name}[`:]", text)] == []


def test_user_data_of_others_is_in_the_same_document() -> None:
    guest = GuestKind("bookworm", "chrony")
    text = render_user_data("tests/boot/policies/cluster.yaml", guest, {"runcmd": ["true"]})
    assert yaml.safe_load(text)["runcmd"] == ["true"]
    assert "timepolicy-apply.service" in unpacked(install_script(text))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("not_applicable: {ntpd: why}", "no guest: ntpd"),
        ("not_applicable: {chrony: why}\ncore: [bookworm/chrony]", "bookworm/chrony"),
        ("cut_power: {}", "one moment"),
        ("cut_power: {file: /x, after_packet_s: 1}", "one moment"),
        ("core: [bookworm/ntpd]", "bookworm/ntpd"),
        ("expect: {verdikt: pass}", "verdikt"),
        ("not_applicable: {chrony: a, b}", "no guest: b"),
        ("not_applicable: {chrony: }", "no reason"),
        ("untill: {}", "untill"),
        ("image: {policie: x}", "policie"),
        ("boots: [{clone_of: 1}]", "boot 1 cannot be a clone of what boot 1 left"),
        ("boots: [{}, {}, {clone_of: 1}]", "boot 3 cannot be a clone of what boot 1 left"),
        ("afterwards: [{runs: x}]", "runs"),
        ("boots: [{clok: now}]", "clok"),
        ("world: {servers: {10.2.12.11: {offset: 1}}}", "offset"),
    ],
)
def test_an_invalid_scenario_is_an_error(text: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(ValueError, match=named):
        load_scenario("x", tmp_path).runs()


def test_each_boot_adds_to_what_the_scenario_says(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("clock: now\npolicy: a\nboots: [{}, {policy: b}]")
    first, second = load_scenario("x", tmp_path).boots
    assert (first.clock, first.policy) == ("now", "a")
    assert (second.clock, second.policy) == ("now", "b")


@pytest.mark.parametrize(
    ("key", "left"),
    [
        ("chrony", ["bookworm/systemd-timesyncd", "trixie/systemd-timesyncd"]),
        ("trixie", ["bookworm/systemd-timesyncd", "bookworm/chrony"]),
        ("trixie/chrony", ["bookworm/systemd-timesyncd", "bookworm/chrony", "trixie/systemd-timesyncd"]),
    ],
)
def test_a_guest_that_it_does_not_apply_to_does_not_run(key: str, left: list[str], tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(f"not_applicable: {{{key}: because}}")
    assert [str(run.guest) for run in load_scenario("x", tmp_path).runs()] == left


def test_dns_can_be_dead_for_good(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("world: {dns_dead_s: forever}")
    assert load_scenario("x", tmp_path).world.names.dead_s == math.inf


def test_a_right_start_breaks_nothing() -> None:
    expect = Expectation(["kubelet"], started_after_answers_within_s=10, verdict=None, failed_units=["x.service"])
    assert not broken_expectations(BootPlan(expect=expect), _result(Start("kubelet", 25.0, 0.01, True)))


def test_an_output_that_must_differ_is_compared_with_earlier_boots() -> None:
    plans = [BootPlan(afterwards=[Step(run="id", unlike_before=True)])] * 3
    boots = [
        replace(_result(Start("kubelet", 25.0, 0.01, True)), afterwards=[StepOutcome("id", 0, output)])
        for output in ("a", "b", "a")
    ]
    messages = broken_by_boot(plans, boots)
    assert [any("in an earlier boot: a" in sentence for sentence in boot) for boot in messages] == [False, False, True]


@pytest.mark.parametrize(("left", "broken"), [("", False), ("/etc/machine-id", True), (None, True)])
def test_a_disk_that_must_be_sealed_has_nothing_left(left: str | None, broken: bool) -> None:
    result = replace(_result(Start("kubelet", 25.0, 0.01, True)), left_on_disk=left)
    messages = broken_expectations(BootPlan(expect=Expectation(sealed=True)), result)
    assert any("not sealed" in sentence for sentence in messages) == broken


def test_every_broken_expectation_is_reported() -> None:
    plan = BootPlan(expect=Expectation(started_after_answers_within_s=10), afterwards=[Step()])
    result = replace(_result(Start("kubelet", 40.0, -9.0, False)), login=False)
    units = "Id=chrony.service\nActiveState=active\n\nId=systemd-timesyncd.service\nActiveState=active"
    messages = "\n".join(broken_expectations(plan, replace(result, report={**result.report, "units": units})))
    assert "wrong by -9.000 s" in messages
    assert "unsynchronised" in messages
    assert "containerd must start once, and started 0 times" in messages
    assert "started 20.5 s after answers began" in messages
    assert "failed units: ['x.service']" in messages
    assert "verdict is None" in messages
    assert "['chrony.service', 'systemd-timesyncd.service']" in messages
    assert "nobody could log in" in messages
    assert "the steps afterwards could not be done" in messages


def test_before_a_power_cut_no_unit_may_start_with_a_wrong_clock() -> None:
    plan = BootPlan(cut_power=CutPower(after_packet_s=0.5))
    assert not broken_expectations(plan, _result(Start("kubelet", 15.0, 0.01, True)))
    (message,) = broken_expectations(plan, _result(Start("kubelet", 15.0, -9.0, True)))
    assert "kubelet started at 15.0 s with a clock wrong by -9.000 s" in message


def test_a_power_cut_that_came_too_late_is_broken() -> None:
    result = replace(_result(Start("kubelet", 15.0, 0.01, True)), condition_met=False)
    assert broken_expectations(BootPlan(cut_power=CutPower(file="/x")), result)


@pytest.mark.parametrize("status", [0, 1])
def test_a_step_may_expect_an_exit_status(status: int) -> None:
    expect = Expectation(["kubelet"], verdict=None, failed_units=None, login=False)
    plan = BootPlan(expect=expect, afterwards=[Step("verify", status=1)])
    result = replace(_result(Start("kubelet", 25.0, 0.01, True)), afterwards=[StepOutcome("verify", status, "")])
    assert bool(broken_expectations(plan, result)) == (status != 1)


def test_later_changes_of_the_clock_by_the_scenario_do_not_count() -> None:
    samples = [_sample(float(second), error) for second, error in enumerate([-9.0, 0.0, 0.0, -31.0, 0.0])]
    assert ClockHistory(samples).right_at_s() == 4.0
    assert ClockHistory(samples).until(BOOTED_AT + 2.5).right_at_s() == 1.0


def test_a_result_survives_its_file(tmp_path: Path) -> None:
    result = _result(Start("kubelet", 25.0, 0.01, True))
    result.write(tmp_path / "x.json")
    assert BootResult.read(tmp_path / "x.json") == result
