"""The machine that guests need."""

import pytest

from tests.boot.lab import programs
from tests.boot.lab.run import interrupt_on_termination
from tests.helpers.programs import give_up


@pytest.fixture(scope="session")
def able_machine() -> None:
    """Skip without the lab's programs; in CI that is a failure."""
    if absent := programs.missing():
        give_up(*absent)
    interrupt_on_termination()
