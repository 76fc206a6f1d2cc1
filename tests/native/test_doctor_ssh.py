"""How `timepolicy doctor` reaches nodes: by a real sshd, and what it says where that fails."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.command_line import timepolicy
from tests.helpers.nodes import until
from tests.helpers.programs import need, need_root

SERVE = """
root=$1
passwd=$2
port=$3
mkdir -p /run/sshd
mount --bind "$passwd" /etc/passwd
exec setpriv --bounding-set=-sys_time --inh-caps=-sys_time "$4" -D -e -f /dev/null -h "$root/host" -p "$port" \\
  -o ListenAddress=127.0.0.1 -o UsePAM=no -o StrictModes=no -o PidFile=none -o AuthorizedKeysFile="$root/authorized"
"""
"""sshd on loopback in a mount namespace of its own, where nothing can set the clock."""

LIBWRAP = ROOT / ".tools/libwrap0/usr/lib/x86_64-linux-gnu"
PASSWD = "root:x:0:0::/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n"


@dataclass
class SshServer:
    """A real sshd, and the options with which it is reached."""

    folder: Path
    port: int

    def doctor(self, *arguments: str, host: str = "root@127.0.0.1", key: str = "user") -> tuple[int, str]:
        """The exit status and the output of the doctor for the host that the server stands for."""
        options = f"-p {self.port} -i {self.folder / key} -o IdentitiesOnly=yes -o IdentityAgent=none"
        options += f" -o UserKnownHostsFile={self.folder / 'known'} -o GlobalKnownHostsFile=/dev/null"
        done = timepolicy("doctor", "--ssh", f"{need('ssh')} -F none {options}", *arguments, host)
        return done.returncode, done.stdout.decode()


@pytest.fixture
def ssh_server(tmp_path: Path) -> Iterator[SshServer]:
    need_root()
    sshd = need("sshd")
    for name in ("host", "user", "stranger"):
        subprocess.run([need("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    (tmp_path / "authorized").write_bytes((tmp_path / "user.pub").read_bytes())
    (tmp_path / "passwd").write_text(PASSWD)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    key = (tmp_path / "host.pub").read_text().rsplit(" ", 1)[0]
    (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {key}\n")
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", SERVE, "sh"]
    environment = {**os.environ, "LD_LIBRARY_PATH": str(LIBWRAP)}
    arguments = [str(tmp_path), str(tmp_path / "passwd"), str(port), sshd]
    server = subprocess.Popen([*command, *arguments], env=environment, stderr=subprocess.DEVNULL)
    until(lambda: _is_open(port))
    yield SshServer(tmp_path, port)
    server.kill()
    server.wait()


def _is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def test_a_node_is_reached_by_the_real_ssh(ssh_server: SshServer) -> None:
    status, output = ssh_server.doctor("--format", "json")
    (node,) = json.loads(output)["nodes"]
    assert node["host"] == "root@127.0.0.1"
    assert node["offset_through_ssh"][0] == pytest.approx(0, abs=0.1)
    assert status == (1 if node["diagnoses"] else 0)


@pytest.mark.parametrize(
    ("known", "key", "reason"),
    [
        pytest.param("", "user", "its host key is unknown or has changed", id="unknown host key"),
        pytest.param("stranger.pub", "user", "its host key is unknown or has changed", id="changed host key"),
        pytest.param("host.pub", "stranger", "ssh could not log in: no key was accepted", id="key not accepted"),
    ],
)
def test_why_ssh_does_not_get_in(known: str, key: str, reason: str, ssh_server: SshServer) -> None:
    text = (ssh_server.folder / known).read_text().rsplit(" ", 1)[0] if known else ""
    (ssh_server.folder / "known").write_text(f"[127.0.0.1]:{ssh_server.port} {text}\n" if known else "")
    status, output = ssh_server.doctor(key=key)
    assert status == 3
    assert output.startswith(f"root@127.0.0.1: not examined: {reason}")


def test_a_port_where_nothing_listens(ssh_server: SshServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        ssh_server.port = int(free.getsockname()[1])
    assert ssh_server.doctor() == (3, "root@127.0.0.1: not examined: nothing listens on its ssh port\n")


def test_a_host_that_hangs(ssh_server: SshServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ssh_server.port = int(silent.getsockname()[1])
        begun = time.monotonic()
        status, output = ssh_server.doctor("--timeout", "4")
    assert (status, output) == (3, "root@127.0.0.1: not examined: it does not answer on its ssh port\n")
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("stands_for_ssh", "sentence"),
    [
        pytest.param("sleep 60", "no answer within 3 s", id="hangs after the login"),
        pytest.param("echo =ticks; exec sleep 60", "no answer within 3 s", id="hangs during the examination"),
        pytest.param(
            "echo 'sudo: a password is required' >&2; exit 1",
            "sudo asks for a password there; allow `sudo -n`, or log in as root",
            id="sudo asks for a password",
        ),
        pytest.param("echo Welcome; exit 0", "the collector did not run to its end", id="a shell that runs nothing"),
        pytest.param("kill -9 $$", "the collector did not run to its end", id="the connection breaks"),
    ],
)
def test_a_connection_that_leads_nowhere(stands_for_ssh: str, sentence: str, tmp_path: Path) -> None:
    program = tmp_path / "ssh"
    program.write_text(f"#!/bin/sh\n{stands_for_ssh}\n")
    program.chmod(0o755)
    begun = time.monotonic()
    done = timepolicy("doctor", "--ssh", str(program), "--sudo", "--timeout", "3", "node1")
    assert (done.returncode, done.stderr) == (3, b"")
    assert done.stdout.decode() == f"node1: not examined: {sentence}\n"
    assert time.monotonic() - begun < 10
