"""The policy's schema for tests: places of text, a small policy around each of them, and any policy."""

import json
import re
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.document.schema import ecma_pattern, json_text, policy_schema, policy_validator
from timepolicy.facts.timezones import known_timezones
from timepolicy.rulebook import RULES

Schema = dict[str, Any]
Step = str | int
Place = tuple[Step, ...]

UNPRINTED = re.compile("[\x7f-\xa0\xad\u2000-\u206f\ud800-\udfff\ufeff]")
"""Characters that JSON does not escape, but that are invisible or invalid in a text."""

SAMPLES: dict[str, str] = {
    "name": "cluster",
    "timezone": "UTC",
    "host": "ntp.example.org",
    "network": "10.2.0.0/16",
    "duration": "10m",
    "poll_interval": "64s",
    "service_unit": "kubelet.service",
    "file_path": "/etc/chrony/keys",
    "device": "/dev/ptp_kvm",
    "directory": "/var/lib/metrics",
    "release_key": "debian-12",
    "rule_code": "TP083",
    "policy_path": "step.when",
    "reason": "because",
    "chrony_line": "hwtimestamp * minpoll 4",
    "timesyncd_line": "RootDistanceMaxSec=5",
    "the name of a release, or a pattern such as rocky-*": "debian-12",
}
"""A valid value for each definition of the schema that is text, or for the title of a schema without a definition."""

EXTRA_LINES = st.sampled_from(
    [
        *("hwtimestamp *", "maxslewrate 500", "lock_all", "log tracking statistics", "dscp 46", "leapseclist /leaps"),
        *("refclock SHM 0 refid GPS noselect", "tempcomp /sys/class/temp1_input 30 26000 0.0 0.000183 0.0"),
    ]
)
"""Lines that chronyd accepts, if it is new enough."""

LIKELY: dict[str, SearchStrategy[str]] = {
    "timezone": st.sampled_from(sorted(known_timezones())),
    "release_key": st.sampled_from(list(AGENT_RELEASES)),
    "rule_code": st.sampled_from(list(RULES)),
    "network": st.sampled_from(["10.2.0.0/16", "10.2.12.11/32", "2001:db8::/32", "fd00:2::/64"]),
    "chrony_line": EXTRA_LINES,
    "timesyncd_line": st.sampled_from(["RootDistanceMaxSec=5", "ConnectionRetrySec=1min 30s", "SaveIntervalSec=60"]),
    "host": st.one_of(
        st.sampled_from(["ntp.example.org", "10.2.12.11", "2001:db8::1", "x" * 63 + ".org"]),
        st.from_regex(r"[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?\.[a-z]{1,9}", fullmatch=True),
        st.ip_addresses().map(str),
    ),
}
"""Names that exist: a pattern alone seldom yields one, so that no policy would compile."""


def resolved(schema: Schema) -> tuple[str, Schema]:
    """Return the schema that a reference names, and its name; without a reference, the schema and its title."""
    name = str(schema.get("title", ""))
    while "$ref" in schema:
        steps = schema["$ref"].removeprefix("#/").split("/")
        name, schema = steps[-1], reduce(getitem, steps, policy_schema())
    return name, schema


def text_places(schema: Schema, place: Place = ()) -> Iterator[tuple[Place, str, Schema]]:
    """Yield every place of a policy that may be text, with the name of its definition; 0 stands for any list index."""
    name, schema = resolved(schema)
    if schema.get("type") == "string" or any(isinstance(value, str) for value in schema.get("enum", [])):
        yield place, name, schema
    for key, inner in schema.get("properties", {}).items():
        yield from text_places(inner, (*place, key))
    for keyword, step in (("items", (0,)), ("then", ()), ("else", ())):
        if keyword in schema:
            yield from text_places(schema[keyword], (*place, *step))


def sample(name: str, schema: Schema) -> str:
    """Return a valid text; a new definition needs one in SAMPLES."""
    return str(schema["enum"][0]) if "enum" in schema and name not in SAMPLES else SAMPLES[name]


def policy_with(place: Place, value: str) -> Schema:
    """Return a small policy with `value` at `place`; the rest of it is valid."""
    policy: Schema = {"timezone": "UTC", "upstreams": ["ntp.example.org"]}
    policy.update(_around(policy_schema(), place, value))
    return policy


