"""Which lines of a policy made which lines of a node's file: found by changing the policy, so that it cannot lie."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from timepolicy.distros.targets import Target
from timepolicy.document.schema import policy_schema, policy_validator
from timepolicy.document.tree import Entry, Path, Scalar, Value, dotted
from timepolicy.plan.planner import plan_node
from timepolicy.plan.types import File, NodePlan
from timepolicy.policy.build import build_policy
from timepolicy.policy.model import Origin, Role
from timepolicy.policy.overrides import policy_for

LIKELY: tuple[Scalar, ...] = (
    *("altered", "altered.example.net", "198.51.100.0/24", "altered.service", "/altered"),
    *("Etc/GMT+5", "Etc/GMT+6", "3s", "4s", "32s", "64s", "7m", True, False, *range(1, 17)),
)
"""Values of every form that a policy knows, beside those that its schema lists."""


NOT_FOR_NODES = ("version", "distros", "allow", "overrides")
"""What only speaks to the compiler; what overrides say is merged in by then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line of a node's file, and the places of the policy without which it would be another."""

    text: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """A file line by line; `deciders` are the places that decide whether there is such a file at all."""

    lines: tuple[Line, ...]
    deciders: tuple[Origin, ...]


def provenance(document: Value, release: Target, role: Role, path: str) -> Provenance | None:
    """Return where the lines of the file at `path` come from; None where the node gets no such file.

    Each value that the policy states is changed in every way that the schema lets it be changed, and what becomes
    another line then is that value's. `document` has no errors.
    """
    merged = policy_for(document, release.key, role)
    made = _file(_plan(merged, release, role), path)
    if made is None:
        return None
    lines = made.content.splitlines()
    found: list[list[Origin]] = [[] for _ in lines]
    deciders = []
    for place, value in _leaves(merged, ()):
        origin = Origin(path=dotted(place), span=value.span)
        plans = [plan for plan in (_plan(node, release, role) for node in _altered(merged, place)) if plan]
        others = [_file(plan, path) for plan in plans]
        if None in others:
            deciders.append(origin)
        for number in {number for other in others if other for number in _changed(lines, other)}:
            found[number].append(origin)
    pairs = zip(lines, found, strict=True)
    return Provenance(
        lines=tuple(Line(text=text, origins=tuple(origins)) for text, origins in pairs), deciders=tuple(deciders)
    )


def _plan(merged: Value, release: Target, role: Role) -> NodePlan | None:
    return plan_node(build_policy(merged, role), release).value


def _file(plan: NodePlan | None, path: str) -> File | None:
    return next((file for file in plan.files if file.path == path), None) if plan else None


def _changed(lines: list[str], other: File) -> Iterator[int]:
    matcher = SequenceMatcher(None, lines, other.content.splitlines(), autojunk=False)
    for tag, start, end, _, _ in matcher.get_opcodes():
        if tag in ("replace", "delete"):
            yield from range(start, end)


def _leaves(value: Value, path: Path) -> Iterator[tuple[Path, Value]]:
    """The places of all scalars that nodes know."""
    children = [(step, inner) for step, inner in value.children() if path or step not in NOT_FOR_NODES]
    if not isinstance(value.data, dict | list):
        yield path, value
    for step, inner in children:
        yield from _leaves(inner, (*path, step))


def _altered(merged: Value, place: Path) -> Iterator[Value]:
    """The document with another value at `place`, once for each that is right there."""
    now = merged.at(place).plain()
    for candidate in _candidates():
        if candidate != now or isinstance(candidate, bool) != isinstance(now, bool):
            altered = _with(merged, place, candidate)
            if policy_validator().is_valid(altered.plain()):
                yield altered


def _with(value: Value, place: Path, data: Scalar) -> Value:
    """Return `value` with `data` at `place`."""
    if not place:
        return Value(value.span, data)
    step, below = place[0], place[1:]
    if isinstance(value.data, dict) and isinstance(step, str):
        entry = value.data[step]
        return Value(value.span, {**value.data, step: Entry(entry.key_span, _with(entry.value, below, data))})
    assert isinstance(value.data, list), "the place is one of the value's"
    items = [_with(item, below, data) if index == step else item for index, item in enumerate(value.data)]
    return Value(value.span, items)


@cache
def _candidates() -> tuple[Scalar, ...]:
    listed: list[Scalar] = []

    def collect(part: object) -> None:
        if isinstance(part, dict):
            listed.extend(part["enum"] if isinstance(part.get("enum"), list) else [])
            for inner in part.values():
                collect(inner)

    collect(json.loads(json.dumps(policy_schema())))
    return (*LIKELY, *dict.fromkeys(listed))
