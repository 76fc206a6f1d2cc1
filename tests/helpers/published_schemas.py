"""Schemas that others publish, and judging by them."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parent / "schemas"


def judge(schema: str, document: Any) -> None:
    rules = json.loads((SCHEMAS / schema).read_text())
    Draft202012Validator.check_schema(rules)
    Draft202012Validator(rules).validate(document)
