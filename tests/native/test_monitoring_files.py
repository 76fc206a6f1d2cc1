"""The files of `timepolicy monitoring` in the programs that read them, and the metrics of a real node_exporter."""

import json
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.cases import TREES
from tests.helpers.monitored import monitored
from tests.helpers.programs import need, need_module, run
from tests.world import world as simulation
from tests.world.scenario import world_of
from tests.world.world import World

GOLDEN = TREES / "monitoring"
FOLDERS = ("agent", "without-agent", "overrides")
NUMBER = {"agent": 20, "without-agent": 9, "overrides": 20}
"""How many alerts there are, each with one test that fires it and one that does not."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_promtool_accepts_the_rules_and_their_tests_pass(folder: str) -> None:
    promtool = need("promtool")
    rules, tests = (GOLDEN / folder / name for name in ("rules.yaml", "rules_test.yaml"))
    done = run([promtool, "check", "rules", rules])
    assert (done.returncode, done.stdout.count("SUCCESS")) == (0, 1)
    done = run([promtool, "test", "rules", tests])
    assert (done.returncode, done.stdout.count("SUCCESS")) == (0, 1), done.stdout + done.stderr
    names = [test["name"] for test in yaml.safe_load(tests.read_text())["tests"]]
    assert [name.rpartition(", ")[2] for name in names] == ["fires", "one notch below"] * NUMBER[folder]


def test_each_test_fails_without_its_alert_and_with_one_that_always_fires(tmp_path: Path) -> None:
    promtool = need("promtool")
    (tmp_path / "rules_test.yaml").write_bytes((GOLDEN / "agent/rules_test.yaml").read_bytes())
    text = (GOLDEN / "agent/rules.yaml").read_text()
    for expression, part in (("vector(1) < 0", "fires"), ("vector(1)", "one notch below")):
        rules = yaml.safe_load(text)
        for rule in rules["groups"][1]["rules"]:
            rule["expr"] = expression
        (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
        done = run([promtool, "test", "rules", tmp_path / "rules_test.yaml"])
        failed = {line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip().startswith("name:")}
        assert sum(line.endswith(f", {part},") for line in failed) == NUMBER["agent"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_jsonnet_reads_the_mixin(folder: str) -> None:
    jsonnet = need("jsonnet")
    done = run(
        [
            jsonnet,
            "-e",
            f"local m = import '{GOLDEN / folder}/mixin.libsonnet'; {{[k]: m[k] for k in std.objectFieldsAll(m)}}",
        ]
    )
    mixin = json.loads(done.stdout)
    rules = yaml.safe_load((GOLDEN / folder / "rules.yaml").read_text())["groups"]
    assert mixin["prometheusRules"]["groups"] + mixin["prometheusAlerts"]["groups"] == rules
    dashboard = json.loads((GOLDEN / folder / "dashboard.json").read_text())
    assert mixin["grafanaDashboards"] == {"timepolicy.json": dashboard}


@pytest.mark.parametrize("folder", FOLDERS)
def test_kustomize_builds_the_rules_and_the_dashboard(folder: str) -> None:
    done = run([need("kubectl"), "kustomize", GOLDEN / folder])
    config, rule = sorted(yaml.safe_load_all(done.stdout), key=lambda document: str(document["kind"]))
    assert (config["kind"], config["metadata"]["labels"]) == ("ConfigMap", {"grafana_dashboard": "1"})
    assert config["data"] == {"timepolicy.json": (GOLDEN / folder / "dashboard.json").read_text()}
    assert rule["kind"] == "PrometheusRule"
    assert rule["spec"] == yaml.safe_load((GOLDEN / folder / "rules.yaml").read_text())


def test_kustomize_builds_what_node_problem_detector_mounts() -> None:
    done = run([need("kubectl"), "kustomize", GOLDEN / "agent/node-readiness"])
    config, rule = sorted(yaml.safe_load_all(done.stdout), key=lambda document: str(document["kind"]))
    plugin = json.loads(config["data"]["timepolicy-clock.json"])
    assert plugin["rules"][0]["args"] == ["/config/timepolicy-clock.sh"]
    assert plugin["conditions"][0]["type"] == rule["spec"]["conditions"][0]["type"] == plugin["rules"][0]["condition"]
    assert set(config["data"]) == {"timepolicy-clock.json", "timepolicy-clock.sh"}
    assert rule["spec"]["taint"] == {"key": "readiness.k8s.io/clock-unproven", "effect": "NoSchedule"}


def lost(written: Any, kept: Any, path: str = "") -> Iterator[str]:
    """The paths of what `written` has and `kept` has not."""
    if isinstance(written, dict) and isinstance(kept, dict):
        for key, value in written.items():
            yield from lost(value, kept.get(key), f"{path}.{key}")
    elif isinstance(written, list) and isinstance(kept, list) and len(written) == len(kept):
        for index, (one, other) in enumerate(zip(written, kept, strict=True)):
            yield from lost(one, other, f"{path}[{index}]")
    elif written != kept:
        yield path


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_model_of_grafana_keeps_all_of_the_dashboard(folder: str) -> None:
    need_module("grafana_foundation_sdk")
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.cog.plugins import register_default_plugins

    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # it would have us use version 2
        from grafana_foundation_sdk.models.dashboard import Dashboard

    register_default_plugins()
    written = json.loads((GOLDEN / folder / "dashboard.json").read_text())
    loaded = Dashboard.from_json(written)
    assert (loaded.schema_version, loaded.title) == (42, "Clocks of the nodes")
    assert list(lost(written, json.loads(JSONEncoder().encode(loaded)))) == []
    assert list(lost({"panels": [{"titel": 1}]}, {"panels": [{}]})) == [".panels[0].titel"]


# The agent's own files: the real program in a simulated node, whose time is now


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(simulation, "BOOT", time.time() - 130)
    world = world_of({"contract": {"textfile_dir": "/metrics"}}, tmp_path)
    world.create("/metrics/.keep")
    world.run("client_metrics", "apply", seconds=60)
    world.run("client_metrics", "gate", seconds=60)
    return world


@contextmanager
def exported(folder: str) -> Iterator[str]:
    """A real node_exporter with the textfiles of `folder`: its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    collectors = (
        "--collector.disable-defaults",
        *(f"--collector.{name}" for name in ("time", "timex", "uname", "textfile")),
    )
    command = [need("prometheus-node-exporter"), f"--web.listen-address={address}", *collectors]
    process = subprocess.Popen([*command, f"--collector.textfile.directory={folder}"], stderr=subprocess.DEVNULL)
    try:
        yield address
    finally:
        process.kill()
        process.wait()


