"""Made nodes with the metrics of node_exporter and the agent's own, for rules and panels, and what Prometheus says."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.helpers.fleet import Server, prometheus
from timepolicy.agent.metrics import metrics

CHECKS = ("timezone", "gate", "daemon", "sources", "kernel-flag", "offset", "rtc", "files")
SOURCES = ("s1", "s2", "s3")


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node: what is wrong with its clock, its answers, its kernel, and what its agent reports. Times in seconds.

    `delay` passes before it answers, `jitter` is the most that passes at random. `stands` is a clock that stood still
    so long ago. `opened` is None where the gate is closed.
    """

    offset: float = 0
    delay: float = 0
    stands: float | None = None
    answers: bool = True
    sync: int = 1
    status: int = 8193
    age: float = 20
    own_offset: float = 0.001
    failed: tuple[str, ...] = ()
    silent_sources: tuple[str, ...] = ()
    daemons: int = 1
    opened: str | None = "proof"
    digest: str = "00000000000000aa"

    def text(self, name: str, began: float) -> str:
        """What node_exporter answers, with the agent's textfile; `began` is when the clocks that stand stopped."""
        now = (time.time() if self.stands is None else began - self.stands) + self.offset
        kernel = (
            f"node_time_seconds {now:.6f}\nnode_timex_sync_status {self.sync}\nnode_timex_status {self.status}\n"
            f'node_uname_info{{nodename="{name}"}} 1\n'
        )
        report = {
            "policy": "east",
            "digest": self.digest,
            "release": "debian-12",
            "role": "client",
            "verdict": "fail" if self.failed else "pass",
            "time": now - self.age,
            "checks": [{"id": check, "verdict": "fail" if check in self.failed else "pass"} for check in CHECKS],
            "sources": [
                {"source": source, "address": source, "problem": "no answer", "offset": None}
                if source in self.silent_sources
                else {"source": source, "address": source, "problem": None, "offset": 0.001}
                for source in SOURCES
            ],
        }
        gate = {"offset": -self.own_offset, "error": 0.01, **({"opened": self.opened} if self.opened else {})}
        return kernel + metrics(report, gate, "chrony", self.daemons)


@dataclass(frozen=True)
class Chrony:
    """chrony_exporter on a node."""

    stratum: int

    def text(self, _name: str, _began: float) -> str:
        """What it answers."""
        return f"chrony_tracking_stratum {self.stratum}\n"


Cluster = dict[str, Node | Chrony]


class Monitored:
    """A Prometheus with rules that has scraped clusters, which may change."""

    def __init__(self, url: str) -> None:
        self.url = url

    def _data(self, path: str, **words: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(words)}", timeout=20) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Return an instant vector: labels and values."""
        rows = self._data("query", query=expression)["result"]
        return [(row["metric"], float(row["value"][1])) for row in rows]

    def alerts(self) -> set[tuple[str, ...]]:
        """Return the alerts that fire or wait to fire: name, severity, cluster, and the labels that they have."""
        found = set()
        for alert in self._data("alerts")["alerts"]:
            labels = alert["labels"]
            named = (labels.get("instance", "").removesuffix(":9100"), labels.get("check"), labels.get("source"))
            found.add((labels["alertname"], labels["severity"], labels.get("cluster", ""), *filter(None, named)))
        return found

    def summaries(self, name: str) -> set[str]:
        """Return the summaries of an alert's instances."""
        alerts = self._data("alerts")["alerts"]
        return {alert["annotations"]["summary"] for alert in alerts if alert["labels"]["alertname"] == name}

    def alerts_when(self, expected: set[tuple[str, ...]], seconds: float) -> set[tuple[str, ...]]:
        """Return the alerts as soon as they are those that are expected, or after `seconds`."""
        deadline = time.monotonic() + seconds
        while (found := self.alerts()) != expected and time.monotonic() < deadline:
            time.sleep(0.5)
        return found


@contextmanager
def monitored(
    program: str, folder: Path, rules: Path, clusters: dict[str, Cluster], *more: dict[str, Any]
) -> Iterator[Monitored]:
    """A Prometheus that scrapes the nodes of `clusters`, and the jobs `more`, with `rules`."""
    began = time.time()

    def answer(request: BaseHTTPRequestHandler) -> None:
        words = urllib.parse.parse_qs(urllib.parse.urlparse(request.path).query)
        name = words["n"][0]
        node = clusters[words["cluster"][0]][name]
        if isinstance(node, Node):
            time.sleep(node.delay)
        request.send_response(200 if isinstance(node, Chrony) or node.answers else 500)
        request.end_headers()
        request.wfile.write(node.text(name, began).encode())

    with Server(answer) as exporter:
        jobs = [
            {
                "job_name": job,
                "scrape_interval": "4s",
                "scrape_timeout": "4s",
                "static_configs": [
                    {
                        "targets": [exporter.address],
                        "labels": {
                            "__param_n": name,
                            "__param_cluster": cluster,
                            "instance": f"{name}:9100",
                            "cluster": cluster,
                        },
                    }
                    for cluster, nodes in clusters.items()
                    for name, node in nodes.items()
                    if isinstance(node, Chrony) == (job == "chrony")
                ],
            }
            for job in ("node-exporter", "chrony")
        ]
        with prometheus(program, folder, [*jobs, *more], rules) as url:
            yield Monitored(url)
