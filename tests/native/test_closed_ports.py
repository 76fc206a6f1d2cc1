"""`clients: {listen: none}` in a chronyd: no port is open, and chronyc works for root as the agent calls it."""

from pathlib import Path

from tests.helpers.cases import TREES
from tests.helpers.programs import need, need_root, run

CONFIG = TREES / "nodes/closed-ports/debian-11/root/etc/chrony/chrony.conf"

IN_NAMESPACES = """
mount -t tmpfs none /run
ip link set lo up
mkdir -m 750 /run/chrony
"$1" -x -d -u root -f "$2" 2>/run/log &
for _ in 1 2 3 4 5 6 7 8 9 10; do
    test -S /run/chrony/chronyd.sock && break
    sleep 0.2
done
"$3" -c tracking || cat /run/log
tail -n +2 /proc/net/udp /proc/net/udp6 | grep -E ":(007B|0143) "
kill $!
wait
"""
"""UDP 123 and 323 in /proc/net/udp. The namespaces hide this machine's chronyd, its network and its /run."""


def in_chronyd(folder: Path, config: str) -> list[str]:
    """The row of `chronyc tracking`, and the sockets of the two ports."""
    need_root()
    path = folder / "chrony.conf"
    path.write_text(config.replace("/var/lib/chrony", str(folder)))
    arguments = [need("chronyd"), str(path), need("chronyc")]
    return run([need("unshare"), "-mn", "sh", "-uc", IN_NAMESPACES, "sh", *arguments]).stdout.splitlines()


def test_no_port_is_open(tmp_path: Path) -> None:
    tracking, *sockets = in_chronyd(tmp_path, CONFIG.read_text())
    assert len(tracking.split(",")) == 14
    assert sockets == []


def test_without_these_lines_the_command_port_is_open(tmp_path: Path) -> None:
    lines = [line for line in CONFIG.read_text().splitlines() if "port" not in line]
    tracking, *sockets = in_chronyd(tmp_path, "\n".join(lines) + "\n")
    assert len(tracking.split(",")) == 14
    assert [line.split()[1].rpartition(":")[2] for line in sockets] == ["0143", "0143"]
