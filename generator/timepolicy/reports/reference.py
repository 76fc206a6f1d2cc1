"""The reference of policies, made from their JSON Schema: every key, its values, default and meaning, and examples."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from timepolicy.document.schema import Schema, policy_schema, resolved
from timepolicy.plan.snippets import render_snippet
from timepolicy.tokens import Token, Verbatim

LINE_WIDTH = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A key below the top; every field is Markdown."""

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


def policy_reference() -> str:
    """Return the page, in Markdown; the same text for the same schema."""
    schema, sections = policy_schema(), []
    for name, part in schema["properties"].items():
        default = f" Default: {_code(part['default'])}." if "default" in part else ""
        examples = (yaml.safe_dump({name: value}, sort_keys=False, width=LINE_WIDTH) for value in part["examples"])
        section = Section(
            name=Token(name),
            description=Verbatim(part["description"]),
            form=Verbatim(f"Value: {_form(part)}.{default}"),
            example=Verbatim("\n".join(examples)),
            rows=tuple(_rows(name, part)),
        )
        sections.append(section)
    return render_snippet("docs/policy.md.j2", description=Verbatim(schema["description"]), sections=sections)


def _rows(path: str, part: Schema) -> Iterator[Row]:
    """The keys of a mapping, or of mappings in a list, each followed by the keys below it.

    A key that has the schema of a section, or of sources, is a row without rows below it.
    """
    part = resolved(part)
    if "items" in part:
        items = resolved(part["items"])
        yield from _rows(f"{path}[]", items.get("else", items))
    for key, value in part.get("properties", {}).items():
        default = (
            _code(value["default"]) if "default" in value else "required" if key in part.get("required", []) else ""
        )
        yield Row(
            path=Verbatim(f"{path}.{key}"),
            form=Verbatim(_form(value)),
            default=Verbatim(default),
            description=Verbatim(value["description"].replace("|", "\\|")),
        )
        reference = str(value.get("$ref", ""))
        if not reference.startswith("#/properties/") and reference != "#/$defs/sources":
            yield from _rows(f"{path}.{key}", value)


def _form(part: Schema) -> str:
    """The values that a part of the schema accepts, as a phrase."""
    reference = str(part.get("$ref", ""))
    if reference.startswith("#/properties/"):
        section = reference.rpartition("/")[2]
        return f"as [`{section}`](#{section})"
    part = resolved(part)
    if "title" in part:
        return str(part["title"])
    if "const" in part or "enum" in part:
        return " or ".join(_code(value) for value in part.get("enum", [part.get("const")]))
    match part["type"]:
        case "integer":
            return f"a whole number from {part['minimum']} to {part['maximum']}"
        case "boolean":
            return "`true` or `false`"
        case "array":
            return f"a list with at most {part['maxItems']} entries, each {_form(part['items'])}"
    return "a mapping"


def _code(value: object) -> str:
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"
