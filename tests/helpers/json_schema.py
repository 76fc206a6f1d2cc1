"""Validate documents against JSON Schemas: ours, and those of others in schemas/."""

import json
from functools import cache
from pathlib import Path
from typing import Any

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
