"""Phrases for findings: what was found, what belongs there, what to do."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

LONGEST_QUOTE = 60
"""Characters of a value that a message quotes; the excerpt below it shows the rest."""

EXPECTED: dict[str, tuple[str, str]] = {
    "object": ("a mapping", "write its keys below it, indented by two blanks: `key: value`"),
    "array": ("a list", "write each entry on a line of its own after `- `, or all of them in [ ]"),
    "string": ("text", "put it in quotes if it is meant as text"),
    "integer": ("a whole number", "write digits only, without quotes or unit"),
    "boolean": ("true or false", "write true or false, without quotes"),
}
"""For each type of JSON Schema: what it is called, and how to write one."""

ADVICE: dict[str, str] = {
    "name": "write something like prod-cn",
    "timezone": "write a name such as Asia/Shanghai, or UTC",
    "host": "write one name such as ntp.example.org or one address; ports and options have keys of their own",
    "network": "write an address and its prefix length, such as 10.2.0.0/16 or fd00:2::/64",
    "duration": "write a number and its unit without a blank: us, ms, s, m or h",
    "poll_interval": "write a power of two in seconds, such as 64s",
    "service_unit": "write the whole name of the service; other kinds of unit cannot wait",
    "file_path": "begin with /, and use letters, digits, _, - and dots within names only",
    "directory": "begin with /, and use letters, digits, _, - and dots within names only",
    "rule_code": "write the code that a finding shows in brackets",
    "policy_path": "write keys with dots between them, and the number of a list's entry, from 0, in brackets",
    "reason": "write a sentence on one line; with `>-` it may go over several",
    "release_key": "write a name that `timepolicy distros` lists",
}
"""For each definition of the policy's schema: how to write one."""

SERVE = "serve time, as this policy's servers do"
VOTE = "wait until several sources agree: it follows one at a time"
RESTRICT_STEPS = "restrict when the clock is stepped: it steps whenever it sees a large offset"
STEP_ELSEWHERE = "step at another threshold than 400ms"
HAVE_OPTION = "have `{option}` for a source"
POLL_EACH = "have a `{option}` for each source: it has one for all"
POLL_FASTER = "ask more often than every {seconds}s"
WRITE_METRICS = "write metrics for node_exporter, which the node agent does elsewhere"
READ_CLOCKS = "read a hardware clock"
OPEN_FIREWALL = "open its firewall by this policy"
SEE_PAUSES = "see that the machine was paused, which the node agent does elsewhere"
HOLD_UNIT = "hold {unit} until the clock is right"
TAKE_ADDRESS = "take the address {host}, which reads like no URL: a name would do"
WAIT_SO_LONG = "wait so long: it counts in nanoseconds"
START_AT_ONCE = "start without waiting at all: no time means for ever there"
IGNORE_DHCP = "ignore DHCP's servers, which the node agent sees to elsewhere"
MEASURE_OFFSET = "measure the offset, which the node agent does elsewhere"
HAVE_TIMEZONE = "have a timezone but UTC"
VOTE_AT_ALL = "be told how many sources must agree"
ADD_DHCP_SOURCES = "use DHCP's servers besides the policy's own"
HAVE_STEPS = "be told when to step the clock"
"""What a daemon or a system cannot do, after its name and the word cannot."""


def described(data: object) -> str:
    """Return what a reader sees `data` as: `"text"`, `the number 5`, `a list`."""
    match data:
        case None:
            return "nothing"
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
