"""`render --keys`: which node gets which keys, who can read them, and the messages."""

import stat
from pathlib import Path

import pytest

from tests.helpers.command_line import policy_file, timepolicy

POLICY = """timezone: UTC
upstreams: [{server: 192.0.2.1, key: 7}, {server: 192.0.2.2, key: 9}]
servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16], key: 10}
authentication: {keys_file: /etc/chrony/secret/keys}
require_authentication: true
"""
KEYS = "# of the cluster\n\n7 SHA1 HEX:0011\n9  SHA256   nine$(id)'\"\n10 MD5 ten\n11 AES128 HEX:%s\n" % ("ab" * 16)
FILE = "/etc/chrony/secret/keys"


def render(folder: Path, *arguments: str, policy: str = POLICY, keys: str = KEYS) -> tuple[int, str, str]:
    (folder / "keys").write_text(keys)
    options = arguments or ("--distro", "debian-12")
    done = timepolicy("render", policy_file(folder, policy), "--keys", str(folder / "keys"), *options)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_node_gets_the_keys_of_its_own_sources(tmp_path: Path) -> None:
    installed = "write /etc/chrony/secret/keys <<'EOF'\n{}EOF\n"
    _, client, errors = render(tmp_path, "--distro", "debian-12", "--format", "script")
    assert installed.format("10 MD5 ten\n") in client
    assert "TP288" in errors
    _, server, _ = render(tmp_path, "--distro", "debian-12", "--format", "script", "--role", "server")
    assert installed.format("7 SHA1 HEX:0011\n9 SHA256 nine$(id)'\"\n10 MD5 ten\n") in server
    assert "AES128" not in client + server


def test_the_environment_names_the_file_too(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(KEYS)
    arguments = ("render", policy_file(tmp_path, POLICY), "--distro", "debian-12")
    named = timepolicy(*arguments, TIMEPOLICY_KEYS_FILE=str(tmp_path / "keys")).stdout
    assert named == timepolicy(*arguments, "--keys", str(tmp_path / "keys")).stdout != timepolicy(*arguments).stdout


def test_the_environment_is_for_policies_with_keys(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(KEYS)
    without = policy_file(tmp_path, "timezone: UTC\nupstreams: [192.0.2.1, 192.0.2.2, 192.0.2.3]\n")
    arguments = ("render", without, "--distro", "debian-12")
    named = timepolicy(*arguments, TIMEPOLICY_KEYS_FILE=str(tmp_path / "keys"))
    assert (named.returncode, named.stdout) == (0, timepolicy(*arguments).stdout)
    assert timepolicy(*arguments, "--keys", str(tmp_path / "keys")).returncode == 2


@pytest.mark.parametrize("name", ["user-data", "plan.tar"])
def test_a_product_with_keys_is_for_its_owner_alone(name: str, tmp_path: Path) -> None:
    arguments = ["--distro", "debian-12", "-o", str(tmp_path / name)]
    (tmp_path / name).write_text("readable by all")
    assert render(tmp_path, *arguments, *(["--format", "rootfs"] if name == "plan.tar" else []))[0] == 0
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("keys", "status", "message"),
    [
        pytest.param("7 SHA1 HEX:00\n9 SHA1\tHEX:00\n10 MD5 two words\n", 2, "line 3 is no key", id="malformed"),
        pytest.param("7 SHA1 HEX:00\nsecret\n", 2, "line 2 is no key", id="no number"),
        pytest.param("10 MD5 schl\u00fcssel\n", 2, "is not ASCII", id="not ASCII"),
        pytest.param("7 SHA1 HEX:00\n9 SHA1 HEX:00\n", 1, "TP289", id="missing"),
    ],
)
def test_wrong_keys_are_refused_and_not_printed(tmp_path: Path, keys: str, status: int, message: str) -> None:
    code, product, errors = render(tmp_path, keys=keys)
    assert (code, product) == (status, "")
    assert message in errors
    assert "two words" not in errors
    assert "secret\n" not in errors


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param("timezone: UTC\nupstreams: [a.example.org, b.example.org, c.example.org]\n", id="no source"),
        pytest.param(POLICY.replace(", key: 10", "").replace("require_authentication: true\n", ""), id="other role"),
    ],
)
def test_keys_that_nobody_needs_are_refused(tmp_path: Path, policy: str) -> None:
    code, product, errors = render(tmp_path, policy=policy)
    assert (code, product) == (2, "")
    assert "no source" in errors


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = timepolicy("render", policy_file(tmp_path, POLICY), "--distro", "debian-12", "--keys", str(tmp_path / "no"))
    assert (done.returncode, done.stdout) == (3, b"")
