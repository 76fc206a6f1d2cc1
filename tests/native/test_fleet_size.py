"""`timepolicy fleet` with 20,000 nodes: what it costs besides Prometheus' own answer."""

import json
import subprocess
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.helpers.command_line import timepolicy
from tests.helpers.fleet import Server

NODES = 20_000
IDENTITY = {"daemon": "chrony", "policy": "p.yaml", "digest": "0" * 16, "release": "debian-12", "role": "client"}
ANSWERS: dict[str, tuple[str, dict[str, str]]] = {
    "node_uname_info": ("1", {"nodename": "worker-{}.example.org"}),
    "node_timex_sync_status": ("1", {}),
    "timepolicy_pass": ("1", {}),
    "timepolicy_info": ("1", IDENTITY),
    "timepolicy_offset_error_seconds": ("0.0104", {}),
    "timepolicy_offset_seconds": ("0.0021", {}),
    "timepolicy_sources": ("3", {"state": "answers"}),
    "timepolicy_verification_time_seconds": ("21.5", {}),
    "scrape_duration_seconds": ("0.0123", {}),
    "chrony_tracking_stratum": ("3", {}),
    "chrony_tracking_info": ("1", {"tracking_name": "ntp1.example.org", "tracking_address": "192.0.2.1"}),
    "node_time_seconds": ("0.0213", {}),
}
"""The value and the labels of every node's series in the answer to the query that names a metric; the first counts."""


def vector(value: str, labels: dict[str, str], nodes: int = NODES) -> bytes:
    rows = [
        {
            "metric": {"cluster": "east", "job": "node", "instance": f"10.0.{number >> 8}.{number & 255}:9100"}
            | {name: text.format(number) for name, text in labels.items()},
            "value": [1793000000.123, value],
        }
        for number in range(nodes)
    ]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": rows}}).encode()


@pytest.fixture(scope="module")
def answers() -> dict[str, bytes]:
    return {metric: vector(*answer) for metric, answer in ANSWERS.items()}


def answering(answers: dict[str, bytes], asked: list[str]) -> Server:
    def answer(request: BaseHTTPRequestHandler) -> None:
        form = urllib.parse.parse_qs(request.rfile.read(int(request.headers["Content-Length"])).decode())
        query = form["query"][0]
        asked.append(query)
        is_empty = "timepolicy_check_pass" in query or "(up ==" in query
        body = vector("1", {}, 0) if is_empty else next(text for metric, text in answers.items() if metric in query)
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return Server(answer)


MEASURE = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=sys.stderr)
sys.exit(status)
"""
"""A small process in between: a child's largest memory counts what its parent had when it was forked."""


def cost(output: Path, *arguments: str) -> tuple[float, float]:
    """Run the program; its time on a processor in seconds, and the most memory that it had in MiB."""
    command = [sys.executable, "-c", MEASURE, sys.executable, "-m", "timepolicy", *arguments]
    with output.open("wb") as stream:
        done = subprocess.run(command, stdout=stream, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seconds, kibibytes = done.stderr.split()[-2:]
    return float(seconds), int(kibibytes) / 1024


@pytest.mark.parametrize("form", [("--format", "text"), ("--format", "json"), ("--format", "csv"), ("--html", "-")])
def test_twenty_thousand_nodes_need_little_time_and_memory(
    form: tuple[str, str], answers: dict[str, bytes], tmp_path: Path
) -> None:
    """The time is that of the program alone, which waits for Prometheus without using a processor.

    On a busy machine the same work takes longer, so that the best of some runs counts.
    """
    asked: list[str] = []
    seconds: list[float] = []
    with answering(answers, asked) as server:
        while len(seconds) < 5 and min(seconds, default=9) >= 2:
            taken, memory = cost(tmp_path / "output", "fleet", "--prometheus", server.url, *form)
            seconds.append(taken)
            assert memory < 150
    assert min(seconds) < 2, seconds
    assert len(asked) == 14 * len(seconds)
    assert (tmp_path / "output").read_text().count("worker-19999.example.org") == 1


def test_the_made_answers_are_of_right_nodes(answers: dict[str, bytes]) -> None:
    with answering(answers, []) as server:
        fleet = json.loads(timepolicy("fleet", "--prometheus", server.url, "--format", "json").stdout)
    assert fleet["counts"] == {"critical": 0, "warning": 0, "unknown": 0, "ok": NODES}
    last = fleet["nodes"][-1]
    assert (last["source"], last["stratum"], last["sources"]) == ("ntp1.example.org", 3, {"answers": 3})
    assert (last["own_offset"], last["verification_age"], last["digest"]) == (0.0021, 21.5, "0" * 16)
