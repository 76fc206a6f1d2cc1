"""The policy's JSON Schema, and a validator that all machines and editors agree with."""

import json
import re
from collections.abc import Iterator
from functools import cache

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from timepolicy.policy.suggest import Schema
from timepolicy.resources import SCHEMAS


@cache
def policy_schema() -> Schema:
    """Return schemas/policy.schema.json."""
    schema: Schema = json.loads((SCHEMAS / "policy.schema.json").read_text(encoding="utf-8"))
    return schema


@cache
def policy_validator() -> Validator:
    """Return a validator that reads patterns as ECMA-262 does, and compares list entries in linear time."""
    keywords = {"pattern": _pattern, "uniqueItems": _unique_items}
    validator: Validator = extend(Draft202012Validator, keywords)(policy_schema())  # type: ignore[no-untyped-call]
    return validator


@cache
def ecma_pattern(pattern: str) -> re.Pattern[str]:
    r"""Return an ECMA-262 pattern for Python: there `$` is the very end, here it also stands before a last newline."""
    tokens = r"(\\.|\[(?:\\.|[^\]\\])*\])|\$"
    return re.compile(re.sub(tokens, lambda token: token[1] or r"\Z", pattern), re.ASCII)


def _pattern(_: Validator, pattern: str, instance: object, __: Schema) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not ecma_pattern(pattern).search(instance):
        yield ValidationError("malformed")


def _unique_items(_: Validator, asked: object, instance: object, __: Schema) -> Iterator[ValidationError]:
    if asked and isinstance(instance, list):
        texts = [canonical(item) for item in instance]
        if len(set(texts)) < len(texts):
            yield ValidationError("not unique")


def canonical(item: object) -> str:
    """Return JSON-like data as a text that is the same for what JSON Schema calls equal."""
    return json.dumps(item, sort_keys=True)
