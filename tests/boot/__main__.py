"""Runs boot scenarios and clusters: `python -m tests.boot [SCENARIO[/SUITE[/CLIENT]]...] [--jobs N] [--missing]`."""

import argparse
import ctypes
import logging
import signal
import sys
from collections.abc import Iterator, Mapping
from multiprocessing import Pool
from pathlib import Path

from tests.boot.lab import book, programs
from tests.boot.lab.cluster import Cluster, all_clusters
from tests.boot.lab.cluster_run import all_broken, run_cluster
from tests.boot.lab.expectations import broken_by_boot
from tests.boot.lab.explain import explain, table
from tests.boot.lab.result import BootResult
from tests.boot.lab.run import results_folder, run_scenario
from tests.boot.lab.scenario import Run, all_runs, all_scenarios

PR_SET_PDEATHSIG = 1
Outcome = tuple[Run, list[BootResult], list[list[str]]]


def main() -> int:
    """Run what the command line names; 1 when an expectation is broken."""
    arguments = _arguments()
    _log_to_stderr()
    if absent := programs.missing():
        sys.exit(f"the boot lab needs: {', '.join(absent)}")
    if arguments.user_data:
        _check_names(arguments.scenario)
        return _only_measure(arguments.scenario, arguments.user_data)
    _check_names(arguments.scenario)
    present = book.digests(all_scenarios(), all_clusters())
    held = {name for name, entry in book.entries().items() if entry.passed and entry.digest == present.get(name)}
    skipped = held if arguments.missing else set()
    runs = [run for run in _named(arguments.scenario) if run.name not in skipped]
    outcomes = list(_outcomes(runs, arguments.jobs, present))
    clusters = [cluster for cluster in _named_clusters(arguments.scenario) if cluster.run_name not in skipped]
    clusters_passed = [_passes(cluster, present) for cluster in clusters]
    pairs = [pair for _, seen, broken in outcomes for pair in zip(seen, broken, strict=True)]
    sys.stdout.write(
        table([seen for seen, _ in pairs], ["BROKEN" if bad else seen.verdict or "-" for seen, bad in pairs])
    )
    return int(len(outcomes) < len(runs) or any(bad for _, bad in pairs) or not all(clusters_passed))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.boot", description="Boot scenarios of the lab.")
    parser.add_argument("scenario", nargs="*", help="NAME, NAME/SUITE or NAME/SUITE/CLIENT; by default all")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="guests at once, by default 2")
    parser.add_argument("--missing", action="store_true", help="pass over what passed and has not changed since")
    parser.add_argument(
        "--user-data",
        type=Path,
        metavar="FILE",
        help="give the guest this instead of the compiled policy, and only measure",
    )
    return parser.parse_args()


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")


def _check_names(names: list[str]) -> None:
    known = [run.name for run in all_runs()] + [cluster.run_name for cluster in all_clusters()]
    for name in names:
        if not any(_is_named(run, [name]) for run in known):
            sys.exit(f"there is no scenario {name}")


def _is_named(run: str, names: list[str]) -> bool:
    return not names or any(f"{run}/".startswith(f"{name}/") for name in names)


def _named(names: list[str]) -> list[Run]:
    return [run for run in all_runs() if _is_named(run.name, names)]


def _named_clusters(names: list[str]) -> list[Cluster]:
    return [cluster for cluster in all_clusters() if _is_named(cluster.run_name, names)]


def _outcomes(runs: list[Run], jobs: int, present: Mapping[str, str]) -> Iterator[Outcome]:
    """Run some at the same time, and log the end of each. An interruption ends all of them."""
    with Pool(jobs, _prepare_worker) as workers:
        for number, (run, outcome) in enumerate(workers.imap_unordered(_attempt, runs), 1):
            verdict = "the lab failed" if outcome is None else "BROKEN" if any(outcome[2]) else "as expected"
            logging.info("%d of %d: %s: %s", number, len(runs), run.name, verdict)
            if outcome:
                book.store(book.entry(*outcome))
                yield outcome
            else:
                book.forget(run.name)
            book.write_page(all_scenarios(), all_clusters(), book.emulator(), present)
        workers.close()
        workers.join()


def _passes(cluster: Cluster, present: Mapping[str, str]) -> bool:
    """Run a cluster, which needs the whole machine: its guests boot at the same time."""
    try:
        seen = run_cluster(cluster, results_folder())
    except Exception:
        logging.exception("%s: the lab itself failed", cluster.run_name)
        book.forget(cluster.run_name)
        return False
    unexpected = list(all_broken(seen))
    logging.info("%s: %s", cluster.run_name, "BROKEN" if unexpected else "as expected")
    sys.stderr.writelines(f"- {sentence}\n" for sentence in unexpected)
    book.store(book.cluster_entry(cluster, seen))
    book.write_page(all_scenarios(), all_clusters(), book.emulator(), present)
    return not unexpected


def _prepare_worker() -> None:
    """A worker ends with the process that gave it its work, and its guest ends with it (prctl(2))."""
    _log_to_stderr()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _attempt(run: Run) -> tuple[Run, Outcome | None]:
    """Make one run; a fault of the lab itself costs this run and no other."""
    try:
        return run, _outcome(run)
    except Exception:
        logging.exception("%s: the lab itself failed", run.name)
        return run, None


def _outcome(run: Run) -> Outcome:
    seen = run_scenario(run, results_folder())
    broken = broken_by_boot(run.scenario.boots, seen)
    for sentences, result in zip(broken, seen, strict=True):
        if sentences:
            sys.stderr.write(explain(sentences, result) + "\n")
    return run, seen, broken


def _only_measure(names: list[str], user_data: Path) -> int:
    seen = [result for run in _named(names) for result in run_scenario(run, results_folder(), user_data.read_text())]
    sys.stdout.write(table(seen, ["measured"] * len(seen)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
