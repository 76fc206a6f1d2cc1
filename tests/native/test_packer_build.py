"""The two kinds of image that need no cloud, built by the real Packer: a folder, and a root reached by ssh."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.image_template import TEMPLATES, assert_installed, prepare, variables
from tests.helpers.programs import need, need_root, run

SERVE = """
root=$1
mkdir -p "$root/work" "$root/usr" "$root/dev" "$root/proc" "$root/tmp" "$root/run/sshd"
mount -t overlay overlay -o "lowerdir=/usr,upperdir=$root/upper,workdir=$root/work" "$root/usr"
mount -t proc proc "$root/proc"
mount --rbind -o ro /dev "$root/dev"
for link in bin lib lib64 sbin; do [ ! -e /$link ] || ln -sfn usr/$link "$root/$link"; done
exec setpriv --bounding-set=-sys_time,-sys_boot,-sys_module --inh-caps=-all chroot "$root" /usr/sbin/sshd -D -e \\
  -f /dev/null -h /etc/ssh/key -p "$2" -o ListenAddress=127.0.0.1 -o UsePAM=no -o StrictModes=no -o PidFile=none \\
  -o Subsystem="sftp internal-sftp"
"""
"""sshd in a root directory with this machine's programs, in namespaces; nothing there can set the clock."""

LIBWRAP = ROOT / ".tools/libwrap0/usr"
"""A library of Debian's sshd that not every machine has, where `tests/run` unpacks it."""

PASSWD = "root:x:0:0::/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n"


def build(kind: str, folder: Path, **others: str) -> None:
    done = run([need("packer"), "build", "-color=false", f"-only={kind}", *variables(folder, **others), TEMPLATES])
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_folder_is_installed_and_sealed_without_a_machine(tmp_path: Path) -> None:
    build("file.node", tmp_path)
    assert_installed(tmp_path / "timepolicy-node", usr="usr")
    floor = (tmp_path / "timepolicy-node/usr/lib/clock-epoch").stat().st_mtime
    assert abs(floor - time.time()) < 120
    build("file.node", tmp_path)  # a second time, over the first


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Serve a root directory in tmp_path by ssh, and return the port on 127.0.0.1."""
    need_root()
    sshd = Path(need("sshd"))
    prepare(tmp_path)
    key, root = tmp_path / "key", tmp_path / "root"
    files = {
        "etc/passwd": PASSWD.encode(),
        "etc/group": b"root:x:0:\nnogroup:x:65534:\n",
        "etc/ssh/key": key.read_bytes(),
        "etc/machine-id": b"0123456789abcdef0123456789abcdef\n",
        "root/.ssh/authorized_keys": key.with_suffix(".pub").read_bytes(),
        "var/lib/chrony/chrony.drift": b"-12.3 0.1\n",
        "upper/sbin/sshd": sshd.read_bytes(),
        **{f"upper/{path.relative_to(LIBWRAP)}": path.read_bytes() for path in LIBWRAP.rglob("*.so.*")},
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
        (root / name).chmod(0o700 if name.endswith("sshd") else 0o600)
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    command: list[str | Path] = [
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "sh",
        "-euc",
        SERVE,
        "sh",
        root,
        str(number),
    ]
    server = subprocess.Popen(command)
    yield number
    server.kill()
    server.wait()


def test_a_root_reached_by_ssh_is_provisioned_and_sealed(port: int, tmp_path: Path) -> None:
    build("null.node", tmp_path, ssh_port=str(port), is_booted="false")
    root = tmp_path / "root"
    assert_installed(root, usr="upper")
    assert not list((root / "var/lib/chrony").iterdir())
    assert (root / "etc/machine-id").read_bytes() == b""
    assert {path.name for path in (root / "root").iterdir()} == {".ssh"}
    assert not list((root / "tmp").iterdir())
    assert abs((root / "upper/lib/clock-epoch").stat().st_mtime - time.time()) < 120
