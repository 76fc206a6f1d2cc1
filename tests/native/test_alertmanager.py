"""The inhibit rule of `timepolicy monitoring` in a real Alertmanager: a warning is silent while it is critical."""

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
import yaml

from tests.helpers.cases import TREES
from tests.helpers.mounted import mounted
from tests.helpers.programs import need, run

GOLDEN = TREES / "monitoring"
FOLDERS = {"agent": "cluster", "without-agent": "cluster", "overrides": "site"}
"""The label that names a cluster."""


def configured(folder: str, to: Path) -> Path:
    """The least configuration, with our rules added."""
    base = {"route": {"receiver": "none"}, "receivers": [{"name": "none"}]}
    path = to / "alertmanager.yml"
    path.write_text(json.dumps(base | yaml.safe_load((GOLDEN / folder / "alertmanager.yaml").read_text())))
    return path


@pytest.mark.parametrize("folder", FOLDERS)
def test_amtool_accepts_the_rule(folder: str, tmp_path: Path) -> None:
    done = run([need("amtool"), "check-config", configured(folder, tmp_path)])
    assert (done.returncode, " - 1 inhibit rules\n" in done.stdout) == (0, True), done.stdout + done.stderr


@contextmanager
def alertmanager(config: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    options = (f"--storage.path={config.parent}/data", f"--web.listen-address={address}", "--cluster.listen-address=")
    program = need("prometheus-alertmanager")
    (config.parent / "mounts").mkdir()
    # Debian's has its templates outside of the program.
    templates = Path(program).parents[1] / "share/prometheus"
    sees = mounted(templates, Path("/usr/share/prometheus"), config.parent / "mounts")
    command = [*sees, program, f"--config.file={config}", *options]
    with (config.parent / "log").open("w") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            yield f"http://{address}/api/v2"
        finally:
            process.kill()


def asked(url: str, alerts: list[dict[str, Any]] | None = None) -> Any:
    """Send alerts, or return those that are there; as soon as it answers."""
    body = None if alerts is None else json.dumps(alerts).encode()
    request = urllib.request.Request(f"{url}/alerts", body, {"Content-Type": "application/json"})
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read() or "null")
        except HTTPError:
            raise
        except (URLError, ConnectionError):
            time.sleep(0.3)
    raise TimeoutError("Alertmanager does not answer")


def inhibited(url: str) -> dict[str, bool]:
    """The alerts by their labels, and whether they are silent."""
    return {json.dumps(row["labels"], sort_keys=True): bool(row["status"]["inhibitedBy"]) for row in asked(url)}


@pytest.mark.parametrize(("folder", "label"), FOLDERS.items())
def test_a_warning_is_silent_while_the_same_alert_is_critical_for_the_same_node(
    folder: str, label: str, tmp_path: Path
) -> None:
    def alert(name: str, severity: str, cluster: str, instance: str = "") -> dict[str, Any]:
        node = {"job": "node-exporter", "instance": instance} if instance else {}
        return {"labels": {"alertname": name, "severity": severity, label: cluster, **node}}

    off, median = "TimepolicyClockOffMedian", "TimepolicyMedianOff"
    silent = [alert(off, "warning", "east", "n1:9100"), alert(median, "warning", "west")]
    heard = [
        alert(off, "critical", "east", "n1:9100"),
        alert(median, "critical", "west"),
        alert(off, "warning", "east", "n2:9100"),
        alert(off, "warning", "west", "n1:9100"),
        alert(median, "warning", "east"),
        alert("TimepolicyNotSynchronised", "warning", "east", "n1:9100"),
        alert("Other", "critical", "east", "n1:9100"),
        alert("Other", "warning", "east", "n1:9100"),
    ]
    with alertmanager(configured(folder, tmp_path)) as url:
        asked(url, silent + heard)
        expected = {json.dumps(row["labels"], sort_keys=True): row in silent for row in silent + heard}
        deadline = time.monotonic() + 20
        while (states := inhibited(url)) != expected and time.monotonic() < deadline:
            time.sleep(0.3)
    assert states == expected


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_rule_names_the_labels_of_the_alerts(folder: str) -> None:
    """Of those that have a warning and a critical form; labels that an alert lacks are equal."""
    [rule] = yaml.safe_load((GOLDEN / folder / "alertmanager.yaml").read_text())["inhibit_rules"]
    tests = yaml.safe_load((GOLDEN / folder / "rules_test.yaml").read_text())["tests"]
    labels: dict[str, set[str]] = {}
    for test in tests:
        name, severity, part = test["name"].split(", ")
        if severity == "critical" and part == "fires":
            labels[name] = set(test["alert_rule_test"][0]["exp_alerts"][0]["exp_labels"])
    assert set(labels) == {"TimepolicyClockOffMedian", "TimepolicyMedianOff"}
    assert labels["TimepolicyClockOffMedian"] | {"alertname"} == {*rule["equal"], "severity"}
