"""Symmetric keys that are given when a policy is compiled: no policy holds a secret."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from timepolicy.tokens import Verbatim

_LINE = re.compile(r"([0-9]{1,10})\s+(?:([A-Z0-9-]+)\s+)?([!-~]+)")

_COMMENT = re.compile(r"\s*([#%;!].*)?")


class MalformedKeyError(ValueError):
    """A line of a file of keys that is none; `line` counts from 1. What stands there is not told."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is no key: an identifier, a type and the key in ASCII or hexadecimal")
        self.line = line


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys as chronyd reads them (chrony.conf(5), keyfile): each line by its identifier."""

    lines: dict[int, str]

    def of(self, identifiers: Iterable[int]) -> Verbatim:
        """Return the file of these keys alone, ordered by their identifiers."""
        return Verbatim("".join(f"{self.lines[key]}\n" for key in sorted(set(identifiers) & self.lines.keys())))


def read_keys(text: str) -> Keys:
    """Read a file of keys; raise MalformedKeyError where a line is neither a key nor a comment."""
    lines = {}
    for number, line in enumerate(text.split("\n"), start=1):
        match = _LINE.fullmatch(line.strip())
        if match:
            lines[int(match[1])] = " ".join(filter(None, match.groups()))
        elif not _COMMENT.fullmatch(line):
            raise MalformedKeyError(number)
    return Keys(lines)
