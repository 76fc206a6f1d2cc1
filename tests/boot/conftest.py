"""The machine that guests need."""

import os

import pytest

from tests.boot.lab import programs
from tests.boot.lab.run import interrupt_on_termination


@pytest.fixture(scope="session")
def able_machine() -> None:
    """Skip without the lab's programs; in CI that is a failure."""
    absent = programs.missing()
    if absent:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up(f"the boot lab needs: {', '.join(absent)}")
    interrupt_on_termination()
