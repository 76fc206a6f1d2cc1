"""Runs boot scenarios: `python -m tests.boot [SCENARIO...] [--user-data FILE]`."""

import argparse
import logging
import sys
from dataclasses import replace
from pathlib import Path

from tests.boot.lab import programs
from tests.boot.lab.expectations import broken_expectations
from tests.boot.lab.explain import explain, table
from tests.boot.lab.result import BootResult
from tests.boot.lab.run import interrupt_on_termination, render_user_data, results_folder, run_scenario
from tests.boot.lab.scenario import Expectation, Scenario, load_scenario, scenario_names


def main() -> int:
    """Run what the command line names; 1 when an expectation is broken."""
    arguments = _arguments()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    if absent := programs.missing():
        sys.exit(f"the boot lab needs: {', '.join(absent)}")
    interrupt_on_termination()
    outcomes = [boot for name in arguments.scenario for boot in _run(load_scenario(name), arguments.user_data)]
    results, verdicts = zip(*outcomes, strict=True)
    sys.stdout.write(table(results, verdicts))
    return int("BROKEN" in verdicts)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.boot", description="Boot scenarios of the lab.")
    names = scenario_names()
    parser.add_argument("scenario", nargs="*", default=names, help=f"by default all: {', '.join(names)}")
    parser.add_argument(
        "--user-data",
        type=Path,
        metavar="FILE",
        help="give the guest this instead of the compiled policy, and only measure",
    )
    return parser.parse_args()


def _run(scenario: Scenario, user_data: Path | None) -> list[tuple[BootResult, str]]:
    """Run one scenario and judge each of its boots, unless the user-data is not timepolicy's."""
    if user_data:
        observed = replace(scenario, expect=Expectation(), afterwards=[])
        return [(seen, "measured") for seen in run_scenario(observed, user_data.read_text(), results_folder())]
    return [
        (seen, _judge(scenario, seen)) for seen in run_scenario(scenario, render_user_data(scenario), results_folder())
    ]


def _judge(scenario: Scenario, result: BootResult) -> str:
    broken = broken_expectations(scenario, result)
    if broken:
        sys.stderr.write(explain(broken, result) + "\n")
    return "BROKEN" if broken else result.verdict or "as expected"


if __name__ == "__main__":
    sys.exit(main())
