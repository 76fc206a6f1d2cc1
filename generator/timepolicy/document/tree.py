"""A policy document as values with their spans in the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from timepolicy.source import Span

Scalar: TypeAlias = str | int | float | bool | None
PlainData: TypeAlias = "Scalar | list[PlainData] | dict[str, PlainData]"
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A scalar, a sequence or a mapping, with the span of the whole value."""

    span: Span
    data: "Scalar | list[Value] | dict[str, Entry]"

    def plain(self) -> PlainData:
        """Return the value as JSON-like data, without positions."""
        if isinstance(self.data, dict):
            return {key: entry.value.plain() for key, entry in self.data.items()}
        if isinstance(self.data, list):
            return [item.plain() for item in self.data]
        return self.data

    def children(self) -> "Iterator[tuple[str | int, Value]]":
        """Yield what stands directly in this value, with its key or index."""
        if isinstance(self.data, dict):
            yield from ((key, entry.value) for key, entry in self.data.items())
        elif isinstance(self.data, list):
            yield from enumerate(self.data)

    def get(self, *path: str) -> "Value | None":
        """Return the value below the keys `path`; None where there is none."""
        value: Value | None = self
        for key in path:
            entry = value.data.get(key) if value is not None and isinstance(value.data, dict) else None
            value = entry.value if entry else None
        return value

    def entries(self, *path: str) -> "list[Value]":
        """Return the entries of the list below the keys `path`; none where there is no list."""
        value = self.get(*path)
        return value.data if value is not None and isinstance(value.data, list) else []

    def at(self, path: Path) -> "Value":
        """Return the value at `path`; raise KeyError or IndexError where there is none."""
        value = self
        for step in path:
            if isinstance(value.data, dict) and isinstance(step, str):
                value = value.data[step].value
            elif isinstance(value.data, list) and isinstance(step, int):
                value = value.data[step]
            else:
                raise KeyError(step)
        return value


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a mapping: the span of its key, and its value."""

    key_span: Span
    value: Value


def dotted(path: Path) -> str:
    """Return `path` as people write it: `upstreams[1].server`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
