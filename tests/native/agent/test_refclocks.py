"""Hardware clocks of a node: the real script with stub devices, and a real chronyd with the file that it writes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.cases import file_of, plan_of
from tests.helpers.nodes import Node, nodes, until
from tests.helpers.programs import need, need_root, run

SCRIPT = "/usr/local/sbin/timepolicy-refclocks"
FILE = "etc/chrony/chrony.refclocks"
POLICY = """timezone: UTC
upstreams: [{preset: azure}, {phc: /dev/ptp_kvm}, {phc: /dev/ptp7}, {server: 10.2.12.1, min_poll: 1s, max_poll: 1s}]
"""

AMONG = """
mount -t tmpfs dev /dev && mount -t tmpfs class /sys/class
mknod /dev/null c 1 3
for clock in {clocks}; do
  mknod "/dev/$clock" c 1 3 && mkdir -p "/sys/class/ptp/$clock"
done
{names}
printf 'digest  /etc/x\\n' >"$1/files"
sed -e "s|^file=.*|file=$1/refclocks|" -e "s|/etc/timepolicy/files|$1/files|g" "$1/script" >"$1/here"
exec sh "$1/here"
"""


def written(folder: Path, clocks: str, names: str = "") -> tuple[list[str], str]:
    """The lines and the standard error of the script on a machine with these devices."""
    need_root()
    (folder / "script").write_text(file_of(plan_of(POLICY), SCRIPT))
    script = AMONG.format(clocks=clocks, names=names)
    done = run([need("unshare"), "--mount", "sh", "-euc", script, "sh", str(folder)])
    assert done.returncode == 0, done.stderr
    assert f"made  {folder}/refclocks\n" in (folder / "files").read_text()
    return (folder / "refclocks").read_text().splitlines(), done.stderr


def test_each_available_clock_is_used(tmp_path: Path) -> None:
    lines, error = written(tmp_path, "ptp_hyperv ptp7")
    assert lines == [
        "refclock PHC /dev/ptp_hyperv poll 3 dpoll -2 offset 0 stratum 2",
        "refclock PHC /dev/ptp7 poll 2",
    ]
    assert error == "this node has no /dev/ptp_kvm\n"


def test_a_clock_without_udevs_link_is_found_by_its_driver(tmp_path: Path) -> None:
    names = "echo e1000 >/sys/class/ptp/ptp0/clock_name; echo 'KVM virtual PTP' >/sys/class/ptp/ptp1/clock_name"
    lines, _ = written(tmp_path, "ptp0 ptp1", names)
    assert lines == ["refclock PHC /dev/ptp1 poll 2"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[list[Node]]:
    need("ip")
    need_root()
    with nodes(tmp_path, upstream=["10.2.12.1/16"], node=["10.2.30.1/16"]) as made:
        (made[0].root / "etc/chrony/chrony.conf").write_text("local stratum 2\nallow\n")
        made[0].start_chronyd()
        yield made


def test_a_node_without_the_clocks_follows_the_server(world: list[Node]) -> None:
    _, node = world
    node.install(plan_of(POLICY))
    (node.root / "etc/timepolicy/files").touch()
    assert node.run(SCRIPT).returncode == 0
    assert node.file(FILE) == ""
    node.start_chronyd()
    until(lambda: node.tracking() == ("0A020C01", 3, "Normal"))
    assert node.sources() == {"10.2.12.1"}


def test_chronyd_does_not_start_with_a_missing_clock(world: list[Node]) -> None:
    """Therefore the script writes only the clocks that exist."""
    _, node = world
    node.install(plan_of(POLICY))
    (node.root / FILE).write_text("refclock PHC /dev/ptp_hyperv poll 2\n")
    done = node.run("chronyd", "-x", "-d", "-u", "root", "-f", "/etc/chrony/chrony.conf")
    assert done.returncode == 1
    assert "Could not open" in done.stdout + done.stderr
