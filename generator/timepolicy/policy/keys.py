"""Symmetric keys, an input of the compiler beside the policy: a policy itself contains no secret."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from timepolicy.tokens import Verbatim

_LINE = re.compile(r"([0-9]{1,10})\s+(?:([A-Z0-9-]+)\s+)?([!-~]+)")
"""An identifier, optionally a type, and a key in ASCII or hexadecimal (chrony.conf(5), keyfile)."""

_COMMENT = re.compile(r"\s*([#%;!].*)?")


class MalformedKeyError(ValueError):
    """A line of a key file that is not a key; `line` counts from 1. The message does not quote the line, a secret."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is no key: an identifier, a type and the key in ASCII or hexadecimal")
        self.line = line


@dataclass(frozen=True, slots=True)
class Keys:
    """The lines of a key file by their identifiers."""

    lines: dict[int, str]

    def of(self, identifiers: Iterable[int]) -> Verbatim:
        """Return a key file with these keys only, ordered by their identifiers."""
        return Verbatim("".join(f"{self.lines[key]}\n" for key in sorted(set(identifiers) & self.lines.keys())))


def read_keys(text: str) -> Keys:
    """Parse a key file; raise MalformedKeyError for a line that is neither a key nor a comment."""
    lines = {}
    for number, line in enumerate(text.split("\n"), start=1):
        match = _LINE.fullmatch(line.strip())
        if match:
            lines[int(match[1])] = " ".join(filter(None, match.groups()))
        elif not _COMMENT.fullmatch(line):
            raise MalformedKeyError(number)
    return Keys(lines)
