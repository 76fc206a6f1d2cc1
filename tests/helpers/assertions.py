"""A test that ran no assertion cannot fail, whatever the code does: such a test fails.

What counts is an `assert` that passed in a test or a helper, while the test's own function ran, and a `pytest.raises`.

pytest rewrites `assert` so that one that passes calls `_assertion_pass` (option `enable_assertion_pass_hook`), with an
explanation of its operands. Its public hook is called for each, and the explanations double the time of the suite; here
the first call is the last one.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from _pytest.assertion import util


def _passed(*_: object) -> None:
    """Note an assertion of our own: pytest also rewrites those of its plugins, such as Hypothesis."""
    if str(sys._getframe(2).f_globals["__name__"]).startswith("tests."):
        util._assertion_pass = None


@contextmanager
def required() -> Iterator[None]:
    """Fail the test whose function runs in this context, unless it runs an assertion."""
    util._assertion_pass = _passed
    try:
        yield
        if util._assertion_pass is not None:
            pytest.fail("the test ran no assertion", pytrace=False)
    finally:
        util._assertion_pass = None


def count_raises() -> None:
    """Make `with pytest.raises(...)` count: where nothing is raised it fails the test by itself."""
    enter = pytest.RaisesExc.__enter__

    def noted(self: pytest.RaisesExc[BaseException]) -> pytest.ExceptionInfo[BaseException]:
        util._assertion_pass = None
        return enter(self)

    pytest.RaisesExc.__enter__ = noted  # type: ignore[method-assign, assignment]


def remove_stale_bytecode(folder: Path, options: Path) -> None:
    """Remove what pytest compiled before its options changed last: it may not report the assertions that pass."""
    changed = options.stat().st_mtime
    for path in folder.glob("**/__pycache__/*-pytest-*.pyc"):
        if path.stat().st_mtime < changed:
            path.unlink(missing_ok=True)
