"""The policy's JSON Schema, and a validator that all machines and editors agree with."""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from timepolicy.document.parse import MOST_FINDINGS
from timepolicy.document.tree import Value
from timepolicy.resources import SCHEMAS

Schema = dict[str, Any]


@cache
def policy_schema() -> Schema:
    """Return schemas/policy.schema.json."""
    schema: Schema = json.loads((SCHEMAS / "policy.schema.json").read_text(encoding="utf-8"))
    return schema


@cache
def policy_validator() -> Validator:
    """Return a validator that reads patterns as ECMA-262 does, and needs linear time for any list."""
    keywords = {"pattern": _pattern, "items": _items, "uniqueItems": _unique_items}
    validator: Validator = extend(Draft202012Validator, keywords)(policy_schema())  # type: ignore[no-untyped-call]
    return validator


def shape_errors(document: Value) -> list[ValidationError]:
    """Return what does not fit the schema, at most MOST_FINDINGS errors of jsonschema's; none for almost any policy."""
    return list(islice(policy_validator().iter_errors(document.plain()), MOST_FINDINGS))


def resolved(part: Schema) -> Schema:
    """Return the part of the policy's schema that `part` refers to, or `part` itself."""
    while "$ref" in part:
        target = policy_schema()
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        part = target
    return part


@cache
def ecma_pattern(pattern: str) -> re.Pattern[str]:
    r"""Return an ECMA-262 pattern for Python: there `$` is the very end, here it also stands before a last newline."""
    tokens = r"(\\.|\[(?:\\.|[^\]\\])*\])|\$"
    return re.compile(re.sub(tokens, lambda token: token[1] or r"\Z", pattern), re.ASCII)


def _pattern(_: Validator, pattern: str, instance: object, schema: Schema) -> Iterator[ValidationError]:
    is_short = isinstance(instance, str) and len(instance) <= int(schema.get("maxLength", len(instance)))
    if isinstance(instance, str) and is_short and not ecma_pattern(pattern).search(instance):
        yield ValidationError("malformed")


def _items(validator: Validator, part: Schema, instance: object, schema: Schema) -> Iterator[ValidationError]:
    if isinstance(instance, list) and not _is_too_long(instance, schema):
        yield from Draft202012Validator.VALIDATORS["items"](validator, part, instance, schema)


def _unique_items(_: Validator, asked: object, instance: object, schema: Schema) -> Iterator[ValidationError]:
    if asked and isinstance(instance, list) and not _is_too_long(instance, schema):
        texts = [json_text(item) for item in instance]
        if len(set(texts)) < len(texts):
            yield ValidationError("not unique")


def _is_too_long(items: list[object], schema: Schema) -> bool:
    """Whether there are more `items` than `schema` permits. Then only that is reported, not thousands of entries."""
    return len(items) > int(schema.get("maxItems", len(items)))


def json_text(item: object) -> str:
    """Return JSON-like data as text, the same text for values that JSON Schema treats as equal."""
    return json.dumps(item, sort_keys=True)
