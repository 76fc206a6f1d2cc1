"""`CLKNETSIM_PATH=FOLDER python -m bench.quality VERSION=FOLDER...`: how good the time is, in RESULTS.md.

CLKNETSIM_PATH has clknetsim and clknetsim.so, as for chrony's own tests. Each VERSION=FOLDER has a chronyd and a
chronyc of that version. It needs root, to run them as nobody, and some minutes.
"""

import math
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.quality.simulation import ADDRESS, CLOUD, WAN, NetworkPath, World, offsets
from tests.helpers.cases import agent_plan_of, file_of
from timepolicy.agent.server import SILENT
from timepolicy.distros.release import Version
from timepolicy.plan.daemons.chrony import LOCAL_MODE_WAITS
from timepolicy.policy.role import Role

PAGE = Path(__file__).with_name("RESULTS.md")
SEEDS = 3
HOUR = 3600
SETTLED_S = 4 * HOUR
"""When a clock has found its frequency; what was before is not counted."""

LOST_AT, OUTAGE, AFTER = 12 * HOUR, 72 * HOUR, 12 * HOUR
TIER = "servers: {addresses: [10.0.0.2, 10.0.0.3, 10.0.0.4], allow: [10.0.0.0/8], orphan_stratum: 10}\n"
HEAD = "timezone: UTC\nclients: {daemon: chrony}\n"

Measure = Callable[[Sequence[Sequence[float]]], list[float]]
"""From the clock errors of all nodes at each second to figures."""

INTRODUCTION = """\
# How good the time is

Written by `python -m bench.quality` on {date}. Real chronyds in simulated time (clknetsim), {seeds} runs for each row:
the median, and behind it the worst. "timepolicy" has the lines that it renders; "defaults" has the same sources with
`iburst` alone, as the distributions' files. WAN: 15 ms and 5 ms of jitter one way; cloud: 30 us and 20 us; the tier's
own network: 100 us and 50 us. The clocks wander by 1 ppm a day, 0.2 ppm an hour and a random walk.

Without upstreams, the tier keeps one time, which is not the right one: after three days it is some hundred milliseconds
off. When the upstreams are back, one server after the other finds the right time, so that the spread is as large for
the minutes in which only some of them have it.
"""


def rendered_options(upstreams: str, role: Role = Role.CLIENT, rest: str = "") -> str:
    """What stands behind the host of the first source in the rendered chrony.conf."""
    text = file_of(agent_plan_of(f"{HEAD}upstreams: {upstreams}\n{rest}", role=role), "/etc/chrony/chrony.conf")
    match = re.search(r"^server \S+ (.*)$", text, flags=re.MULTILINE)
    assert match, text
    return match[1]


def tier(version: Version, *, is_ours: bool, loses: bool) -> World:
    """Three servers with one upstream on the internet, and a client of theirs."""
    release = "debian-12" if version < LOCAL_MODE_WAITS else "ubuntu-26.04"
    serving = agent_plan_of(f"{HEAD}upstreams: [ntp.example.org]\n{TIER}", release, Role.SERVER).contract.serving
    assert serving is not None
    upstream = rendered_options("[ntp.example.org]", Role.SERVER, TIER) if is_ours else "iburst"
    peers = serving.options if is_ours else "iburst"
    local = f"local stratum {serving.orphan_stratum} orphan" + (serving.orphan_options if is_ours else "")
    confs = {1: "local stratum 1\n"}
    for node in (2, 3, 4):
        others = "".join(f"server {ADDRESS.format(other)} {peers}\n" for other in (2, 3, 4) if other != node)
        confs[node] = f"server {ADDRESS.format(1)} {upstream}\n{others}{local}\nmakestep 1 3\nrtcsync\n"
    confs[5] = "".join(f"server {ADDRESS.format(node)} {peers}\n" for node in (2, 3, 4)) + "makestep 1 3\nrtcsync\n"
    if not loses:
        return World(confs=confs, seconds=48 * HOUR)
    commands: list[tuple[int, int, str]] = []
    if is_ours and not serving.orphan_options:  # what the agent does, some seconds apart on the three
        for node in (2, 3, 4):
            at = LOST_AT + SILENT + 10 * node
            commands += [(node, at, f"{local} distance 0"), (node, LOST_AT + OUTAGE + 15 * 60 + 10 * node, local)]
    back_at = LOST_AT + OUTAGE
    return World(confs=confs, seconds=back_at + AFTER, lost_at=LOST_AT, back_at=back_at, commands=tuple(commands))


