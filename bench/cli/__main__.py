"""How soon the command line answers: `python -m bench.cli` measures, and writes bench/RESULTS.md.

Every figure is of a whole process: its CPU seconds, user and system, as the operating system counts them. The start of
a command is compared with the import of the libraries that it needs, in the same run and in turn: machines differ.
"""

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POLICY = str(ROOT / "examples/internal-ntp/timepolicy.yaml")
RUNS = 15

LIBRARIES = "import yaml, jinja2, click, jsonschema"
CLICK = "import click"


@dataclass(frozen=True, kw_only=True)
class Start:
    """A command whose start is compared with `python -c IMPORTS`; it may take `limit` times as long."""

    name: str
    words: Sequence[str]
    imports: str
    limit: float
    environment: Mapping[str, str] | None = None


def completion(words: str, number: int) -> dict[str, str]:
    return {"_TIMEPOLICY_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(number)}


STARTS = (
    Start(name="render", words=["render", POLICY, "--distro", "debian-12"], imports=LIBRARIES, limit=1.4),
    Start(name="validate", words=["validate", POLICY], imports=LIBRARIES, limit=1.4),
    Start(name="--help", words=["--help"], imports=CLICK, limit=1.2),
    Start(name="distros", words=["distros"], imports=CLICK, limit=1.2),
    Start(
        name="completion of a command", words=[], imports=CLICK, limit=1.2, environment=completion("timepolicy re", 1)
    ),
    Start(
        name="completion of an option",
        words=[],
        imports=CLICK,
        limit=1.2,
        environment=completion("timepolicy render --di", 2),
    ),
)


def different_lines(number: int) -> str:
    """Sources, networks, and lines that chronyd does not know."""
    kinds = (
        "server n{0}.example.org iburst",
        "allow 10.{1}.{2}.0/24",
        "nonsense{0} 1",
        "pool p{0}.example.org minpoll 3",
    )
    return "".join(kinds[n % 4].format(n, n // 256 % 256, n % 256) + "\n" for n in range(number))


def undone_networks(number: int) -> str:
    """An access list that its last line undoes: each line is reported, and with it the line that undoes it."""
    return "".join(f"allow 10.{n // 128 % 256}.{n % 128 * 2}.0/24\n" for n in range(number)) + "deny all\n"


def sources_with_keys(number: int) -> str:
    head = (
        "timezone: UTC\nauthentication: {keys_file: /etc/chrony/chrony.keys}\nclients: {daemon: chrony}\nupstreams:\n"
    )
    return head + "".join(f"  - {{server: n{n}.example.org, key: {n + 1}}}\n" for n in range(number))


def overrides(number: int) -> str:
    head = "timezone: UTC\nupstreams: [a.example.org, b.example.org, c.example.org]\noverrides:\n"
    return head + "".join(
        f"  - {{match: {{distro: debian-1{n % 3 + 1}}}, set: {{name: n{n}}}}}\n" for n in range(number)
    )


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A command over inputs of growing size; the largest may take `limit` CPU seconds. FILE stands for the input."""

    name: str
    words: Sequence[str]
    text: Callable[[int], str]
    sizes: Sequence[int]
    unit: str
    limit: float
    file: str = "chrony.conf"


EXPLAIN = ("explain", "FILE", "/etc/chrony/chrony.conf", "--distro", "debian-12")

GROWTHS = (
    Growth(
        name="lint", words=["lint", "FILE"], text=different_lines, sizes=(5_000, 10_000, 20_000), unit="lines", limit=2
    ),
    Growth(
        name="import",
        words=["import", "FILE"],
        text=different_lines,
        sizes=(5_000, 10_000, 20_000),
        unit="lines",
        limit=2,
    ),
    Growth(
        name="lint of equal lines",
        words=["lint", "FILE"],
        text=lambda number: "server a iburst\n" * number,  # at most 1 MiB, or the rest is not read
        sizes=(15_000, 30_000, 60_000),
        unit="lines",
        limit=6,
    ),
    Growth(
        name="lint of one line",
        words=["lint", "FILE"],
        text=lambda number: "server " + "a" * number + "\n",
        sizes=(250_000, 500_000, 1_000_000),
        unit="bytes",
        limit=2,
    ),
    Growth(
        name="lint of unknown directives",
        words=["lint", "FILE"],
        text=lambda number: "".join(f"nonsense{n} 1\n" for n in range(number)),
        sizes=(5_000, 10_000, 20_000),
        unit="lines",
        limit=2,
    ),
    Growth(
        name="lint of an undone access list",
        words=["lint", "FILE"],
        text=undone_networks,
        sizes=(5_000, 10_000, 20_000),
        unit="lines",
        limit=2,
    ),
    Growth(
        name="import of timesyncd.conf",
        words=["import", "FILE"],
        text=lambda number: "[Time]\n" + "".join(f"NTP=n{n}.example.org:123\n" for n in range(number)),
        sizes=(5_000, 10_000, 20_000),
        unit="lines",
        limit=2,
        file="timesyncd.conf",
    ),
    Growth(
        name="import of ntp.conf",
        words=["import", "FILE"],
        text=lambda number: "".join(f"server n{n}.example.org bias 1\n" for n in range(number)),
        sizes=(5_000, 10_000, 20_000),
        unit="lines",
        limit=2,
        file="ntp.conf",
    ),
    Growth(
        name="import of one line of words",
        words=["import", "FILE"],
        text=lambda number: f"server n {'a ' * (number // 2)}\n",
        sizes=(250_000, 500_000, 1_000_000),
        unit="bytes",
        limit=2,
        file="ntp.conf",
    ),
    Growth(
        name="explain of a file",
        words=EXPLAIN,
        text=sources_with_keys,
        sizes=(4, 8, 16),
        unit="sources with keys",
        limit=1,
        file="policy.yaml",
    ),
    Growth(
        name="validate",
        words=["validate", "FILE"],
        text=overrides,
        sizes=(250, 500, 1_000),
        unit="overrides",
        limit=2,
        file="policy.yaml",
    ),
)


def cpu_seconds(command: list[str], environment: Mapping[str, str] | None = None) -> float:
    """What one run takes, its output thrown away."""
    quiet = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    child = os.posix_spawn(command[0], command, {**os.environ, **(environment or {})}, file_actions=quiet)
    _, _, usage = os.wait4(child, 0)
    return usage.ru_utime + usage.ru_stime


def program() -> str:
    """The installed command, beside this Python."""
    path = shutil.which("timepolicy", path=str(Path(sys.executable).parent))
    assert path, "timepolicy is not installed beside this Python: pip install -e ."
    return path


def start_rows() -> list[str]:
    rows = []
    for start in STARTS:
        own, base = [program(), *start.words], [sys.executable, "-c", start.imports]
        pairs = [(cpu_seconds(own, start.environment), cpu_seconds(base)) for _ in range(RUNS + 1)][1:]
        mine, theirs = (statistics.median(figures) for figures in zip(*pairs, strict=True))
        ratio = statistics.median(one / other for one, other in pairs)
        verdict = "" if ratio <= start.limit else ", **missed**"
        cells = (f"{mine * 1000:.0f}", f"`{start.imports}`", f"{theirs * 1000:.0f}", f"{ratio:.2f}")
        rows.append(f"| {start.name} | {' | '.join(cells)} | {start.limit}{verdict} |")
        print(rows[-1], file=sys.stderr)
    return rows


def growth_rows(folder: Path) -> list[str]:
    rows = []
    for growth in GROWTHS:
        path, seconds = folder / growth.file, []
        for size in growth.sizes:
            path.write_text(growth.text(size))
            words = [str(path) if word == "FILE" else word for word in growth.words]
            seconds.append(min(cpu_seconds([program(), *words]) for _ in range(3)))
        cells = [f"{size:,}: {taken:.2f}" for size, taken in zip(growth.sizes, seconds, strict=True)]
        verdict = "" if seconds[-1] <= growth.limit else ", **missed**"
        rows.append(f"| {growth.name} | {growth.unit} | {' | '.join(cells)} | {growth.limit}{verdict} |")
        print(rows[-1], file=sys.stderr)
    return rows


PAGE = """\
# How soon the command line answers

Written by `python -m bench.cli` on {date}, Python {python}. CPU seconds of whole processes, user and system together.

## Start-up

Medians of {runs} runs, in turn with `python -c` and the imports that the command cannot do without.

| command | ms | compared with | ms | ratio | limit |
| --- | --- | --- | --- | --- | --- |
{starts}

## Growth

The least of three runs, for three sizes of the input, each twice the one before.

| command | input | size: seconds | size: seconds | size: seconds | limit |
| --- | --- | --- | --- | --- | --- |
{growths}

## Sizes

[sizes/RESULTS.md](sizes/RESULTS.md) shows where the bytes of user-data go, and which goals of issue 14 are met.

## Many products

[scale/RESULTS.md](scale/RESULTS.md) has products and nodes per second of `render --all` and `--inventory`.
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = PAGE.format(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            python=sys.version.split()[0],
            runs=RUNS,
            starts="\n".join(start_rows()),
            growths="\n".join(growth_rows(Path(folder))),
        )
    (ROOT / "bench/RESULTS.md").write_text(page)


main()
