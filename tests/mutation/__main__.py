"""Make wrong changes, run the tests that can see them, and write the survivors to RESULTS.md.

Each worker has a copy of the repository, in which it changes one place at a time. Golden files are not counted, and
nothing boots.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import yaml

from tests.helpers.cases import ROOT
from tests.mutation.judges import GOALS, GROUPS, judges
from tests.mutation.mutants import Mutant, mutants_of

FOLDER = Path(__file__).parent
RESULTS, REASONS = FOLDER / "RESULTS.md", FOLDER / "reasons.yaml"
SHARES = {"agent": 160, "text": 70, "rest": 80}
SEED = 14
TIMEOUT_S = 600


@dataclass(frozen=True)
class Verdict:
    """`survived` is false if a test failed, or the tests did not end in time."""

    group: str
    mutant: Mutant
    survived: bool


def sample(group: str, count: int, seed: int, only: str) -> list[Mutant]:
    """Draw mutants of a group; the same ones each time, while the files are the same."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [path for path in tracked.stdout.splitlines() if judges(group, path) and only in path]
    mutants = [mutant for path in paths for mutant in mutants_of(ROOT / path, ROOT)]
    return sorted(random.Random(seed).sample(mutants, min(count, len(mutants))))


def copy_of_repository(folder: Path) -> Path:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(
        ["cp", "--parents", "-P", "-t", folder, *tracked.decode().rstrip("\0").split("\0")], cwd=ROOT, check=True
    )
    for name in (".venv", ".tools", ".git"):
        if (ROOT / name).exists():
            (folder / name).symlink_to((ROOT / name).resolve())
    return folder


def passes(tests: tuple[str, ...], copy: Path) -> bool:
    """Whether the tests pass in this copy of the repository."""
    command = [sys.executable, "-m", "pytest", "-xq", "-p", "no:cacheprovider", "-p", "tests.mutation.without_goldens"]
    environment = {**os.environ, "PYTHONPATH": f"{copy}/generator", "PYTHONDONTWRITEBYTECODE": "1", "CI": "true"}
    try:
        done = subprocess.run(
            [*command, *tests], check=False, cwd=copy, env=environment, capture_output=True, timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def survives(mutant: Mutant, tests: tuple[str, ...], copy: Path) -> bool:
    """Run the tests on the copy with the change, and take it back."""
    path = copy / mutant.path
    right = path.read_text(encoding="utf-8")
    path.write_text(mutant.applied(right), encoding="utf-8")
    try:
        return passes(tests, copy)
    finally:
        path.write_text(right, encoding="utf-8")


def run(work: list[tuple[str, Mutant]], jobs: int) -> list[Verdict]:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            copies.put(copy_of_repository(Path(tempfile.mkdtemp(dir=folder, prefix=f"{number}-"))))

        def must_pass(tests: tuple[str, ...]) -> None:
            copy = copies.get()
            if not passes(tests, copy):
                raise SystemExit(f"these tests fail without any change: {' '.join(tests)}")
            copies.put(copy)

        list(pool.map(must_pass, dict.fromkeys(judges(group, mutant.path) for group, mutant in work)))

        def judge(row: tuple[str, Mutant]) -> Verdict:
            group, mutant = row
            copy = copies.get()
            try:
                verdict = Verdict(group, mutant, survives(mutant, judges(group, mutant.path), copy))
            finally:
                copies.put(copy)
            how = "SURVIVED" if verdict.survived else "killed"
            sys.stdout.write(f"{how} line {mutant.line} of {mutant.key}\n")
            sys.stdout.flush()
            return verdict

        verdicts = list(pool.map(judge, work))
        shutil.rmtree(folder, ignore_errors=True)
    return verdicts


def results(verdicts: list[Verdict], reasons: dict[str, str], command: str) -> str:
    """Return RESULTS.md: the figures of each group, and the survivors with the reasons that reasons.yaml has."""
    lines = ["# Which wrong changes the tests notice", "", f"Written by `{command}`. Golden files do not count.", ""]
    lines += ["| group | mutants | noticed | goal |", "|---|---|---|---|"]
    for group in dict.fromkeys(verdict.group for verdict in verdicts):
        rows = [verdict for verdict in verdicts if verdict.group == group]
        noticed = sum(not verdict.survived for verdict in rows)
        lines.append(f"| {group} | {len(rows)} | {noticed} ({100 * noticed / len(rows):.1f} %) | {GOALS[group]} % |")
    lines += ["", "## Survivors", "", "| change | why |", "|---|---|"]
    for verdict in verdicts:
        if verdict.survived:
            key = verdict.mutant.key
            lines.append(f"| `{key.replace('|', chr(92) + '|')}` | {reasons.get(key, '**no reason yet**')} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Exit 1 if a group misses its goal or a survivor has no reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--group", choices=GROUPS, action="append", help="this group only; may be repeated")
    parser.add_argument(
        "--count", type=int, help="mutants a group (default: 160 of the agent, 70 of texts, 80 of the rest)"
    )
    parser.add_argument("--only", default="", help="files with this in their path; RESULTS.md is not written")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    groups = options.group or list(GROUPS)
    drawn = {group: sample(group, options.count or SHARES[group], options.seed, options.only) for group in groups}
    verdicts = run([(group, mutant) for group in groups for mutant in drawn[group]], options.jobs)
    reasons = yaml.safe_load(REASONS.read_text()) or {}
    text = results(verdicts, reasons, " ".join(["python -m tests.mutation", *sys.argv[1:]]))
    sys.stdout.write(text)
    if not options.only:
        RESULTS.write_text(text)
    return int("no reason yet" in text)


if __name__ == "__main__":
    sys.exit(main())