def test_promtool_finds_nothing_wrong_in_the_agents_metrics(node: World) -> None:
    text = node.read("/metrics/timepolicy.prom")
    done = run([need("promtool"), "check", "metrics"], text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert text.count("# HELP timepolicy_") == 13
    assert run([need("promtool"), "check", "metrics"], text.replace("# HELP timepolicy_pass", "# x")).returncode != 0


def test_a_right_node_with_a_real_node_exporter_has_no_alert(node: World, tmp_path: Path) -> None:
    with exported(str(node.path("/metrics"))) as address:
        job = {"job_name": "real", "static_configs": [{"targets": [address], "labels": {"cluster": "real"}}]}
        with monitored(need("prometheus"), tmp_path, GOLDEN / "agent/rules.yaml", {}, job) as seen:
            time.sleep(3)
            flag = seen.query("node_timex_sync_status")[0][1]
            expected = set[tuple[str, ...]]()
            if not flag:  # of this machine
                expected.add(("TimepolicyNotSynchronised", "warning", "real", address))
            assert seen.alerts_when(expected, 5) == expected
            assert seen.query("abs(instance:timepolicy_clock_offset_seconds) < 1")
            assert seen.query("instance:timepolicy_source_answers:count")[0][1] == 4
            assert seen.query("count(timepolicy_check_pass == 1)")[0][1] == 8
            written = yaml.safe_load((GOLDEN / "agent/dashboard.json").read_text())["panels"]
            counts = {panel["title"]: panel["targets"][0]["expr"] for panel in written if panel["type"] == "stat"}
            shown = {title: seen.query(text.replace("$cluster", "real"))[0][1] for title, text in counts.items()}
    assert {title: value for title, value in shown.items() if value} == {
        "Nodes": 1,
        "Versions of the policy": 1,
        **({} if flag else {"Not synchronised": 1}),
    }


def asked(script_shell: str, folder: Path, report: str, uptime: str) -> tuple[int, str]:
    """The exit status and the output of node-problem-detector's script."""
    (folder / "report.json").write_text(report)
    (folder / "uptime").write_text(uptime)
    script = GOLDEN / "agent/node-readiness/timepolicy-clock.sh"
    done = run([*script_shell.split(), script, folder / "report.json", folder / "uptime"])
    assert (done.stderr, len(done.stdout.strip()) <= 80) == ("", True)
    return done.returncode, done.stdout.strip()


def test_the_script_of_node_problem_detector_tells_whether_the_clock_is_proven(
    node: World, shell: str, tmp_path: Path
) -> None:
    report = node.read("/run/timepolicy/report.json")
    made = int(json.loads(report)["boottime"])
    assert asked(shell, tmp_path, report, f"{made + 10}.55 900.00\n") == (0, "the clock is proven")
    assert asked(shell, tmp_path, report, f"{made + 180}.99 1.0\n") == (0, "the clock is proven")
    assert asked(shell, tmp_path, report, f"{made + 181}.00 1.0\n") == (1, "the report of timepolicy is 181 s old")
    assert asked(shell, tmp_path, report[:200], "100.0 1.0\n") == (2, "the report of timepolicy is not complete")
    assert asked(shell, tmp_path, "", "100.0 1.0\n") == (2, "the report of timepolicy is not complete")
    node.create("/etc/adjtime", "0.0 0 0.0\n0\nLOCAL\n")
    node.run("client_metrics", "verify", seconds=60)
    report = node.read("/run/timepolicy/report.json")
    made = int(json.loads(report)["boottime"])
    assert asked(shell, tmp_path, report, f"{made}.9 1.0\n") == (1, "failed checks: rtc")
    missing = run([*shell.split(), GOLDEN / "agent/node-readiness/timepolicy-clock.sh", tmp_path / "none"])
    assert (missing.returncode, missing.stdout) == (2, "there is no report of timepolicy\n")


def test_shellcheck_finds_nothing_wrong_in_the_script() -> None:
    done = run([need("shellcheck"), GOLDEN / "agent/node-readiness/timepolicy-clock.sh"])
    assert (done.returncode, done.stdout) == (0, "")
