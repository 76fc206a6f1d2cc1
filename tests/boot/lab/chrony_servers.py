"""Real chronyds in the world, which authenticate by a key, and by NTS with a certificate of the lab's authority.

They cannot set the clock, and run with `-x`; they serve the time of the host.
"""

import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.boot.lab.network import Network

AUTHORITY = Path(__file__).parents[1] / "authority"
KEY = "7 SHA1 HEX:00112233445566778899aabbccddeeff00112233\n"
WITHOUT_CLOCK = ("setpriv", "--bounding-set=-sys_time", "--inh-caps=-sys_time")
STARTS_WITHIN_S = 10.0

CONFIGURATION = """\
bindaddress {address}
allow
local stratum 2
keyfile {folder}/keys
ntsservercert {folder}/server.pem
ntsserverkey {folder}/server.key
ntsprocesses 0
pidfile {folder}/pid
cmdport 0
bindcmdaddress /
"""


class ChronyServers:
    """One chronyd for each address, in the world's namespace."""

    def __init__(self, network: Network, addresses: Sequence[str], folder: Path) -> None:
        """Plan the servers, whose files go to `folder`."""
        self._network, self._addresses, self._folder = network, addresses, folder
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start each, and wait until it serves."""
        for address in self._addresses:
            folder = self._folder / f"chronyd-{address}"
            folder.mkdir(exist_ok=True)
            for name in ("server.pem", "server.key"):
                shutil.copy(AUTHORITY / name, folder)
            (folder / "keys").write_text(KEY)
            (folder / "chrony.conf").write_text(CONFIGURATION.format(address=address, folder=folder))
            self._start(folder)

    def stop(self) -> None:
        """End every one."""
        for process in self._running:
            process.terminate()
            process.wait()

    def _start(self, folder: Path) -> None:
        (folder / "pid").unlink(missing_ok=True)
        command = [*WITHOUT_CLOCK, "chronyd", "-x", "-d", "-u", "root", "-f", str(folder / "chrony.conf")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(self._network.command(*command), stdout=log, stderr=log)
        self._running.append(process)
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not (folder / "pid").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"chronyd does not start:\n{(folder / 'log').read_text()}")
            time.sleep(0.05)
