"""A real chronyd that cannot set the clock."""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.boot.lab.network import Network
from tests.helpers.programs import need, run
from timepolicy.distros.release import Version


def installed_chrony() -> Version:
    text = run([need("chronyd"), "--version"]).stdout
    match = re.search(r"version (\d+)\.(\d+)(?:\.(\d+))?", text)
    assert match, text
    return Version(*(int(number or 0) for number in match.groups()))


@contextmanager
def chronyd(network: Network, folder: Path, lines: list[str]) -> Iterator[Path]:
    """Run chronyd inside `network` with these lines, and yield its command socket; `-x` leaves the clock alone."""
    folder.chmod(0o755)
    (folder / "run").mkdir(mode=0o770, exist_ok=True)
    socket, config = folder / "run" / "chronyd.sock", folder / "chrony.conf"
    own = [f"bindcmdaddress {socket}", f"pidfile {folder}/run/chronyd.pid", "cmdport 0", "user root"]
    config.write_text("\n".join([*lines, *own]) + "\n")
    command = network.command(need("chronyd"), "-x", "-d", "-f", str(config))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(socket, process, folder / "log")
        yield socket
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(socket: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 10
    while not socket.exists():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)


def chronyc(socket: Path, commands: list[str]) -> list[str]:
    """Send commands to chronyd, all at once, and return the line that each one prints."""
    done = subprocess.run(
        [need("chronyc"), "-n", "-h", str(socket)],
        input="".join(command + "\n" for command in commands),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return [line.removeprefix("chronyc> ") for line in done.stdout.splitlines() if line.strip()]
