"""Records from the mappings of YAML files."""

from collections.abc import Mapping
from typing import Any, TypeVar

_Record = TypeVar("_Record")


def record(kind: type[_Record], raw: Mapping[str, Any]) -> _Record:
    """Make a record of a mapping; its class refuses unknown and missing keys."""
    try:
        return kind(**raw)
    except TypeError as error:
        raise ValueError(str(error).replace("__init__()", "")) from error
