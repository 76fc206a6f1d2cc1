"""How every command reads its input and writes its product; a file that cannot be read or written ends the program."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Command = Callable[..., None]

    from timepolicy.source import Source

WRONG_POLICY, WRONG_USAGE, NO_FILE = 1, 2, 3
"""Exit statuses beside 0, for every command: the policy or the checked file is wrong, the command line, or a file."""

BROKEN_PIPE = 141
"""What shells report of a program that SIGPIPE ended."""


def read_source(path: str) -> Source:
    """Return the text of a file, `-` being standard input; exits where it cannot be read."""
    from timepolicy.source import Source

    return Source.decode("<stdin>" if path == "-" else path, read_bytes(path))


def read_bytes(path: str, most: int | None = None) -> bytes:
    """Return the bytes of a file, `-` being standard input; exits where it cannot be read.

    Input that is too large is cut to one byte more than is accepted: LARGEST_TEXT, or `most` for standard input.
    """
    from timepolicy.source import LARGEST_TEXT, read_file

    try:
        return sys.stdin.buffer.read((most or LARGEST_TEXT) + 1) if path == "-" else read_file(path)
    except (OSError, AttributeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "standard input is closed"
        fail(f"cannot read {path}: {reason}{_hint(path, error)}")


def _hint(path: str, error: Exception) -> str:
    """What was probably meant by a path that is not that of a file."""
    from pathlib import Path

    from timepolicy.document.spelling import nearest

    if isinstance(error, IsADirectoryError):
        return "; name a file in it"
    folder = Path(path).parent
    if isinstance(error, FileNotFoundError) and folder.is_dir():
        name = nearest(Path(path).name, [entry.name for entry in folder.iterdir()])
        return f"; did you mean {folder / name}?" if name else ""
    return ""


def write(content: bytes, output: Path | None, *, is_secret: bool = False) -> None:
    """Write the product to standard output, or replace a file with it; exits where that fails.

    A reader that stops reading standard output ends the program without a message, as SIGPIPE would.
    """
    if output is None and sys.stdout is None:
        fail("cannot write standard output: it is closed")
    try:
        if output is None:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        else:
            from timepolicy.cli.output import replace_file

            replace_file(output, content, is_secret=is_secret)
    except BrokenPipeError:
        from timepolicy.cli.output import discard

        discard(sys.stdout)
        sys.exit(BROKEN_PIPE)
    except OSError as error:
        fail(f"cannot write {output or 'standard output'}: {error.strerror}")


def write_tree(archive: bytes, folder: Path) -> None:
    """Unpack an archive of the format `rootfs` into a folder that is empty or missing; exits where that fails."""
    from timepolicy.cli.output import FolderNotEmptyError, unpack

    try:
        unpack(archive, folder)
    except FolderNotEmptyError:
        fail(f"cannot write {folder}: the folder is not empty")
    except OSError as error:
        fail(f"cannot write {folder}: {error.strerror}")


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files by their paths below `folder`, each whole or not at all; exits where that fails."""
    from timepolicy.cli.output import make_folder

    for name, content in files.items():
        path = folder / name
        try:
            make_folder(path.parent)
        except OSError as error:
            fail(f"cannot write {path.parent}: {error.strerror}")
        write(content, path)


def text_or_json_option(
    default: str | None = "text", help: str = "The form of the output."
) -> Callable[[Command], Command]:
    """Return the option `--format` of a command that prints either a text for people, or JSON."""
    return click.option("--format", "format_", type=click.Choice(["text", "json"]), default=default, help=help)


def list_format_option() -> Callable[[Command], Command]:
    """Return the option `--format` of a command that lists what timepolicy knows, also as a page of docs/."""
    forms = click.Choice(["text", "json", "markdown"])
    return click.option("--format", "format_", type=forms, default="text", help="The form of the output.")


def as_json(data: Any) -> bytes:
    """Return `data` as indented JSON, sets sorted."""
    import json

    return (json.dumps(data, indent=2, ensure_ascii=False, default=sorted) + "\n").encode()


def report(text: str, *, color: bool = False) -> None:
    """Write to standard error; it is not an error if that is closed, or if nobody reads it."""
    if sys.stderr is None:
        return
    try:
        click.echo(encoded(text), err=True, nl=False, color=color)
    except BrokenPipeError:
        from timepolicy.cli.output import discard

        discard(sys.stderr)


def encoded(text: str) -> bytes:
    """Return `text` in UTF-8 in every locale; a surrogate, as file names have, is escaped as in JSON."""
    return text.encode("utf-8", "backslashreplace")


def fail(message: str) -> NoReturn:
    """Report a file that cannot be read or written, and exit."""
    report(f"timepolicy: {message}\n")
    sys.exit(NO_FILE)
