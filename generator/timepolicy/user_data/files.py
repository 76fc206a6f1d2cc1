"""Several files of other user-data, in the order of their parts."""

from collections.abc import Iterable

from timepolicy.configs.file_findings import FileFinding
from timepolicy.user_data.parts import Part, read_parts


def read_files(files: Iterable[tuple[str, bytes]]) -> tuple[list[Part], list[FileFinding]]:
    """Return the parts of files, each a name and its content, and what is wrong with them.

    Raise UserDataTooLargeError where one is larger than any user-data.
    """
    parts, findings = list[Part](), list[FileFinding]()
    for name, data in files:
        more, own = read_parts(name, data)
        parts += more
        findings += own
    return parts, findings


def named_texts(texts: Iterable[str]) -> list[tuple[str, bytes]]:
    """Return user-data that a caller has as texts with names for findings, `with[0]` and so on."""
    return [(f"with[{number}]", text.encode()) for number, text in enumerate(texts)]
