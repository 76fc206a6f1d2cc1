"""Real chronyds under clknetsim, which gives programs a simulated clock and network.

https://gitlab.com/chrony/clknetsim; nodes must run as a user other than root.
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

NOBODY = 65534
ADDRESS = "192.168.123.{}"
"""clknetsim's address of a node in its first network; the second one carries Unix sockets."""


@dataclass(frozen=True, kw_only=True)
class NetworkPath:
    """The delay of a packet: at least `least_s`, and `jitter_s` more on average."""

    least_s: float
    jitter_s: float

    def expression(self, dropped: str = "") -> str:
        return f"(+ {self.least_s} (* {self.jitter_s} (exponential)) {dropped})"


LAN, CLOUD = NetworkPath(least_s=100e-6, jitter_s=50e-6), NetworkPath(least_s=30e-6, jitter_s=20e-6)
WAN = NetworkPath(least_s=15e-3, jitter_s=5e-3)

WANDER = "(* 1e-6 (sine 86400)) (* 2e-7 (sine 3600)) (sum (* 3e-9 (normal)))"
"""A clock without temperature control: 1 ppm by day and night, 0.2 ppm by load, and a random walk."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Nodes by number: each has a chrony.conf, and the first `upstreams` of them have the right time.

    Packets to and from upstreams take `upstream_path`, all others LAN; from second `lost_at` on the upstreams are
    silent, until `back_at`. `commands` are sent to a node's chronyd at a second.
    """

    confs: Mapping[int, str]
    upstreams: int = 1
    upstream_path: NetworkPath = WAN
    seconds: int
    lost_at: int | None = None
    back_at: int | None = None
    commands: tuple[tuple[int, int, str], ...] = field(default=())

    def description(self) -> str:
        """Return clknetsim's configuration."""
        nodes = sorted(self.confs)
        lines = [f"node{a}_delay{b} = {self._delay(a, b)}" for a in nodes for b in nodes if a != b]
        for node in nodes[self.upstreams :]:
            lines += [f"node{node}_freq = (+ {(node - 3.5) * 8e-6:.2e} {WANDER})", f"node{node}_offset = {node * 0.01}"]
        for number, (node, second, _) in enumerate(self.commands, start=len(nodes) + 1):
            lines += [f"node{number}_start = {second}"]
            lines += [f"node{a}_delay{b} = (+ 1e-4 0)" for a, b in ((number, node), (node, number))]
        return "\n".join(lines) + "\n"

    def _delay(self, a: int, b: int) -> str:
        if min(a, b) > self.upstreams:
            return LAN.expression()
        silent = [f"(min 1 (max 0 (+ time {-self.lost_at})))"] if self.lost_at else []
        silent += [f"(* -1 (min 1 (max 0 (+ time {-self.back_at}))))"] if self.back_at else []
        return self.upstream_path.expression(f"(* -10 (+ {' '.join(silent)}))" if silent else "")


def offsets(world: World, folder: Path, clknetsim: Path, chrony: Path) -> list[list[float]]:
    """Run the world; return, for each second, the clock errors of all its nodes in seconds.

    `chrony` is the folder of chronyd and chronyc. Raise RuntimeError where the simulation fails.
    """
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    (folder / "world").write_text(world.description())
    environment = {
        **os.environ,
        "LD_PRELOAD": str(clknetsim / "clknetsim.so"),
        "CLKNETSIM_SOCKET": str(folder / "socket"),
        "CLKNETSIM_CONNECT_TIMEOUT": "60",
        "CLKNETSIM_UNIX_SUBNET": "2",
    }
    commands: list[list[str | Path]] = []
    for node, conf in sorted(world.confs.items()):
        path = folder / f"chrony.conf.{node}"
        head = f"pidfile {folder}/pid.{node}\nallow\nbindcmdaddress /clknetsim/unix/chronyd.sock\n"
        path.write_text(head + conf)
        commands.append([chrony / "chronyd", "-d", "-f", path])
    commands += [
        [chrony / "chronyc", "-h", f"/clknetsim/unix/{node}:1", "-m", line] for node, _, line in world.commands
    ]
    running = []
    try:
        for number, command in enumerate(commands, start=1):
            with (folder / f"log.{number}").open("wb") as log:
                running.append(
                    subprocess.Popen(
                        command,
                        env={**environment, "CLKNETSIM_NODE": str(number)},
                        user=NOBODY,
                        group=NOBODY,
                        extra_groups=[],
                        stdout=log,
                        stderr=log,
                    )
                )
        done = subprocess.run(
            [
                *(clknetsim / "clknetsim", "-s", folder / "socket", "-o", folder / "offsets"),
                *("-n", "2", "-l", str(world.seconds), folder / "world", str(len(commands))),
            ],
            capture_output=True,
            text=True,
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            check=False,
        )
    finally:
        for process in running:
            process.kill()
            process.wait()
    refused = [log.name for log in folder.glob("log.*") if "not open connection" in log.read_text()]
    if done.returncode or refused:
        raise RuntimeError(f"clknetsim: {done.stderr.strip()[-200:]} {refused}")
    rows = [list(map(float, line.split())) for line in (folder / "offsets").read_text().splitlines()]
    return [row[: len(world.confs)] for row in rows]
