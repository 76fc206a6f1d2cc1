"""The results: the last outcome of each run and the digest of its input in results.json, and RESULTS.md for people."""

import hashlib
import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import yaml

from tests.boot.lab.cluster import CLUSTERS, Cluster
from tests.boot.lab.cluster_run import NodeBoot
from tests.boot.lab.image import image_name
from tests.boot.lab.prepared_image import ingredients
from tests.boot.lab.result import BootResult
from tests.boot.lab.scenario import GUESTS, SCENARIOS, Run, Scenario
from tests.boot.lab.user_data import REPOSITORY, render_user_data, script_of

PAGE = Path(__file__).parents[1] / "RESULTS.md"
ENTRIES = PAGE.with_name("results.json")

INTRODUCTION = """\
# Results of the boot lab

Written by `python -m tests.boot`. Each row is a real guest under QEMU's emulation (TCG, two guests at once on two
cores), booted with what `timepolicy render` gives for its policy. Seconds count from the first route, which is when the
first packet could leave, until the clock was right for good (within 0.5 s), the kernel's 'unsynchronised' was cleared
for good, and kubelet's process started; what a scenario does to the clock after that does not count. The error is that
of the clock when kubelet's process started. A boot whose power is cut has no verdict. What each scenario does stands in
its file in [scenarios](scenarios).

"""
CLUSTERS_INTRODUCTION = """
## Clusters

Several guests in one world: servers rendered with `--role server`, and their clients. What happens to them stands in
the file of each, in [clusters](clusters).
"""
COLUMNS = ("scenario", "guest", "boot", "clock right", "flag clear", "kubelet", "its error", "outcome", "commit")


@dataclass(frozen=True)
class Entry:
    """The outcome of one run; `digest` identifies its input."""

    run: str
    digest: str
    date: str
    commit: str
    rows: list[list[str]]
    versions: list[str]
    passed: bool


def digest(run: Run) -> str:
    """Identify the input of a run: scenario, image, files installed into it, user-data of each boot, later scripts."""
    plans = run.scenario.boots
    applied = [step.apply_policy for plan in plans for step in plan.afterwards if step.apply_policy]
    scripts = [script_of(step, run.guest) for plan in plans for step in plan.afterwards if not step.apply_policy]
    parts = [_meaning(SCENARIOS / f"{run.scenario.name}.yaml"), image_name(run.guest)]
    parts += [render_user_data(plan.policy, run.guest, plan.cloud_config, form=plan.form) for plan in plans]
    parts += [render_user_data(policy, run.guest) for policy in applied]
    parts += [script for script in scripts if script]
    parts += ingredients(run.scenario.image, run.guest) if run.scenario.image else []
    return _digest(parts)


def cluster_digest(cluster: Cluster) -> str:
    """Identify the input of a cluster: its file, and of each node the image, installed files and user-data."""
    parts = [_meaning(CLUSTERS / f"{cluster.name}.yaml")]
    for node in cluster.nodes.values():
        parts += [image_name(node.guest), render_user_data(node.policy, node.guest, role=node.role)]
        parts += ingredients(cluster.image, node.guest) if cluster.image else []
    return _digest(parts)


def entry(run: Run, results: list[BootResult], broken: list[list[str]]) -> Entry:
    """Return the entry of a run from its boots and their unmet expectations."""
    rows = [_row(number, *pair) for number, pair in enumerate(zip(results, broken, strict=True), 1)]
    return _entry(run.name, digest(run), rows, results, not any(broken))


def cluster_entry(cluster: Cluster, seen: list[NodeBoot]) -> Entry:
    """Return the entry of a cluster from the boots of its nodes."""
    rows = [[boot.node, *_row(boot.number, boot.result, boot.broken)] for boot in seen]
    results, passed = [boot.result for boot in seen], not any(boot.broken for boot in seen)
    return _entry(cluster.run_name, cluster_digest(cluster), rows, results, passed)


def entries(path: Path = ENTRIES) -> dict[str, Entry]:
    """Return the stored entries by the name of the run."""
    rows = json.loads(path.read_text()) if path.exists() else []
    return {row["run"]: Entry(**row) for row in rows}


def store(entry: Entry, path: Path = ENTRIES) -> None:
    """Store an entry in place of the run's last one."""
    _write({**entries(path), entry.run: entry}, path)


def forget(name: str, path: Path = ENTRIES) -> None:
    """Remove the entry of a run, so that an interrupted run leaves no entry that looks like its outcome."""
    _write({run: entry for run, entry in entries(path).items() if run != name}, path)


def digests(scenarios: Iterable[Scenario], clusters: Iterable[Cluster]) -> dict[str, str]:
    """Return the digest of the present input of each run, by its name; compiling all of them takes some 15 s."""
    runs = [run for scenario in scenarios for run in scenario.runs()]
    return {run.name: digest(run) for run in runs} | {c.run_name: cluster_digest(c) for c in clusters}


