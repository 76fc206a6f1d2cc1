"""A list of many nodes: memory as Linux counts it."""

import re
import subprocess
import sys
from pathlib import Path

from tests.helpers.command_line import MINIMAL
from tests.helpers.programs import give_up

STATUS = Path("/proc/self/status")
PROGRAM = f"""
from timepolicy.cli.main import main
try:
    main()
finally:
    print(open("{STATUS}").read())
"""


def peak(policy: Path, number: int, folder: Path) -> float:
    """The largest resident memory in MiB; ru_maxrss would count that of pytest too, from before exec."""
    path = folder / f"{number}.csv"
    path.write_text("name,distro\n" + "".join(f"node-{n}.example.org,debian-12\n" for n in range(number)))
    words = ["render", str(policy), "--inventory", str(path), "-o", str(folder / str(number))]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=True)
    assert (folder / str(number) / "nodes.csv").read_bytes().count(b"\n") == number + 1
    (kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", done.stdout, flags=re.MULTILINE)
    return int(kibibytes) / 1024


def test_memory_does_not_grow_with_the_nodes(tmp_path: Path) -> None:
    if not STATUS.exists():
        give_up(str(STATUS))
    policy = tmp_path / "timepolicy.yaml"
    policy.write_text(MINIMAL)
    assert peak(policy, 100_000, tmp_path) < peak(policy, 1_000, tmp_path) + 4
