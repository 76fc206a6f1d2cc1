"""What was probably intended: by a malformed value, and by a key in the wrong place."""

import re
from collections.abc import Callable
from functools import cache

from timepolicy.document.schema import Schema, policy_schema, resolved
from timepolicy.document.spelling import (
    as_code,
    as_directory,
    as_duration,
    as_host,
    as_name,
    as_network,
    as_policy_path,
    as_poll_interval,
    as_service,
    as_timezone,
)
from timepolicy.document.tree import PlainData
from timepolicy.facts.timezones import known_timezones

FOREIGN_KEYS = {
    "ntp": "upstreams",
    "ntp_servers": "upstreams",
    "pools": "upstreams",
    "sources": "upstreams",
    "tz": "timezone",
    "host": "server",
    "address": "server",
    "makestep": "step",
    "code": "rule",
    "path": "at",
    "suppress": "ignore",
}
"""What other programs call a key of the policy."""

TRUTH = {**dict.fromkeys(("true", "yes", "on", "y"), "true"), **dict.fromkeys(("false", "no", "off", "n"), "false")}
"""What people write for true and false."""

CORRECTIONS: dict[str, Callable[[str], str | None]] = {
    "name": as_name,
    "release_key": as_name,
    "timezone": lambda text: as_timezone(text, known_timezones()),
    "host": as_host,
    "network": as_network,
    "duration": as_duration,
    "poll_interval": as_poll_interval,
    "service_unit": as_service,
    "directory": as_directory,
    "rule_code": as_code,
    "policy_path": as_policy_path,
}
"""For each definition of the policy's schema: what was probably intended by a malformed text."""


def corrected(text: str, definition: str, is_valid: Callable[[str], bool]) -> str | None:
    """Return what was probably intended by `text` where `definition` of the schema applies, if that `is_valid`."""
    correct = CORRECTIONS.get(definition)
    correction = correct(text) if correct else None
    return correction if correction and is_valid(correction) else None


def certain_text(text: str, definition: str, is_valid: Callable[[str], bool]) -> str | None:
    """Return the only thing that `text` can mean where `definition` of the schema applies, if that `is_valid`."""
    meaning = None
    if definition in ("duration", "poll_interval") and "," not in text:  # a comma may separate thousands
        meaning = as_duration(text)
    elif definition == "release_key":
        from timepolicy.document.release_names import certain  # only for a mistake

        meaning = certain(text)
    return meaning if meaning and is_valid(meaning) else None


def as_type(data: PlainData, kind: object, is_valid: Callable[[PlainData], bool]) -> str | None:
    """Return how to write `data` as the JSON Schema type `kind`, if that `is_valid`: text for a list, quoted digits."""
    value: PlainData = None
    match kind, data:
        case "array", str():
            value, text = [data], f"[{data}]"
        case "boolean", str() if data.lower() in TRUTH:
            value, text = TRUTH[data.lower()] == "true", TRUTH[data.lower()]
        case "integer", str() if re.fullmatch("[1-9][0-9]{0,5}", data):
            value, text = int(data), data
    return text if value is not None and is_valid(value) and not text.endswith(":]") else None


def inner_places(schema: Schema, key: str) -> list[str]:
    """Return the mappings directly inside `schema`, a part of the policy's, that have `key`."""
    inner = ((name, resolved(part)) for name, part in schema["properties"].items())
    return [f"`{name}`" for name, part in inner if key in part.get("properties", {})]


@cache
def key_places() -> dict[str, list[str]]:
    """Return the mappings that have each key of a policy, such as "the top level" or "an entry of `upstreams`"."""
    places: dict[str, list[str]] = {}

    def collect(schema: Schema, path: str) -> None:
        schema = resolved(schema)
        name = f"`{path.removesuffix('[]')}`" if path else "the top level"
        name = f"an entry of {name}" if path.endswith("[]") else name
        for key, inner in schema.get("properties", {}).items():
            if key != "set":  # what stands in an override's set stands elsewhere too
                places.setdefault(key, []).append(name)
                collect(inner, f"{path}.{key}".strip("."))
        for keyword, mark in (("items", "[]"), ("else", "")):
            if keyword in schema:
                collect(schema[keyword], path + mark)

    collect(policy_schema(), "")
    return places
