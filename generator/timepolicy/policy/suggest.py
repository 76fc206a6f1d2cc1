"""What may have been meant: by a malformed value, and by a key that stands in the wrong place."""

from collections.abc import Callable
from typing import Any

from timepolicy.text.suggest import (
    as_directory,
    as_duration,
    as_host,
    as_name,
    as_network,
    as_poll_interval,
    as_service,
    nearest,
)
from timepolicy.text.timezones import known_timezones

LATER_SOURCES = frozenset({"phc", "preset"})
LATER_KEYS = LATER_SOURCES | {"firewall", "nts", "key"}
"""Keys of the language that later versions of timepolicy will know, whatever mapping they stand in."""

MENDS: dict[str, Callable[[str], str | None]] = {
    "name": as_name,
    "release_key": as_name,
    "timezone": lambda text: nearest(text, known_timezones()),
    "host": as_host,
    "network": as_network,
    "duration": as_duration,
    "poll_interval": as_poll_interval,
    "service_unit": as_service,
    "directory": as_directory,
}
"""For each definition of the policy's schema: what may have been meant by a malformed text."""

Schema = dict[str, Any]


def mended(text: str, definition: str, is_right: Callable[[str], bool]) -> str | None:
    """Return what may have been meant by `text` where `definition` of the schema applies, if that `is_right`."""
    mend = MENDS.get(definition)
    meant = mend(text) if mend else None
    return meant if meant and is_right(meant) else None


def key_places(schema: Schema) -> dict[str, list[str]]:
    """Return for each key in a policy's `schema` the mappings in which it may stand, as people say it."""
    places: dict[str, list[str]] = {}
    _collect_places(schema, schema, "", places)
    return places


def _collect_places(root: Schema, schema: Schema, path: str, places: dict[str, list[str]]) -> None:
    schema = _resolved(root, schema)
    for key, inner in schema.get("properties", {}).items():
        if key != "overrides":  # what stands in there stands elsewhere too
            places.setdefault(key, []).append(_mapping_name(path))
            _collect_places(root, inner, f"{path}.{key}".strip("."), places)
    for keyword, mark in (("items", "[]"), ("else", "")):
        if keyword in schema:
            _collect_places(root, schema[keyword], path + mark, places)


def _resolved(root: Schema, schema: Schema) -> Schema:
    if "$ref" in schema:
        steps = schema["$ref"].removeprefix("#/").split("/")
        schema = root
        for step in steps:
            schema = schema[step]
    return schema


def _mapping_name(path: str) -> str:
    name = f"`{path.removesuffix('[]')}`" if path else "the top level"
    return f"an entry of {name}" if path.endswith("[]") else name