def single(options: str, path: NetworkPath) -> World:
    """A client that asks three servers."""
    confs = dict.fromkeys((1, 2, 3), "local stratum 1\n")
    confs[4] = "".join(f"server {ADDRESS.format(node)} {options}\n" for node in (1, 2, 3)) + "makestep 1 3\nrtcsync\n"
    return World(confs=confs, upstreams=3, upstream_path=path, seconds=48 * HOUR)


def spread(row: Sequence[float], nodes: Sequence[int]) -> float:
    values = [row[node - 1] for node in nodes]
    return max(values) - min(values)


def rms(rows: Sequence[Sequence[float]], node: int) -> float:
    return math.sqrt(sum(row[node - 1] ** 2 for row in rows) / len(rows))


def in_normal_service(rows: Sequence[Sequence[float]]) -> list[float]:
    """RMS of a server and of the client, and the largest spread of all nodes, in seconds."""
    settled = rows[SETTLED_S:]
    return [rms(settled, 2), rms(settled, 5), max(spread(row, (2, 3, 4, 5)) for row in settled)]


def without_upstreams(rows: Sequence[Sequence[float]]) -> list[float]:
    """The spread of servers and client after 12 h and 72 h, and its largest value from the loss to after the return."""
    nodes = (2, 3, 4, 5)
    after = [spread(rows[LOST_AT + hours * HOUR - 1], nodes) for hours in (12, 72)]
    return [*after, max(spread(row, nodes) for row in rows[LOST_AT:])]


def of_a_client(rows: Sequence[Sequence[float]]) -> list[float]:
    """RMS and the largest error, in seconds."""
    settled = rows[SETTLED_S:]
    return [rms(settled, 4), max(abs(row[3]) for row in settled)]


def shown(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} us" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


def sections(version: Version) -> Iterator[tuple[str, tuple[str, ...], dict[str, World], Measure]]:
    """Title, names of the figures, contestants, and how a run is measured."""
    aws, public = rendered_options("[{preset: aws}]"), rendered_options("[ntp.example.org]")
    ours_and_defaults = (("timepolicy", True), ("defaults", False))
    yield (
        "Three servers of the cluster on the internet, and a client",
        ("a server's RMS", "the client's RMS", "largest spread"),
        {name: tier(version, is_ours=ours, loses=False) for name, ours in ours_and_defaults},
        in_normal_service,
    )
    yield (
        "The same, without upstreams for 72 hours, with `orphan`",
        ("spread after 12 h", "spread after 72 h", "largest, until 12 h after the return"),
        {name: tier(version, is_ours=ours, loses=True) for name, ours in ours_and_defaults},
        without_upstreams,
    )
    for title, options, path in (
        ("A client of public servers", public, WAN),
        ("A client in AWS", aws, CLOUD),
    ):
        yield (
            title,
            ("RMS", "largest"),
            {"timepolicy": single(options, path), "defaults": single("iburst", path)},
            of_a_client,
        )


def measured(version: Version, clknetsim: Path, chrony: Path) -> Iterator[str]:
    """Yield the lines of a version's tables."""
    yield f"## chrony {version}\n"
    for title, names, contestants, measure in sections(version):
        yield f"### {title}\n"
        yield f"| | {' | '.join(names)} |\n|---{'|---' * len(names)}|"
        for contestant, world in contestants.items():
            runs = []
            for _ in range(SEEDS):  # clknetsim's random numbers differ from run to run
                folder = Path(tempfile.mkdtemp(prefix="quality-"))
                folder.chmod(0o755)
                try:
                    runs.append(measure(offsets(world, folder / "run", clknetsim, chrony)))
                finally:
                    shutil.rmtree(folder)
            cells = [f"{shown(median(figures))} / {shown(max(figures))}" for figures in zip(*runs, strict=True)]
            yield f"| {contestant} | {' | '.join(cells)} |"
            sys.stderr.write(f"chrony {version}, {title}, {contestant}: {', '.join(cells)}\n")
        yield ""


def main() -> None:
    if not os.environ.get("CLKNETSIM_PATH"):
        sys.exit("bench.quality: set CLKNETSIM_PATH to the folder of clknetsim and clknetsim.so")
    clknetsim = Path(os.environ["CLKNETSIM_PATH"])
    versions = dict(word.split("=", 1) for word in sys.argv[1:])
    lines = [INTRODUCTION.format(date=datetime.now(UTC).date(), seeds=SEEDS)]
    for text, folder in versions.items():
        version = Version(*map(int, text.split(".")))
        lines += measured(version, clknetsim, Path(folder))
    PAGE.write_text("\n".join(lines).rstrip("\n") + "\n")


if __name__ == "__main__":
    main()
