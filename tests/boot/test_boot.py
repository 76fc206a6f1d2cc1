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


def marked(name: str) -> object:
    """The core set runs everywhere; the rest only where it is asked for."""
    return name if load_scenario(name).core else pytest.param(name, marks=pytest.mark.long)


def test_there_is_a_core_set() -> None:
    assert [name for name in scenario_names() if load_scenario(name).core]


@pytest.mark.parametrize("name", [marked(name) for name in scenario_names()])
def test_scenario(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bootlab")
    scenario = load_scenario(name)
    seen = run_scenario(scenario, render_user_data(scenario), results_folder())
    assert len(seen) == scenario.boots
    for result in seen:
        broken = broken_expectations(scenario, result)
        assert not broken, explain(broken, result)
