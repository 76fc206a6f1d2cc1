"""Validate documents against JSON Schemas: ours, and those of others in schemas/."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

PUBLISHED = Path(__file__).parent / "schemas"


def assert_valid(document: Any, schema: Path) -> None:
    assert [error.message for error in _validator(schema).iter_errors(document)] == []


@cache
def _validator(schema: Path) -> Validator:
    rules = json.loads(schema.read_text())
    kind = validator_for(rules)
    kind.check_schema(rules)
    return kind(rules)


def assert_object(document: dict[str, Any], definition: Path) -> None:
    """Validate a Kubernetes object with its CustomResourceDefinition, and refuse keys that the API server prunes."""
    spec = json.loads(definition.read_text())["spec"]
    (version,) = spec["versions"]
    assert document["apiVersion"] == f"{spec['group']}/{version['name']}"
    assert document["kind"] == spec["names"]["kind"]
    schema = _closed(version["schema"]["openAPIV3Schema"])
    assert [error.message for error in Draft4Validator(schema).iter_errors(document)] == []


def _closed(schema: Any) -> Any:
    """The schema of OpenAPI 3.0, with no other properties than those that it names."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    keeps_all = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if isinstance(schema.get("properties"), dict) and not keeps_all:
        closed["additionalProperties"] = False
    return closed
