import logging
import os

import pytest

from tests.boot.lab import programs
from tests.boot.lab.expectations import broken_expectations
from tests.boot.lab.explain import explain
from tests.boot.lab.run import interrupt_on_termination, results_folder, run_scenario
from tests.boot.lab.scenario import Run, all_runs

pytestmark = pytest.mark.boot


@pytest.fixture(scope="module", autouse=True)
def _able_machine() -> None:
    absent = programs.missing()
    if absent:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up(f"the boot lab needs: {', '.join(absent)}")
    interrupt_on_termination()


def marked(run: Run) -> object:
    """The core set runs everywhere; the rest only where it is asked for."""
    return pytest.param(run, id=run.name, marks=[] if run.core else pytest.mark.long)


def test_there_is_a_core_set() -> None:
    assert {run.guest.client for run in all_runs() if run.core} == {"chrony", "systemd-timesyncd"}


@pytest.mark.parametrize("run", [marked(run) for run in all_runs()])
def test_scenario(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bootlab")
    seen = run_scenario(run, results_folder())
    for plan, result in zip(run.scenario.boots, seen, strict=True):
        broken = broken_expectations(plan, result)
        assert not broken, explain(broken, result)
