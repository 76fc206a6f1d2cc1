"""Phrases for findings: what a value is, what is expected in its place, and how to write it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

LONGEST_QUOTE = 60
"""Characters of a value that a message quotes; the excerpt below the message shows the rest."""

EXPECTED: dict[str, tuple[str, str]] = {
    "object": ("a mapping", "write its keys below it, indented by two spaces: `key: value`"),
    "array": ("a list", "write each entry on its own line after `- `, or all entries in [ ]"),
    "string": ("text", "put it in quotes if it is text"),
    "integer": ("a whole number", "write digits only, without quotes or a unit"),
    "boolean": ("true or false", "write true or false, without quotes"),
}
"""For each type of JSON Schema: its name in a message, and how to write a value of it."""

ADVICE: dict[str, str] = {
    "name": "write a name such as prod-cn",
    "timezone": "write a name such as Asia/Shanghai, or UTC",
    "host": "write one host name such as ntp.example.org, or one IP address; ports and options have their own keys",
    "network": "write an address and a prefix length, such as 10.2.0.0/16 or fd00:2::/64",
    "duration": "write a number and a unit without a space: us, ms, s, m or h",
    "poll_interval": "write a power of two in seconds, such as 64s",
    "service_unit": "write the full name of the service; units of other types cannot be gated",
    "file_path": "begin with /; names consist of letters, digits, _, - and dots, and do not begin with a dot",
    "directory": "begin with /; names consist of letters, digits, _, - and dots, and do not begin with a dot",
    "rule_code": "write the code that a finding shows in brackets",
    "policy_path": "write keys separated by dots, and the number of a list entry, from 0, in brackets",
    "reason": "write the reason as one line of text; `>-` folds several lines into one",
    "release_key": "write a name that `timepolicy distros` lists",
}
"""For each definition of the policy's schema: how to write a value of it."""


def described(data: object) -> str:
    """Return what `data` is, in words: `"text"`, `the number 5`, `a list`."""
    match data:
        case None:
            return "empty"
        case bool():
            return "true" if data else "false"
        case int() | float():
            return f"the number {data}"
        case str():
            return quoted(data)
    return "a mapping" if isinstance(data, dict) else "a list"


def quoted(text: str) -> str:
    """Return `text` in double quotes, shortened."""
    return f'"{shortened(text)}"'


def shortened(text: str) -> str:
    """Return `text`, cut to LONGEST_QUOTE characters."""
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def listed(words: Sequence[str], conjunction: str = "or") -> str:
    """Return `words` as an enumeration: `a, b or c`."""
    return f" {conjunction} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def counted(number: int, noun: str) -> str:
    """Return `no entries`, `1 entry`, `2 entries`; `noun` is the singular."""
    return f"{number or 'no'} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Return `entries` for `entry`, `keys` for `key`."""
    return noun.removesuffix("y") + "ies" if noun.endswith("ry") else noun + "s"


def limits(lowest: int | None, highest: int | None) -> str:
    """Return `from 1 to 16`, `at least 1` or `at most 253`."""
    if lowest is not None and highest is not None:
        return f"from {lowest} to {highest}"
    return f"at least {lowest}" if highest is None else f"at most {highest}"


def ticked(words: Iterable[str], conjunction: str = "or") -> str:
    """Return `words` as an enumeration, each in backticks."""
    return listed([f"`{word}`" for word in words], conjunction)


def expected(schema: Mapping[str, Any]) -> str:
    """Return what a JSON Schema asks for, as a noun phrase: its title, or what its type says."""
    if "title" in schema:
        return str(schema["title"])
    if "enum" in schema:
        return listed(schema["enum"])
    if "properties" in schema:
        return f"a mapping with {ticked(schema['properties'])}"
    return EXPECTED[schema["type"]][0] if "type" in schema else str(schema["const"])


def advice(schema: Mapping[str, Any]) -> str:
    """Return how to write what a JSON Schema asks for."""
    kind = schema.get("type")
    return EXPECTED[kind][1] if isinstance(kind, str) and kind != "string" else f"write {expected(schema)}"
