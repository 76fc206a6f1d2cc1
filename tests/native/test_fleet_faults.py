"""Odd fleets on a real Prometheus: two clusters, labels of others, duplicate series, one node, none."""

import json
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.helpers.command_line import timepolicy
from tests.helpers.fleet import Made, Server, prometheus, scraped
from tests.helpers.programs import need


def told(url: str, *arguments: str) -> tuple[int, Any]:
    done = timepolicy("fleet", "--prometheus", url, "--format", "json", *arguments)
    assert done.stderr == b"", done.stderr
    return done.returncode, json.loads(done.stdout)


def job(server: Server, name: str, label: str, clusters: dict[str, list[str]]) -> dict[str, Any]:
    """A job that scrapes made nodes under labels of its own."""
    groups = [
        {"targets": [server.address], "labels": {"__param_n": node, "instance": f"{node}:9100", label: cluster}}
        for cluster, nodes in clusters.items()
        for node in nodes
    ]
    return {"job_name": name, "static_configs": groups}


def scraping(folder: Path, *jobs: dict[str, Any]) -> AbstractContextManager[str]:
    return prometheus(need("prometheus"), folder, list(jobs))


def answering(nodes: dict[str, Made]) -> Server:
    def answer(request: BaseHTTPRequestHandler) -> None:
        name = request.path.rpartition("n=")[2]
        request.send_response(200)
        request.end_headers()
        request.wfile.write(nodes[name].metrics().encode())

    return Server(answer)


def test_two_clusters_in_one_prometheus_have_a_median_each(tmp_path: Path) -> None:
    names = {"east": ["e0", "e1", "e2"], "west": ["w0", "w1", "w2"]}
    nodes = {name: Made(offset=100.0 * (name[0] == "w"), name=name) for row in names.values() for name in row}
    with answering(nodes) as server, scraping(tmp_path, job(server, "node", "cluster", names)) as url:
        status, fleet = told(url)
        merged, as_one = told(url, "--cluster-label", "none")
    assert [(row["cluster"], row["nodes"]) for row in fleet["clusters"]] == [("east", 3), ("west", 3)]
    assert (status, {node["verdict"] for node in fleet["nodes"]}) == (0, {"ok"})
    assert [problem["verdict"] for problem in fleet["problems"]] == ["warning"]
    assert "cluster west: the median is +" in fleet["problems"][0]["text"]
    assert ([row["nodes"] for row in as_one["clusters"]], merged) == ([6], 0)


def test_label_names_of_other_scrapers(tmp_path: Path) -> None:
    names = {"prod": ["n0", "n1", "n2"]}
    nodes = {name: Made(name=name) for name in names["prod"]}
    with answering(nodes) as server, scraping(tmp_path, job(server, "nodes", "k8s_cluster", names)) as url:
        _, fleet = told(url, "--cluster-label", "k8s_cluster")
        _, without = told(url)
    assert [row["cluster"] for row in fleet["clusters"]] == ["prod"]
    assert {node["verdict"] for node in fleet["nodes"] + without["nodes"]} == {"ok"}


def test_a_node_that_two_jobs_scrape_is_two_rows_and_no_error(tmp_path: Path) -> None:
    """As where node-mixin's job and kube-prometheus' both are there: every series is there twice."""
    names = {"east": ["n0", "n1"]}
    nodes = {name: Made(name=name) for name in names["east"]}
    with answering(nodes) as server:
        jobs = [job(server, name, "cluster", names) for name in ("node", "node-exporter")]
        with prometheus(need("prometheus"), tmp_path, jobs) as url:
            status, twice = told(url)
            _, once = told(url, "--selector", 'job="node"')
    assert (status, sorted(node["node"] for node in twice["nodes"])) == (0, ["n0", "n0", "n1", "n1"])
    assert sorted(node["node"] for node in once["nodes"]) == ["n0", "n1"]


def test_one_node_is_its_own_median(tmp_path: Path) -> None:
    with scraped(need("prometheus"), tmp_path, {"only": Made()}) as url:
        status, fleet = told(url)
    assert (status, [node["verdict"] for node in fleet["nodes"]]) == (0, ["ok"])


def test_a_prometheus_without_nodes_is_a_sentence(tmp_path: Path) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(b"other_metric 1\n")

    with Server(answer) as server:
        jobs = [{"job_name": "other", "static_configs": [{"targets": [server.address]}]}]
        with prometheus(need("prometheus"), tmp_path, jobs) as url:
            done = timepolicy("fleet", "--prometheus", url)
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.decode() == (
        f"timepolicy: {url} has no metric node_time_seconds: scrape a node_exporter, or see --selector\n"
    )
