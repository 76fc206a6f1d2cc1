"""What an unquoted scalar means, and which ones YAML parsers disagree about.

A policy takes only what YAML 1.1 (PyYAML, Go's yaml.v2) and YAML 1.2's core schema read the same way.
"""

import re
from dataclasses import dataclass

from timepolicy.document.tree import Scalar

LONGEST_NUMBER = 64
"""Characters. Longer text is not intended as a number."""

_WORDS: dict[str, Scalar] = {"": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How some YAML parsers read a text that matches `pattern`, and what to write `instead`."""

    pattern: str
    reading: str
    instead: str


READINGS = (
    Reading(pattern=r"(?i:y|yes|on|true)", reading="true", instead="true"),
    Reading(pattern=r"(?i:n|no|off|false)", reading="false", instead="false"),
    Reading(pattern=r"~|(?i:null)", reading="null", instead="null"),
    Reading(pattern=r"[-+]?0[0-9_]+", reading="an octal number", instead="the number without its leading zero"),
    Reading(pattern=r"[-+]?0o[0-7]+", reading="an octal number", instead="the number in decimal"),
    Reading(pattern=r"[-+]?0x[0-9A-Fa-f_]+", reading="a hexadecimal number", instead="the number in decimal"),
    Reading(pattern=r"[-+]?0b[01_]+", reading="a binary number", instead="the number in decimal"),
    Reading(
        pattern=r"[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*",
        reading="a number in base 60",
        instead="a duration with a unit, such as 90m",
    ),
    Reading(
        pattern=r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?", reading="a date", instead="a value that is not a date"
    ),
    Reading(pattern=r"[-+]?(?i:\.inf|\.nan)", reading="infinity or not a number", instead="a number"),
    Reading(
        pattern=r"[-+]?([0-9]{16,}(\.[0-9]*)?|[0-9]+\.[0-9]{16,})",
        reading="a rounded number",
        instead="a number with at most 15 digits",
    ),
    Reading(
        pattern=r"[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?",
        reading="a number",
        instead="the number in plain digits",
    ),
    Reading(pattern=r"=|<<", reading="a character with a special meaning", instead="a value"),
)
"""Plain texts that YAML 1.1 and 1.2 read differently, or that no key of a policy accepts; the first match counts."""

_ANY_READING = re.compile("|".join(f"(?:{reading.pattern})" for reading in READINGS))
"""All patterns as one, because almost no text matches any of them."""


def reading_of(text: str) -> Reading | None:
    """Return how some YAML parsers misread the unquoted `text`; None where all read it alike."""
    if text in _WORDS or _INTEGER.fullmatch(text) or _FLOAT.fullmatch(text) or len(text) > LONGEST_NUMBER:
        return None
    if not _ANY_READING.fullmatch(text):
        return None
    return next((reading for reading in READINGS if re.fullmatch(reading.pattern, text)), None)


def plain_scalar(text: str) -> Scalar:
    """Return the value that all YAML parsers read from the unquoted `text`; a whole number is an int, also `2.0`."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() else number
    return text
