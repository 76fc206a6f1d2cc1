"""What every command does with files and streams: write the product, or say why it cannot be had, and exit."""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from timepolicy.cli.output import FolderNotEmptyError, replace_file, unpack

WRONG_POLICY, WRONG_USAGE, NO_FILE = 1, 2, 3


def put(content: bytes, output: Path | None, *, is_secret: bool = False) -> None:
    """Write the product to standard output, or to a file; exits where that fails."""
    if output is None and sys.stdout is None:
        fail("cannot write standard output: it is closed")
    try:
        if output is None:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        else:
            replace_file(output, content, is_secret=is_secret)
    except OSError as error:
        fail(f"cannot write {output or 'standard output'}: {error.strerror}")


def put_tree(archive: bytes, folder: Path) -> None:
    """Unpack an archive of ours into an empty folder, which is made where it is missing; exits where that fails."""
    try:
        unpack(archive, folder)
    except FolderNotEmptyError:
        fail(f"cannot write {folder}: the folder is not empty")
    except OSError as error:
        fail(f"cannot write {folder}: {error.strerror}")


def as_json(data: Any) -> bytes:
    """Return `data` as JSON for people, sets sorted."""
    return (json.dumps(data, indent=2, ensure_ascii=False, default=sorted) + "\n").encode()


def fail(message: str) -> NoReturn:
    """Say why a file cannot be had, and exit."""
    click.echo(f"timepolicy: {message}", err=True)
    sys.exit(NO_FILE)
