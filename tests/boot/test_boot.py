import logging

import pytest

from tests.boot.lab.expectations import broken_by_boot
from tests.boot.lab.explain import explain
from tests.boot.lab.run import results_folder, run_scenario
from tests.boot.lab.scenario import Run, all_runs

pytestmark = [pytest.mark.boot, pytest.mark.usefixtures("able_machine")]


def marked(run: Run) -> object:
    """The core set runs everywhere; the rest only where it is asked for."""
    return pytest.param(run, id=run.name, marks=[] if run.core else pytest.mark.long)


def test_there_is_a_core_set() -> None:
    assert {run.guest.client for run in all_runs() if run.core} == {"chrony", "systemd-timesyncd"}


@pytest.mark.parametrize("run", [marked(run) for run in all_runs()])
def test_scenario(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bootlab")
    seen = run_scenario(run, results_folder())
    for broken, result in zip(broken_by_boot(run.scenario.boots, seen), seen, strict=True):
        assert not broken, explain(broken, result)
