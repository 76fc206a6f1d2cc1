import logging
import os

import pytest

from tests.boot.lab import programs
from tests.boot.lab.expectations import broken_expectations
from tests.boot.lab.explain import explain
from tests.boot.lab.run import interrupt_on_termination, render_user_data, results_folder, run_scenario
from tests.boot.lab.scenario import load_scenario, scenario_names

pytestmark = pytest.mark.boot


@pytest.fixture(scope="module", autouse=True)
def _able_machine() -> None:
    absent = programs.missing()
    if absent:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up(f"the boot lab needs: {', '.join(absent)}")
    interrupt_on_termination()


def test_there_are_scenarios() -> None:
    assert scenario_names()


@pytest.mark.parametrize("name", scenario_names())
def test_scenario(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bootlab")
    scenario = load_scenario(name)
    result = run_scenario(scenario, render_user_data(scenario), results_folder())
    broken = broken_expectations(scenario.expect, result)
    assert not broken, explain(broken, result)
