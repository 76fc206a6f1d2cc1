"""`timepolicy compliance`: its forms, its exit status, requests that it refuses, and docs/compliance.md."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.command_line import timepolicy
from timepolicy.facts.compliance import PROFILES

PAGE = (ROOT / "docs/compliance.md").read_text()
POLICY = """\
timezone: UTC
upstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]
clients: {daemon: chrony, listen: none}
"""
TIER = POLICY + "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16]}\n"
OPEN = POLICY.replace(", listen: none", "")
DEBIAN = POLICY + "distros: [debian-12]\n"

TEXT = """\
STIG for RHEL 8, V2R8: client on rhel-8

RULE            STATUS     DEMAND
RHEL-08-030740  satisfied  each source is a `server` with `maxpoll` 16 or less
RHEL-08-030741  conflict   chronyd does not serve: `port 0`
RHEL-08-030742  conflict   chronyd takes no commands by network: `cmdport 0`

RHEL-08-030741: conflict: /etc/chrony.conf has no `port 0`
 --> <stdin>:3:10
  = help: write `clients: {listen: none}`

RHEL-08-030742: conflict: /etc/chrony.conf has no `cmdport 0`
 --> <stdin>:3:10
  = help: write `clients: {listen: none}`

1 satisfied, 2 conflicts
"""

STATUS = {
    "satisfied": (POLICY, ["--profile", "stig-rhel8"], 0),
    "a conflict": (OPEN, ["--profile", "stig-rhel8"], 1),
    "an exception": (TIER, ["--profile", "stig-rhel8"], 0),
    "an exception, strictly": (TIER, ["--profile", "stig-rhel8", "--strict"], 1),
    "only clients, strictly": (TIER, ["--profile", "stig-rhel8", "--strict", "--role", "client"], 0),
    "not applicable": (POLICY, ["--profile", "cis-debian12"], 0),
    "a wrong policy": ("timezone: 7\n", ["--profile", "stig-rhel8"], 1),
}

REFUSED = {
    "no profile": (POLICY, [], "choose a profile; the names are cis-rhel8, "),
    "an unknown profile": (POLICY, ["--profile", "stig-rhel-9"], "no profile `stig-rhel-9`; did you mean stig-rhel9?"),
    "another release": (
        DEBIAN,
        ["--profile", "stig-rhel9"],
        "stig-rhel9 is for none of the policy's releases, debian-12; choose cis-debian12 or pci-dss, or add rhel-9,",
    ),
    "another release by option": (
        POLICY,
        ["--profile", "stig-sles15", "--distro", "rocky-9"],
        "stig-sles15 is not for rocky-9; choose cis-rhel9, stig-rhel9 or pci-dss, or add sles-15-sp7,",
    ),
    "no release": (POLICY, ["--profile", "pci-dss"], "pci-dss is for every release, and the policy names none"),
    "no server": (POLICY, ["--profile", "stig-rhel9", "--role", "server"], "the policy has no server"),
}


def test_text() -> None:
    done = timepolicy("compliance", "-", "--profile", "stig-rhel8", text=OPEN)
    assert (done.stdout.decode(), done.returncode) == (TEXT, 1)


def test_json() -> None:
    done = timepolicy("compliance", "-", "--profile", "stig-rhel8", "--format", "json", text=OPEN)
    data = json.loads(done.stdout)
    (node,) = data.pop("nodes")
    assert data == {"policy": "<stdin>", "profile": "stig-rhel8", "title": "STIG for RHEL 8, V2R8"}
    assert (node["release"], node["role"]) == ("rhel-8", "client")
    assert node["rules"][1] == {
        "rule": "RHEL-08-030741",
        "demand": "chronyd does not serve: `port 0`",
        "status": "conflict",
        "why": "/etc/chrony.conf has no `port 0`",
        "help": "write `clients: {listen: none}`",
        "place": {"path": "clients", "line": 3, "column": 10},
    }


def test_markdown() -> None:
    done = timepolicy("compliance", "-", "--profile", "stig-rhel8", "--format", "markdown", text=OPEN)
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "## STIG for RHEL 8, V2R8: client on rhel-8"
    assert lines[5] == (
        "| RHEL-08-030741 | chronyd does not serve: `port 0` | conflict"
        " | /etc/chrony.conf has no `port 0` (<stdin>:3:10); write `clients: {listen: none}` |"
    )
    assert {line.count("|") for line in lines[2:]} == {5}


@pytest.mark.parametrize("case", STATUS)
def test_exit_status(case: str) -> None:
    text, options, status = STATUS[case]
    assert timepolicy("compliance", "-", *options, text=text).returncode == status


@pytest.mark.parametrize("case", REFUSED)
def test_a_request_that_cannot_be_met_says_the_way_out(case: str) -> None:
    text, options, message = REFUSED[case]
    done = timepolicy("compliance", "-", *options, text=text)
    assert done.returncode == 2
    assert done.stdout == b""
    assert message in done.stderr.decode()


def test_the_page_is_right(tmp_path: Path) -> None:
    blocks = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    outputs = []
    for kind, name, text in blocks:
        if name:
            (tmp_path / name).write_text(text)
        elif kind == "sh":
            done = [timepolicy(*shlex.split(line)[1:], folder=tmp_path) for line in text.splitlines()]
            assert [one.returncode for one in done] == [0] * len(done)
            outputs.append(done[0].stdout.decode())
    assert outputs[0] == next(text for kind, _, text in blocks if kind == "text")
    assert {path.name for path in tmp_path.iterdir()} == {"timepolicy.yaml", "stig-rhel9.md", "cis-ubuntu2204.json"}


def test_the_page_names_every_profile() -> None:
    table = PAGE.partition("## Profiles")[2].partition("\n## ")[0]
    assert set(re.findall(r"`((?:cis|stig|pci)-\w+)`", table)) == set(PROFILES)
