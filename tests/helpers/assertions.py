"""A test that ran no assertion cannot fail, whatever the code does: such a test fails.

What counts is an `assert` that passed in a test or a helper, while the test's own function ran, and a `pytest.raises`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from _pytest.assertion import util

_passed: list[bool] = []


def note() -> None:
    """Take note of an assertion that passed.

    One is enough. pytest prepares the explanation of each further one, too, as long as its hook is set: that would
    double the time of the suite, so the hook is taken out for the rest of the test (pytest sets it again for the next).
    """
    if _passed:
        _passed[:] = [True]
        util._assertion_pass = None  # nothing public says "enough"


@contextmanager
def required() -> Iterator[None]:
    """Fail the test whose function runs in this context, unless it runs an assertion."""
    _passed[:] = [False]
    try:
        yield
        if not any(_passed):
            pytest.fail("the test ran no assertion", pytrace=False)
    finally:
        _passed.clear()


def count_raises() -> None:
    """Make `with pytest.raises(...)` count: where nothing is raised it fails the test by itself."""
    enter = pytest.RaisesExc.__enter__

    def noted(self: pytest.RaisesExc[BaseException]) -> pytest.ExceptionInfo[BaseException]:
        note()
        return enter(self)

    pytest.RaisesExc.__enter__ = noted  # type: ignore[method-assign, assignment]


def remove_stale_bytecode(folder: Path, options: Path) -> None:
    """Remove what pytest compiled before its options changed last: it may not report the assertions that pass."""
    changed = options.stat().st_mtime
    for path in folder.glob("**/__pycache__/*-pytest-*.pyc"):
        if path.stat().st_mtime < changed:
            path.unlink(missing_ok=True)
