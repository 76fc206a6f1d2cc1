"""The real programs that judge our output."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest


def need(program: str) -> str:
    """Return the path of a real program; a test without it skips, and in CI fails."""
    path = shutil.which(program)
    if path:
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(f"{program} is not installed")
    pytest.skip(f"{program} is not installed")


def run(command: Sequence[str | Path], text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program with `text` on its standard input; its output is captured."""
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=120)


def need_root() -> None:
    """Skip a test that needs root's rights without them; in CI fail."""
    if os.geteuid() == 0:
        return
    if os.environ.get("CI") == "true":
        pytest.fail("this test needs root's rights")
    pytest.skip("this test needs root's rights")


def need_module(name: str) -> None:
    """Skip a test without a Python module that it needs; in CI fail."""
    if importlib.util.find_spec(name):
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"the Python module {name} is not installed")
    pytest.skip(f"the Python module {name} is not installed")
