"""The rules and the dashboard of `timepolicy monitoring` on a real Prometheus that scrapes 600 made nodes.

An alert counts as soon as its condition holds: how long it must hold is promtool's business.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.helpers.cases import TREES
from tests.helpers.monitored import Chrony, Cluster, Monitored, Node, monitored
from tests.helpers.programs import need

AGENT = TREES / "monitoring/agent"

HEALTHY: Cluster = {
    **{f"h{number}": Node(delay=number % 7 / 10) for number in range(297)},
    "slow2": Node(delay=2),
    "slow2.5": Node(delay=2.5, offset=0.4),
    "slow-behind": Node(delay=1, offset=-29),
}
"""Right nodes: most answer within half a second, as over a slow network; one almost behind by the limit."""

NORMAL = {f"n{number}": Node() for number in range(279)}

WRONG: dict[str, tuple[Node, set[tuple[str, ...]]]] = {
    "ahead31": (Node(offset=31), {("TimepolicyClockOffMedian", "warning")}),
    "ahead121": (Node(offset=121), {("TimepolicyClockOffMedian", "warning"), ("TimepolicyClockOffMedian", "critical")}),
    "behind45": (Node(offset=-45), {("TimepolicyClockOffMedian", "warning")}),
    "behind100": (Node(offset=-100), {("TimepolicyClockOffMedian", "warning")}),
    "slow": (Node(delay=2), set()),
    "slow29": (Node(offset=29, delay=2), set()),
    "unsynchronised": (Node(sync=0), {("TimepolicyNotSynchronised", "warning")}),
    "silent": (Node(answers=False), {("TimepolicyNodeSilent", "warning")}),
    "hanging": (Node(delay=30), {("TimepolicyNodeSilent", "warning")}),
    "stale": (Node(age=400), {("TimepolicyReportStale", "warning")}),
    "frozen": (Node(stands=40), {("TimepolicyClockOffMedian", "warning")}),
    "far": (Node(own_offset=-0.2), {("TimepolicyOffsetAboveLimit", "warning")}),
    "lonely": (Node(silent_sources=("s1", "s2", "s3")), {("TimepolicyTooFewSources", "warning")}),
    "failing": (
        Node(failed=("rtc", "files", "kernel-flag")),
        {("TimepolicyCheckFailed", "warning", "rtc"), ("TimepolicyCheckFailed", "warning", "files")},
    ),
    "two": (Node(daemons=2), {("TimepolicySeveralDaemons", "warning")}),
    "zone": (Node(failed=("timezone",)), {("TimepolicyTimezoneDiffers", "warning")}),
    "waiting": (Node(opened=None), {("TimepolicyGateClosed", "warning")}),
    "late": (Node(opened="timeout"), {("TimepolicyGateOpenedByTimeout", "warning")}),
    "held": (Node(opened="holdover"), {("TimepolicyGateOpenedByHoldover", "info")}),
    "other": (Node(digest="00000000000000bb"), set()),
    "leap": (Node(status=8193 + 16), set()),
}
"""Nodes of the cluster `east`, and the alerts that each must have."""

CLUSTERS_WRONG = {
    ("TimepolicyClockSpread", "warning", "east"),
    ("TimepolicyPoliciesDiffer", "warning", "east"),
    ("TimepolicyLeapSecondAnnounced", "info", "east"),
    ("TimepolicyMedianOff", "warning", "south"),
    ("TimepolicyMedianOff", "critical", "south"),
}

EXPECTED = CLUSTERS_WRONG | {
    (name, severity, "east", node, *more) for node, (_, alerts) in WRONG.items() for name, severity, *more in alerts
}

LOST = {("TimepolicySourceUnanswered", "warning", "east", "s3"), ("TimepolicyStratumJumped", "warning", "east", "c0")}


@pytest.fixture(scope="module")
def clusters() -> dict[str, Cluster]:
    east: Cluster = {"c0": Chrony(2), **NORMAL, **{name: node for name, (node, _) in WRONG.items()}}
    south: Cluster = {f"s{number}": Node(offset=-200) for number in range(3)}
    return {"east": east, "west": dict(HEALTHY), "south": south}


@pytest.fixture(scope="module")
def seen(clusters: dict[str, Cluster], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monitored]:
    folder = tmp_path_factory.mktemp("prometheus")
    with monitored(need("prometheus"), folder, AGENT / "rules.yaml", clusters) as found:
        yield found


PANELS: dict[str, list[tuple[int, dict[str, float]]]] = {
    "Nodes": [(1, {"": 298})],
    "Off by more than the warning": [(1, {"": 5})],
    "Critical": [(1, {"": 1})],
    "Silent": [(1, {"": 2})],
    "Not synchronised": [(1, {"": 1})],
    "Spread": [(1, {"": 221})],
    "Distance from the median": [(298, {"ahead31:9100": 31, "behind45:9100": -45, "n0:9100": 0})],
    "Median of each cluster": [(1, {"": 0})],
    "Nodes, the worst first": [
        (298, {"behind45:9100": 45, "n0:9100": 0}),
        (298, {"behind45:9100": -45, "n0:9100": 0}),
        (298, {"slow:9100": 2, "n0:9100": 0}),
        (298, {"unsynchronised:9100": 0, "n0:9100": 1}),
        (298, {"n0": 1, "unsynchronised": 1}),
        (298, {"failing:9100": 0, "n0:9100": 1}),
        (298, {"far:9100": -0.2, "n0:9100": 0.001}),
        (298, {"00000000000000bb": 1}),
    ],
    "Verification failed": [(1, {"": 2})],
    "Stale reports": [(1, {"": 1})],
    "Gate closed": [(1, {"": 1})],
    "Opened without a proof": [(1, {"": 2})],
    "Several daemons": [(1, {"": 1})],
    "Versions of the policy": [(1, {"": 2})],
    "Failed checks": [(8, {"rtc": 1, "files": 1, "timezone": 1, "kernel-flag": 1, "offset": 0})],
    "Sources": [(5, {"answers": 891, "no answer": 3, "refused": 0})],
    "Offset from the sources": [(298, {"far:9100": -0.2, "n0:9100": 0.001})],
    "Nodes by policy": [(2, {"00000000000000aa": 297, "00000000000000bb": 1})],
    "Stratum": [(1, {"c0:9100": 2})],
}
"""Of each query of a panel for the cluster `east`: how many rows it has, and some of them."""

INEXACT = {
    "Spread": "A",
    "Distance from the median": "A",
    "Median of each cluster": "A",
    "Nodes, the worst first": "ABC",
}
"""Queries whose values depend on when a node answered: a clock may look ahead by the time-out of a scrape."""

TIMEOUT_S = 4


def panels_of(folder: str) -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = json.loads((TREES / "monitoring" / folder / "dashboard.json").read_text())["panels"]
    return panels


LABELS = ("nodename", "check", "state", "digest", "instance")
"""The labels that tell the rows of a query apart, the first that is there."""


def test_the_alerts_are_exactly_those_of_the_wrong_nodes(seen: Monitored) -> None:
    assert len(HEALTHY) == len(NORMAL) + len(WRONG) == 300
    assert seen.alerts_when(EXPECTED, 40) == EXPECTED
    assert seen.summaries("TimepolicyReportStale") == {"The report of stale is old."}  # its instance is stale:9100
    assert seen.summaries("TimepolicyNodeSilent") == {
        "silent:9100 does not answer Prometheus.",
        "hanging:9100 does not answer Prometheus.",
    }


@pytest.mark.parametrize("panel", panels_of("agent"), ids=lambda panel: panel["title"])
def test_a_panel_shows_what_it_says(panel: dict[str, Any], seen: Monitored) -> None:
    seen.alerts_when(EXPECTED, 40)
    expected = PANELS[panel["title"]]
    assert len(panel["targets"]) == len(expected)
    for query, (number, values) in zip(panel["targets"], expected, strict=True):
        rows = seen.query(query["expr"].replace("$cluster", "east"))
        assert len(rows) == number, query["expr"]
        found = {next((labels[label] for label in LABELS if label in labels), ""): value for labels, value in rows}
        tolerance = TIMEOUT_S if query["refId"] in INEXACT.get(panel["title"], "") else 0
        assert {name: found[name] for name in values} == pytest.approx(values, abs=tolerance)


def test_every_panel_is_described() -> None:
    assert [panel["title"] for panel in panels_of("agent")] == list(PANELS)


def test_the_dashboard_without_an_agent_has_the_same_answers(seen: Monitored) -> None:
    with_agent = {query["expr"] for panel in panels_of("agent") for query in panel["targets"]}
    without = {query["expr"] for panel in panels_of("without-agent") for query in panel["targets"]}
    changed = without - with_agent
    assert len(changed) == 2  # the two limits
    assert [len(seen.query(text.replace("$cluster", "east"))) for text in changed] == [1, 1]


def test_a_source_that_goes_silent_and_a_stratum_that_jumps_alert(
    clusters: dict[str, Cluster], seen: Monitored
) -> None:
    assert seen.alerts_when(EXPECTED, 40) == EXPECTED
    before = dict(clusters["east"])
    for name, node in before.items():
        if isinstance(node, Node):
            clusters["east"][name] = replace(node, silent_sources=tuple({*node.silent_sources, "s3"}))
        else:
            clusters["east"][name] = Chrony(4)
    assert seen.alerts_when(EXPECTED | LOST, 40) == EXPECTED | LOST
