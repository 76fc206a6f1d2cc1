"""The real programs that check our output.

Only tests with the marker `native`, which are those in tests/native, may use one: the others run on any machine.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest

running: list[pytest.Item] = []
"""The test that runs now; conftest.py keeps it."""


def need(program: str) -> str:
    """Return the path of a real program; a test without it skips, and in CI fails."""
    _assert_native()
    return shutil.which(program) or give_up(program)


def need_root() -> None:
    """Skip a test that needs root's rights without them; in CI fail."""
    _assert_native()
    if os.geteuid() != 0:
        give_up("root's rights")


def need_module(name: str) -> None:
    """Skip a test without a Python module that it needs; in CI fail."""
    _assert_native()
    if not importlib.util.find_spec(name):
        give_up(f"the Python module {name}")


def run(command: Sequence[str | Path], text: str = "", limit_s: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a program with `text` on its standard input; its output is captured."""
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=limit_s)


def _assert_native() -> None:
    """Outside a test, in a benchmark, a program may always be asked for."""
    for item in running:
        if item.get_closest_marker("native") is None:
            pytest.fail("a test that needs a program or root belongs in tests/native")


def need_python(version: str) -> str:
    """Return a Python of this version: of pyenv, whose command in PATH may start another one, or from PATH."""
    found = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python3"))
    return str(found[-1]) if found else need(f"python{version}")


def give_up(*names: str) -> NoReturn:
    """Skip a test that lacks these programs or rights; in CI fail."""
    reason = f"missing: {', '.join(names)}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def missing(report: pytest.TestReport) -> list[str]:
    """Return the names with which a test gave up; none if it did not."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longreprtext).rpartition("E  ")[2]
    match = re.search(r"(?:Skipped|Failed): missing: (.+)", reason)
    return match[1].split(", ") if match else []
