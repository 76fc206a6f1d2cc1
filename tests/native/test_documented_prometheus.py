"""What a new user does with the pages that need a Prometheus: their blocks run as they stand, against a real one."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.helpers.cases import ROOT
from tests.helpers.command_line import MINIMAL, timepolicy
from tests.helpers.fleet import Made, scraped
from tests.helpers.monitored import Monitored
from tests.helpers.mounted import mounted
from tests.helpers.pages import blocks, needs
from tests.helpers.programs import need

DOCS = ROOT / "docs"


def documented(page: str) -> list[str]:
    """The blocks of a page that need a Prometheus."""
    return [text for _, _, text in blocks(DOCS / page) if needs(text) == "Prometheus"]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The commands of this checkout first, then those of `folder`; no proxy but those of `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return kept | {"PATH": f"{folder}:{Path(sys.executable).parent}:{kept['PATH']}"} | more


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.5)
    assert condition()


def test_two_commands_lead_from_a_running_prometheus_to_alerts_and_a_dashboard(tmp_path: Path) -> None:
    page = (DOCS / "alerts.md").read_text()
    setting = re.search(r"`rule_files: \[(.+)\]` in /etc/prometheus/prometheus.yml", page)
    assert setting is not None
    [block] = documented("alerts.md")
    assert len(block.splitlines()) == 3  # what it needs, and two commands
    for name in ("prometheus", "bin", "mounts", "page"):
        (tmp_path / name).mkdir()
    reload = tmp_path / "bin/systemctl"  # prometheus.service of Debian has ExecReload=/bin/kill -HUP $MAINPID
    reload.write_text(f'#!/bin/sh -eu\n[ "$*" = "reload prometheus" ]\nkill -HUP $(cat {tmp_path}/prometheus/pid)\n')
    reload.chmod(0o755)
    (tmp_path / "page/timepolicy.yaml").write_text(MINIMAL)
    nodes = {f"n{number}": Made() for number in range(3)} | {"ahead": Made(offset=45)}
    with scraped(need("prometheus"), tmp_path / "prometheus", nodes, Path(setting[1])) as url:
        seen = Monitored(url)
        assert (seen.alerts(), seen.query("instance:timepolicy_clock_distance_seconds")) == (set(), [])
        sees = mounted(tmp_path / "prometheus", Path("/etc/prometheus"), tmp_path / "mounts")
        command = [*sees, "sh", "-euc", block]
        done = subprocess.run(
            command,
            cwd=tmp_path / "page",
            env=environment(tmp_path / "bin"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        expected = {
            ("TimepolicyClockOffMedian", "warning", "east", "ahead"),
            ("TimepolicyClockSpread", "warning", "east"),
        }
        assert seen.alerts_when(expected, 20) == expected
        dashboard = json.loads((tmp_path / "prometheus/timepolicy/dashboard.json").read_text())
        shown = {
            panel["title"]: [len(seen.query(query["expr"].replace("$cluster", "east"))) for query in panel["targets"]]
            for panel in dashboard["panels"]
        }
    assert shown["Nodes"] == [1]
    assert shown["Distance from the median"] == [4]
    assert [title for title, numbers in shown.items() if not all(numbers)] == ["Stratum"]  # no chrony_exporter runs


def digests_of(policy: Path) -> list[str]:
    done = timepolicy("plan", "--digest", str(policy))
    assert done.returncode == 0
    return done.stdout.decode().strip().split(",")


def assert_gate_opens_with_the_roll_out(block: str, folder: Path, old: Path, new: Path) -> None:
    """Run `block` while nodes go from policy `old` to `new`, one that has a wrong clock last."""
    before, after = (digests_of(policy) for policy in (old, new))
    assert set(before).isdisjoint(after)
    nodes = {f"n{number}": Made(digest=digest) for number, digest in enumerate(before[:4])}
    (folder / "prometheus").mkdir()
    with (
        scraped(need("prometheus"), folder / "prometheus", nodes) as url,
        (folder / "progress").open("w+") as progress,
        # The name prometheus:9090 leads to the one on loopback: it answers what a client asks of a proxy, too.
        subprocess.Popen(
            ["sh", "-euc", block],
            cwd=new.parent,
            env=environment(folder, http_proxy=url),
            stdout=subprocess.PIPE,
            stderr=progress,
            text=True,
        ) as gate,
    ):
        try:
            wait_for(lambda: "4 warning" in (folder / "progress").read_text(), 60)
            for name, digest in zip(nodes, after, strict=False):
                nodes[name] = Made(digest=digest, passes=int(name != "n3"))
            wait_for(lambda: "1 warning" in (folder / "progress").read_text(), 60)
            assert gate.poll() is None
            nodes["n3"] = replace(nodes["n3"], passes=1)
            output, _ = gate.communicate(timeout=60)
        finally:
            gate.kill()
    assert (gate.returncode, output.count("\nok ")) == (0, 4), output


def test_the_gate_for_roll_outs_waits_for_the_nodes(tmp_path: Path) -> None:
    block = documented("fleet.md")[1]
    assert "--digest" in block
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    (tmp_path / "old/timepolicy.yaml").write_text(MINIMAL)
    (tmp_path / "new/timepolicy.yaml").write_text(MINIMAL.replace("ntp3", "ntp4"))
    assert_gate_opens_with_the_roll_out(
        block, tmp_path, tmp_path / "old/timepolicy.yaml", tmp_path / "new/timepolicy.yaml"
    )


def test_the_gate_of_an_upgrade_waits_for_the_nodes(tmp_path: Path) -> None:
    [block] = documented("upgrade.md")
    (tmp_path / "old.yaml").write_text(MINIMAL)
    (tmp_path / "new.yaml").write_text(MINIMAL.replace("ntp3", "ntp4"))
    assert_gate_opens_with_the_roll_out(block, tmp_path, tmp_path / "old.yaml", tmp_path / "new.yaml")


def test_the_first_commands_of_the_fleet(tmp_path: Path) -> None:
    block = documented("fleet.md")[0]
    (tmp_path / "prometheus").mkdir()
    nodes = {f"n{number}": Made() for number in range(3)} | {"ahead": Made(offset=45)}
    with scraped(need("prometheus"), tmp_path / "prometheus", nodes) as url:
        done = subprocess.run(
            ["sh", "-euc", block],
            cwd=tmp_path,
            env=environment(tmp_path, http_proxy=url),
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout.count("\nok "), done.stdout.count("\nwarning ")) == (0, 3, 2), done.stderr
    assert '"node":"ahead"' in (tmp_path / "fleet.html").read_text()
