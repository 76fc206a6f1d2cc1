"""Texts that are kept beside their cases, to the byte."""

from pathlib import Path

import pytest


def assert_golden(path: Path, text: str, update: bool) -> None:
    """Compare `text` with what `path` keeps; to `update`, write it anew and fail, so that somebody reads it."""
    if update:
        path.write_bytes(text.encode())
        pytest.fail(f"{path.name} is written anew: read the difference, then run again without --update-golden")
    assert text == path.read_bytes().decode()
