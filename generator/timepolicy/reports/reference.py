"""The policy's reference for people, made of its schema: every key, its values, default and meaning, and examples."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from timepolicy.plan.snippets import render_snippet
from timepolicy.tokens import Token, Verbatim

Schema = dict[str, Any]

LINE_WIDTH = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A key below the top; all of it is Markdown."""

    path: Verbatim
    form: Verbatim
    default: Verbatim
    description: Verbatim


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A key at the top of the policy."""

    name: Token
    description: Verbatim
    form: Verbatim
    example: Verbatim
    rows: tuple[Row, ...]


def policy_reference(schema: Schema) -> str:
    """Return the page, in Markdown; the same text for the same schema."""
    sections = [_section(name, part, schema) for name, part in schema["properties"].items()]
    return render_snippet("docs/policy.md.j2", description=Verbatim(schema["description"]), sections=sections)


def _section(name: str, part: Schema, schema: Schema) -> Section:
    default = f" Default: {_code(part['default'])}." if "default" in part else ""
    text = "\n".join(yaml.safe_dump({name: value}, sort_keys=False, width=LINE_WIDTH) for value in part["examples"])
    return Section(
        name=Token(name),
        description=Verbatim(part["description"]),
        form=Verbatim(f"Value: {_form(part, schema)}.{default}"),
        example=Verbatim(text),
        rows=tuple(_rows(name, part, schema)),
    )


def _rows(path: str, part: Schema, schema: Schema) -> Iterator[Row]:
    """The keys of a mapping, or of mappings in a list; what only repeats the top of the policy is not told again."""
    meant = _resolved(part, schema)
    if "items" in meant:
        items = _resolved(meant["items"], schema)
        yield from _rows(f"{path}[]", items.get("else", items), schema)
    for key, value in meant.get("properties", {}).items():
        yield _row(f"{path}.{key}", value, schema, is_needed=key in meant.get("required", []))
        if not _is_told_elsewhere(value):
            yield from _rows(f"{path}.{key}", value, schema)


def _row(path: str, part: Schema, schema: Schema, *, is_needed: bool) -> Row:
    default = _code(part["default"]) if "default" in part else "needed" if is_needed else ""
    return Row(
        path=Verbatim(path),
        form=Verbatim(_form(part, schema)),
        default=Verbatim(default),
        description=Verbatim(part["description"].replace("|", "\\|")),
    )


def _is_told_elsewhere(part: Schema) -> bool:
    return str(part.get("$ref", "")).startswith("#/properties/") or part.get("$ref") == "#/$defs/sources"


def _form(part: Schema, schema: Schema) -> str:
    """Say in words what values are right."""
    reference = str(part.get("$ref", ""))
    if reference.startswith("#/properties/"):
        return f"as [`{reference.rpartition('/')[2]}`](#{reference.rpartition('/')[2]})"
    meant = _resolved(part, schema)
    if "title" in meant:
        return str(meant["title"])
    if "const" in meant or "enum" in meant:
        return " or ".join(_code(value) for value in meant.get("enum", [meant.get("const")]))
    return _form_by_type(meant, schema)


def _form_by_type(meant: Schema, schema: Schema) -> str:
    match meant["type"]:
        case "integer":
            return f"a whole number from {meant['minimum']} to {meant['maximum']}"
        case "boolean":
            return "`true` or `false`"
        case "array":
            return f"a list, {meant['maxItems']} at most, of: {_form(meant['items'], schema)}"
    return "a mapping"


def _code(value: object) -> str:
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _resolved(part: Schema, schema: Schema) -> Schema:
    """Return what the references of `part` lead to."""
    while "$ref" in part:
        name, below = part["$ref"].removeprefix("#/").split("/")
        part = schema[name][below]
    return part