def write_page(
    scenarios: Iterable[Scenario],
    clusters: Iterable[Cluster],
    emulator: str,
    present: Mapping[str, str],
    folder: Path = PAGE.parent,
) -> None:
    """Write RESULTS.md from results.json in `folder`, with the reason for each guest that a scenario does not run on.

    `present` has the digest of each run's present input: an entry of another one is marked, and not counted.
    """
    scenarios, clusters = list(scenarios), list(clusters)
    stored = {name: _marked(entry, present) for name, entry in entries(folder / ENTRIES.name).items()}
    names = [run.name for scenario in scenarios for run in scenario.runs()] + [c.run_name for c in clusters]
    by_run = {run.name: stored.get(run.name) for scenario in scenarios for run in scenario.runs()}
    lines = [
        INTRODUCTION + _circumstances([stored[name] for name in names if name in stored], names, present, emulator)
    ]
    lines += _table(COLUMNS, _rows(by_run))
    lines += [CLUSTERS_INTRODUCTION, *_table(("cluster", "node", *COLUMNS[2:]), _cluster_rows(clusters, stored))]
    lines += ["", "## Not applicable", "", *_table(("scenario", "guest", "why"), _not_applicable(scenarios))]
    (folder / PAGE.name).write_text("\n".join(lines) + "\n")


def _write(entries: dict[str, Entry], path: Path) -> None:
    path.write_text(json.dumps([asdict(entries[name]) for name in sorted(entries)], indent=1) + "\n")


def _meaning(path: Path) -> str:
    """Return a YAML file without its comments and the folder of the policies, which count by what they compile to."""
    return re.sub(r'"[a-z/]+/policies/', '"', json.dumps(yaml.safe_load(path.read_text()), default=str))


def _marked(entry: Entry, present: Mapping[str, str]) -> Entry:
    """Return the entry with its commit in each row, and a mark where its input is no longer the present one."""
    mark = "" if entry.digest == present.get(entry.run) else ", with an earlier input"
    return replace(entry, rows=[[*row[:-1], row[-1] + mark, entry.commit] for row in entry.rows])


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _entry(name: str, digest: str, rows: list[list[str]], results: list[BootResult], passed: bool) -> Entry:
    versions = sorted({line for result in results for line in result.report.get("versions", "").splitlines()})
    today = datetime.now(UTC).date().isoformat()
    return Entry(name, digest, today, commit(), rows, versions, passed)


def _row(number: int, result: BootResult, broken: list[str]) -> list[str]:
    kubelet = next(iter(result.starts_of("kubelet")), None)
    moments = [result.right_at_s, result.flag_cleared_at_s, kubelet.at_s if kubelet else None]
    error = "-" if kubelet is None else f"{kubelet.error_s:+.3f} s"
    return [str(number), *(_after(moment, result.route_at_s) for moment in moments), error, _outcome(result, broken)]


def _outcome(result: BootResult, broken: list[str]) -> str:
    if broken:
        return "**broken**: " + "; ".join(sentence.splitlines()[0] for sentence in broken)
    return f"as expected, {result.verdict}" if result.verdict else "as expected"


def _after(moment_s: float | None, route_s: float | None) -> str:
    return "-" if moment_s is None or route_s is None else f"{moment_s - route_s:.1f}"


def _rows(entries: Mapping[str, Entry | None]) -> Iterator[tuple[str, ...]]:
    for name, entry in entries.items():
        scenario, suite, client = name.split("/")
        for row in entry.rows if entry else [["", "", "", "", "", "not run yet", ""]]:
            yield (scenario, f"{suite}, {client}", *row)


def _cluster_rows(clusters: Iterable[Cluster], entries: Mapping[str, Entry]) -> Iterator[tuple[str, ...]]:
    for cluster in clusters:
        entry = entries.get(cluster.run_name)
        for row in entry.rows if entry else [["", "", "", "", "", "", "not run yet", ""]]:
            yield (cluster.name, *row)


def _not_applicable(scenarios: Iterable[Scenario]) -> Iterator[tuple[str, ...]]:
    for scenario in scenarios:
        for guest in GUESTS:
            if reason := scenario.why_not(guest):
                yield scenario.name, f"{guest.suite}, {guest.client}", reason


def _circumstances(entries: list[Entry], names: list[str], present: Mapping[str, str], emulator: str) -> str:
    held = [entry for entry in entries if entry.digest == present.get(entry.run)]
    passed, broken = sum(entry.passed for entry in held), sum(not entry.passed for entry in held)
    earlier = len(entries) - len(held)
    lines = [
        f"{passed} of {len(names)} runs as expected, {broken} not; {earlier} only ran with an earlier input (agent, "
        f"user-data or scenario), {len(names) - len(entries)} never.\n",
        f"- dates: {', '.join(sorted({entry.date for entry in entries}))}",
        f"- timepolicy: {', '.join(sorted({entry.commit for entry in entries}))}",
        f"- {emulator}",
        *(f"- {suite}: {', '.join(versions)}" for suite, versions in _versions(entries).items()),
    ]
    return "\n".join(lines) + "\n"


def _versions(entries: list[Entry]) -> dict[str, list[str]]:
    """Collect the packages of guests by suite; dpkg-query lists packages that are not installed without a version."""
    packages: dict[str, set[str]] = {}
    for entry in entries:
        lines = (line.split() for line in entry.versions)
        packages.setdefault(entry.run.split("/")[1], set()).update(" ".join(line) for line in lines if len(line) == 2)
    return {suite: sorted(packages[suite]) for suite in sorted(packages)}


def emulator() -> str:
    """Name the emulator that boots guests here, with its version."""
    command = ["qemu-system-x86_64", "--version"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0]


def commit() -> str:
    """Return the commit, with `-dirty` if more than the results differs from it."""
    results = [f":!{path.relative_to(REPOSITORY)}" for path in (PAGE, ENTRIES)]
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *results)
    return _git("rev-parse", "--short", "HEAD") + ("-dirty" if changed else "")


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(REPOSITORY), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    head = list(columns)
    return [_line(head), _line(["---"] * len(head)), *(_line([*row]) for row in rows)]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
