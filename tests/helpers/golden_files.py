"""Golden files: the expected output of a case, compared to the byte."""

from pathlib import Path

import pytest


def assert_golden(path: Path, text: str, update: bool) -> None:
    """Compare `text` with the file `path`. With `update`, write a text that differs, and fail."""
    if update and not (path.exists() and path.read_bytes() == text.encode()):
        path.write_bytes(text.encode())
        pytest.fail(f"{path.name} is updated: review the difference, then run the test again without --update-golden")
    assert text == path.read_bytes().decode()