def _around(schema: Schema, place: Place, value: str) -> Any:
    """The part of a policy that leads to `place`, with the keys that the schema requires there."""
    if not place:
        return value
    _, schema = resolved(schema)
    step, rest = place[0], place[1:]
    if isinstance(step, int):
        return [_around(schema["items"], rest, value)]
    schema = resolved(schema["else"])[1] if "else" in schema else schema
    siblings = {key: _least(schema["properties"][key]) for key in _required(schema, step) if key != step}
    return siblings | {step: _around(schema["properties"][step], rest, value)}


def _required(schema: Schema, key: Step) -> list[str]:
    """The keys that `key` requires; of alternatives the first, unless `key` is one of them."""
    required = list(schema.get("required", []))
    required += schema.get("dependentRequired", {}).get(key, [])
    alternatives = [branch["required"][0] for branch in schema.get("oneOf", [])]
    if alternatives and not {key, *required} & set(alternatives):
        required.append(alternatives[0])
    return required


def _least(schema: Schema) -> Any:
    """The smallest value that is valid."""
    name, schema = resolved(schema)
    if schema.get("type") == "array":
        return [_least(schema["items"])]
    if schema.get("type") != "object":
        return sample(name, schema)
    keys = schema.get("required", []) or list(schema["properties"])[: schema.get("minProperties", 0)]
    return {key: _least(schema["properties"][key]) for key in keys}


def policies() -> SearchStrategy[Schema]:
    """Return a strategy for all policies that match the schema."""
    return values(policy_schema()).filter(lambda policy: policy_validator().is_valid(policy))


def values(schema: Schema) -> SearchStrategy[Any]:
    """Return values that nearly fit a part of the schema: a filter checks combinations of its keywords."""
    name, schema = resolved(schema)
    if "enum" in schema or "const" in schema:
        choices: list[Any] = schema["enum"] if "enum" in schema else [schema["const"]]
        return st.sampled_from(choices)
    if "if" in schema:
        return st.one_of(values(schema["then"]), values(schema["else"]))
    kinds = {"object": _mappings, "array": _lists, "string": _texts, "integer": _integers, "boolean": _booleans}
    return kinds[schema["type"]](name, schema)


def _mappings(_: str, schema: Schema) -> SearchStrategy[Any]:
    """One strategy for each alternative of the schema, so that a filter rejects few values."""
    branches: list[Schema] = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
    alternatives: list[list[str]] = [branch["required"] for branch in branches] or [[]]
    excluded = {key for keys in alternatives for key in keys} if "oneOf" in schema else set()
    return st.one_of([_mapping(schema, [*schema.get("required", []), *keys], excluded) for keys in alternatives])


def _mapping(schema: Schema, required: list[str], excluded: set[str]) -> SearchStrategy[Any]:
    parts = {key: values(part) for key, part in schema["properties"].items()}
    companions = schema.get("dependentRequired", {}).items()
    left_out = excluded | {key for key, needed in companions if not set(needed) <= set(required)}
    optional = {key: part for key, part in parts.items() if key not in required and key not in left_out}
    mapping = st.fixed_dictionaries({key: parts[key] for key in required}, optional=optional)
    return mapping.filter(bool) if schema.get("minProperties") else mapping


def _lists(_: str, schema: Schema) -> SearchStrategy[Any]:
    fewest, most = schema.get("minItems", 0), min(schema["maxItems"], 4)
    return st.lists(values(schema["items"]), min_size=fewest, max_size=most, unique_by=json_text)


def _texts(name: str, schema: Schema) -> SearchStrategy[Any]:
    by_pattern = st.from_regex(ecma_pattern(schema["pattern"])).filter(
        lambda text: len(text) <= schema.get("maxLength", 64)
    )
    return LIKELY.get(name, by_pattern)


def _integers(_: str, schema: Schema) -> SearchStrategy[Any]:
    return st.integers(schema["minimum"], schema["maximum"])


def _booleans(_: str, __: Schema) -> SearchStrategy[Any]:
    return st.booleans()


def as_text(policy: Schema) -> bytes:
    """Return a policy as JSON that is also YAML, where an escape is never half of a surrogate pair."""
    text = json.dumps(policy, ensure_ascii=False)
    return UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()
