"""Texts that are kept beside their cases, to the byte."""

from pathlib import Path

import pytest


def assert_golden(path: Path, text: str, update: bool) -> None:
    """Compare `text` with what `path` keeps; to `update`, write a new text and fail, so that somebody reads it."""
    if update and not (path.exists() and path.read_bytes() == text.encode()):
        path.write_bytes(text.encode())
        pytest.fail(f"{path.name} is written anew: read the difference, then run again without --update-golden")
    assert text == path.read_bytes().decode()
