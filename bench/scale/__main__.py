"""How many products and nodes one run of `render` takes: `python -m bench.scale` measures, and writes RESULTS.md."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from timepolicy.distros.catalogue import AGENT_RELEASES

ROOT = Path(__file__).resolve().parents[2]
FORMATS = ("cloud-config", "mime", "boothook", "script", "rootfs", "containerfile", "kubeadmconfig")
POLICY = """\
timezone: UTC
upstreams: [a.example.org, b.example.org, c.example.org]
servers: {addresses: [10.0.0.1, 10.0.0.2, 10.0.0.3], allow: [10.0.0.0/8]}
"""
PRODUCTS = (1, 10, 100, 500)
NODES = (1, 10, 100, 1_000, 10_000, 100_000)

PAGE = """\
# Many products at once

Written by `python -m bench.scale` on {date}, Python {python}, {processors} processors. Whole processes, start included.

## Products

`render --all` of a policy with servers: releases, roles and formats until there are so many.

| products | seconds, 1 process | products per second | seconds, as many processes as pay | products per second | MiB |
| --- | --- | --- | --- | --- | --- |
{products}

## Nodes

`render --inventory`: {kinds} releases, so that there are at most {kinds} products; the rest is `nodes.csv`.

| nodes | seconds | nodes per second | microseconds for each node more | MiB |
| --- | --- | --- | --- | --- |
{nodes}

MiB is the largest resident memory of the process; the processes that help it have about the same.
"""


@dataclass(frozen=True)
class Run:
    """Wall-clock seconds, and the largest resident memory in MiB."""

    seconds: float
    memory: float


def run(*words: str) -> Run:
    command = [sys.executable, "-m", "timepolicy", "render", *words]
    quiet = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    begin = time.monotonic()
    child = os.posix_spawn(sys.executable, command, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(child, 0)
    assert status == 0, command
    return Run(time.monotonic() - begin, usage.ru_maxrss / 1024)  # Linux counts in KiB


def selection(number: int) -> list[str]:
    """Options that make about `number` products: first more releases, then both roles, then more formats."""
    releases = list(AGENT_RELEASES)[: min(number, len(AGENT_RELEASES))]
    roles = 1 if number <= len(releases) else 2
    formats = FORMATS[: max(1, round(number / len(releases) / roles))]
    words = [word for release in releases for word in ("--distro", release)]
    words += [word for name in formats for word in ("--format", name)]
    return words + ["--role", "client"] * (roles == 1)


def product_rows(policy: str, folder: Path) -> Iterator[str]:
    for number in PRODUCTS:
        words = [policy, "--all", *selection(number), "-o"]
        one = run(*words, str(folder / f"one-{number}"), "--jobs", "1")
        several = run(*words, str(folder / f"several-{number}"))
        made = sum(1 for path in (folder / f"one-{number}").glob("*/*"))
        cells = f"{one.seconds:.2f} | {made / one.seconds:.0f} | {several.seconds:.2f} | {made / several.seconds:.0f}"
        yield f"| {made} | {cells} | {one.memory:.0f} |"


def node_rows(policy: str, folder: Path) -> Iterator[str]:
    releases, before = list(AGENT_RELEASES), (0, 0.0)
    for number in NODES:
        path = folder / "nodes.csv"
        rows = (f"node-{n}.example.org,{releases[n % len(releases)]}\n" for n in range(number))
        path.write_text("name,distro\n" + "".join(rows))
        done = run(policy, "--inventory", str(path), "-o", str(folder / f"nodes-{number}"))
        more = (done.seconds - before[1]) / (number - before[0]) * 1e6
        yield f"| {number:,} | {done.seconds:.2f} | {number / done.seconds:,.0f} | {more:,.0f} | {done.memory:.0f} |"
        before = (number, done.seconds)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "timepolicy.yaml").write_text(POLICY)
        page = PAGE.format(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            python=sys.version.split()[0],
            processors=os.cpu_count(),
            products="\n".join(product_rows(str(folder / "timepolicy.yaml"), folder)),
            nodes="\n".join(node_rows(str(folder / "timepolicy.yaml"), folder)),
            kinds=len(AGENT_RELEASES),
        )
    Path(__file__).with_name("RESULTS.md").write_text(page)


main()
