"""`timepolicy fleet` against a real Prometheus that scrapes made nodes, and its gate while nodes change."""

import csv
import json
import time
from dataclasses import replace
from pathlib import Path
from threading import Timer

from tests.helpers.command_line import timepolicy
from tests.helpers.fleet import NEW, OLD, Made, scraped
from tests.helpers.programs import need

RIGHT = {f"right{number}": Made() for number in range(6)}
WRONG = {
    "warning": Made(offset=45),
    "critical": Made(offset=-125),
    "notanumber": Made(offset="NaN"),
    "endless": Made(offset="+Inf"),
    "unsynchronised": Made(sync=0),
    "failing": Made(passes=0),
    "stale": Made(age=400),
    "silent": Made(),
}
EXPECTED = {
    "warning": ("warning", "45.0 s ahead of the median"),
    "critical": ("critical", "125.0 s behind the median"),
    "notanumber:9100": ("unknown", "its time is not a finite number"),
    "endless:9100": ("unknown", "its time is not a finite number"),
    "unsynchronised": ("warning", "the kernel's clock is unsynchronised"),
    "failing": ("warning", "failed checks: offset"),
    "stale": ("warning", "the last verification is 400 s old"),
    "silent:9100": ("unknown", "does not answer Prometheus"),
}


def silence(nodes: dict[str, Made]) -> None:
    nodes["silent"] = replace(nodes["silent"], answers=False)
    time.sleep(2.5)


def test_each_kind_of_wrong_node_is_seen(tmp_path: Path) -> None:
    nodes = RIGHT | WRONG
    with scraped(need("prometheus"), tmp_path, nodes) as url:
        silence(nodes)
        done = timepolicy("fleet", "--prometheus", url, "--format", "json")
        bad = timepolicy("fleet", "--prometheus", url, "--format", "json", "--bad")
        table = timepolicy("fleet", "--prometheus", url, "--max-unknown", "3").stdout.decode()
        rows = list(
            csv.DictReader(timepolicy("fleet", "--prometheus", url, "--format", "csv").stdout.decode().splitlines())
        )
    assert done.returncode == 1
    fleet = json.loads(done.stdout)
    assert fleet["counts"] == {"critical": 1, "warning": 4, "unknown": 3, "ok": 6}
    assert fleet["problems"] == [{"verdict": "warning", "text": fleet["problems"][0]["text"]}]
    assert fleet["problems"][0]["text"].startswith("cluster east: the clocks are 170.")
    seen = {node["node"]: (node["verdict"], node["problems"][0]) for node in fleet["nodes"] if node["problems"]}
    assert {name: verdict for name, (verdict, _) in seen.items()} == {name: row[0] for name, row in EXPECTED.items()}
    for name, (_, text) in EXPECTED.items():
        assert without_numbers(seen[name][1]) == without_numbers(text)
    assert fleet["nodes"][0]["node"] == "critical"
    right = next(node for node in fleet["nodes"] if node["node"] == "right0")
    assert abs(right["offset"]) < 1
    assert right["offset_low"] <= right["offset"]
    assert (right["digest"], right["daemon"], right["ntp"]) == (OLD, "chrony", "synchronised")
    assert (right["own_offset"], right["own_offset_error"], right["sources"]) == (0.002, 0.01, {"answers": 3})
    only_bad = json.loads(bad.stdout)
    assert only_bad["counts"] == fleet["counts"]
    assert sorted(node["node"] for node in only_bad["nodes"]) == sorted(EXPECTED)
    assert table.startswith("VERDICT   CLUSTER  NODE ")
    assert "14 nodes at 20" in table
    assert [row["verdict"] for row in rows].count("ok") == 6


def without_numbers(text: str) -> str:
    return "".join(character for character in text if not character.isdigit())


def test_nodes_of_one_right_cluster_pass(tmp_path: Path) -> None:
    nodes = dict(RIGHT)
    with scraped(need("prometheus"), tmp_path, nodes) as url:
        assert timepolicy("fleet", "--prometheus", url, "--max-unknown", "0").returncode == 0
        bad = timepolicy("fleet", "--prometheus", url, "--bad")
        assert (bad.returncode, bad.stdout[:7]) == (0, b"6 nodes")
        none = timepolicy("fleet", "--prometheus", url, "--selector", 'job="other"')
        assert (none.returncode, b"has no metric node_time_seconds" in none.stderr) == (3, True)
        wrong = timepolicy("fleet", "--prometheus", url, "--selector", "job=")
        assert (wrong.returncode, b"parse error" in wrong.stderr) == (3, True)


def test_all_nodes_wrong_by_the_same_is_critical(tmp_path: Path) -> None:
    nodes = {f"n{number}": Made(offset=200) for number in range(3)}
    with scraped(need("prometheus"), tmp_path, nodes) as url:
        done = timepolicy("fleet", "--prometheus", url)
        data = json.loads(timepolicy("fleet", "--prometheus", url, "--format", "json").stdout)
    assert done.returncode == 1
    assert b"the median is +2" in done.stdout
    assert [(node["verdict"], abs(node["offset"]) < 1) for node in data["nodes"]] == [("ok", True)] * 3


def test_the_gate_opens_when_every_node_runs_the_policy(tmp_path: Path) -> None:
    nodes = {f"n{number}": Made() for number in range(4)}
    with scraped(need("prometheus"), tmp_path, nodes) as url:
        closed = timepolicy("fleet", "--prometheus", url, "--digest", NEW)
        assert (closed.returncode, closed.stdout.count(f"runs policy {OLD}".encode())) == (1, 4)
        nodes["n0"] = Made(digest=NEW)

        def roll_out() -> None:
            nodes.update({name: Made(digest=NEW) for name in nodes})

        timer = Timer(3, roll_out)
        timer.start()
        begun = time.monotonic()
        opened = timepolicy("fleet", "--prometheus", url, "--digest", NEW, "--wait", "40s")
        waited = time.monotonic() - begun
    assert (opened.returncode, b"4 nodes at" in opened.stderr, 4 < waited < 30) == (0, True, True)


def test_the_gate_stays_closed_for_a_node_that_runs_the_policy_with_a_wrong_clock(tmp_path: Path) -> None:
    nodes = {f"n{number}": Made(digest=NEW) for number in range(3)} | {"n3": Made(digest=NEW, passes=0)}
    with scraped(need("prometheus"), tmp_path, nodes) as url:
        assert timepolicy("fleet", "--prometheus", url, "--digest", NEW).returncode == 1
