"""The policy of `init` is valid, also with every line that it has as a comment."""

import re
from pathlib import Path

import pytest
import yaml

from tests.helpers.command_line import timepolicy
from timepolicy.document.schema import policy_schema

MENTIONED = re.compile(r"^# ?(?=[a-z_]+:|[ ]*- |  )", re.MULTILINE)
"""A comment that is a line of policy; comments in prose begin with a capital letter."""


CONF = "server ntp1.example.org iburst\nserver ntp2.example.org iburst\nserver ntp3.example.org iburst\nrtcsync\n"


def initial(*options: str) -> str:
    done = timepolicy("init", *options)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def test_it_has_no_findings() -> None:
    done = timepolicy("validate", "--strict", "-", text=initial())
    assert (done.returncode, done.stderr) == (0, b"")


def test_all_that_it_mentions_is_right_too() -> None:
    text = MENTIONED.sub("", initial())
    left_out = set(policy_schema()["properties"]) - set(yaml.safe_load(text))
    assert left_out == {"step", "ignore", "authentication", "require_authentication"}
    done = timepolicy("validate", "-", text=text)
    assert done.returncode == 0, done.stderr.decode()


def test_it_renders(tmp_path: Path) -> None:
    path = tmp_path / "timepolicy.yaml"
    assert timepolicy("init", "-o", str(path)).returncode == 0
    assert timepolicy("render", str(path)).stdout.startswith(b"#cloud-config\n")


def test_a_policy_that_is_there_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "timepolicy.yaml"
    path.write_text("mine\n")
    done = timepolicy("init", "-o", str(path))
    assert (done.returncode, done.stdout, path.read_text()) == (3, b"", "mine\n")
    assert b"exists already" in done.stderr


def test_it_is_in_its_normal_form() -> None:
    assert timepolicy("fmt", "--check", "-", text=initial()).returncode == 0


def test_releases_and_servers_of_ones_own() -> None:
    text = initial(
        *("--distro", "rocky-9", "--distro", "debian-12", "--servers", "10.2.12.11", "--servers", "10.2.12.12"),
        *("--servers", "fd00::1"),
        *("--allow", "10.2.0.0/16", "--allow", "fd00::/8"),
    )
    policy = yaml.safe_load(text)
    assert policy["distros"] == ["rocky-9", "debian-12"]
    assert policy["servers"] == {
        "addresses": ["10.2.12.11", "10.2.12.12", "fd00::1"],
        "allow": ["10.2.0.0/16", "fd00::/8"],
    }
    done = timepolicy("validate", "-", text=text)
    assert (done.returncode, done.stderr) == (0, b"")
    assert timepolicy("fmt", "--check", "-", text=text).returncode == 0


def test_a_file_of_a_daemon_becomes_the_policy(tmp_path: Path) -> None:
    (tmp_path / "chrony.conf").write_text(CONF + "allow 10.2.0.0/16\n")
    output = tmp_path / "timepolicy.yaml"
    done = timepolicy(
        *("init", "--from", str(tmp_path / "chrony.conf"), "--servers", "10.2.12.11", "--distro", "rocky-9"),
        *("-o", str(output)),
    )
    assert (done.returncode, done.stdout) == (0, b"")
    assert output.read_text().startswith("# Made by `timepolicy import` from ")
    policy = yaml.safe_load(output.read_text())
    assert policy["distros"] == ["rocky-9"]
    assert policy["servers"] == {"addresses": ["10.2.12.11"], "allow": ["10.2.0.0/16"]}
    assert len(policy["upstreams"]) == 3
    assert timepolicy("render", str(output), "--role", "server").returncode == 0


def test_a_file_without_a_source_of_time_gives_no_policy(tmp_path: Path) -> None:
    (tmp_path / "chrony.conf").write_text("rtcsync\n")
    done = timepolicy("init", "--from", str(tmp_path / "chrony.conf"), "-o", str(tmp_path / "timepolicy.yaml"))
    assert done.returncode == 1
    assert b"error[TP255]" in done.stderr
    assert not (tmp_path / "timepolicy.yaml").exists()


@pytest.mark.parametrize("host", ["n", "yes", "null", "1e3", "0x10"])
def test_a_server_whose_name_yaml_reads_otherwise_stays_a_name(host: str) -> None:
    done = timepolicy("init", "--servers", host, "--allow", "10.2.0.0/16")
    assert f'addresses: ["{host}"]' in done.stdout.decode()
    assert timepolicy("validate", "-", text=done.stdout.decode()).returncode == 0


def test_what_a_finding_advises_is_an_option(tmp_path: Path) -> None:
    (tmp_path / "chrony.conf").write_text(CONF + "allow 10.2.0.0/16\n")
    named = ("init", "--from", str(tmp_path / "chrony.conf"))
    assert b"name the address that clients use with --address" in timepolicy(*named).stderr
    assert b"TP252" not in timepolicy(*named, "--address", "10.2.12.11").stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--distro", "noble"], "did you mean ubuntu-24.04?"),
        (
            ["--servers", "10.2.0.1 x", "--allow", "10.2.0.0/16"],
            "--servers: `10.2.0.1 x` is no host name or IP address",
        ),
        (["--servers", "10.2.0.1", "--allow", "10.2.0.1/16"], "--allow: `10.2.0.1/16` is no network"),
        (["--servers", "10.2.0.1"], "--servers and --allow are only valid together"),
        (["--allow", "10.2.0.0/16"], "--servers and --allow are only valid together"),
        (["--from", "chrony.conf", "--allow", "10.2.0.0/16"], "--allow: with --from"),
    ],
)
def test_wrong_options(options: list[str], message: str) -> None:
    done = timepolicy("init", *options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
