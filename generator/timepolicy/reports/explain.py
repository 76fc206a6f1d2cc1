"""Which lines of a policy produced which lines of a node's file.

Each value of the policy is changed, the policy is planned again, and the lines that then differ come from that value.
The planner keeps no records for this, which could be incomplete or wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import islice

from timepolicy.distros.catalogue import Target
from timepolicy.document.schema import policy_schema, policy_validator
from timepolicy.document.tree import Entry, Path, PlainData, Scalar, Value, dotted
from timepolicy.plan.files import File
from timepolicy.plan.planner import plan_node
from timepolicy.plan.types import NodePlan
from timepolicy.policy.build import build_policy
from timepolicy.policy.overrides import policy_for
from timepolicy.policy.role import Role
from timepolicy.source import Place

SAMPLES: tuple[Scalar, ...] = (
    *("altered", "altered.example.net", "198.51.100.7", "198.51.100.0/24", "altered.service", "/altered"),
    *("Etc/GMT+5", "Etc/GMT+6", "Altered=3", "3s", "4s", "32s", "64s", "7m", True, False, *range(1, 17)),
)
"""Values of every form that a policy has, beside those that its schema lists."""

MOST_TRIALS = 6
"""How many other values of a key are tried: enough for every choice of an enumeration but the poll intervals."""

NOT_FOR_NODES = ("version", "distros", "ignore", "overrides")
"""Keys that only the compiler reads; overrides are merged by then."""

SMALLEST: dict[str, PlainData] = {"timezone": "UTC", "upstreams": ["ntp.example.org"]}
"""A policy to try a value in: only the section of the value decides whether the value is valid."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line of a node's file, and the places of the policy without which it would be another."""

    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """A file line by line; `deciders` are the places that decide whether the node gets this file at all."""

    lines: tuple[Line, ...]
    deciders: tuple[Place, ...]


def explain_file(document: Value, target: Target, role: Role, path: str) -> Explanation | None:
    """Return where the lines of the file `path` come from, None where the node gets no such file.

    `document` has no errors for this target and role.
    """
    merged = policy_for(document, target.key, role)
    plan = plan_node(build_policy(merged, role), target).value
    file = _file(plan, path) if plan else None
    if file is None:
        return None
    lines = file.content.splitlines()
    places: list[list[Place]] = [[] for _ in lines]
    deciders = []
    for leaf in _leaves(merged, ()):
        place = Place(path=dotted(leaf), span=merged.at(leaf).span)
        policies = (build_policy(_with(merged, leaf, value), role) for value in _other_values(merged, leaf))
        plans = [plan_node(policy, target).value for policy in policies]
        others = [_file(plan, path) for plan in plans if plan]  # the target may not support another value
        if None in others:
            deciders.append(place)
        for number in {number for other in others if other for number in _changed(lines, other)}:
            places[number].append(place)
    return Explanation(
        lines=tuple(Line(text=text, places=tuple(own)) for text, own in zip(lines, places, strict=True)),
        deciders=tuple(deciders),
    )


def explanation_text(explanation: Explanation, policy: str, title: str) -> str:
    """Return the lines of the file, each behind the lines of `policy`, the policy's name, that produced it."""
    places = [_line_numbers(line.places, policy) for line in explanation.lines]
    width = max(map(len, places), default=0)
    cause = f"; there because of {_line_numbers(explanation.deciders, policy)}" if explanation.deciders else ""
    pairs = zip(places, explanation.lines, strict=True)
    return "\n".join([title + cause, *(f"{place:{width}} | {line.text}".rstrip() for place, line in pairs)]) + "\n"


def _line_numbers(places: tuple[Place, ...], policy: str) -> str:
    """`timepolicy.yaml:4,8-10`, or nothing."""
    ranges: list[list[int]] = []
    for number in sorted({place.span.line for place in places}):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    texts = (str(first) if first == last else f"{first}-{last}" for first, last in ranges)
    return f"{policy}:{','.join(texts)}" if ranges else ""


def _file(plan: NodePlan, path: str) -> File | None:
    return next((file for file in plan.files if file.path == path), None)


def _changed(lines: list[str], other: File) -> Iterator[int]:
    """The numbers of `lines` that `other` has differently, or not at all."""
    matcher = SequenceMatcher(None, lines, other.content.splitlines(), autojunk=False)
    for tag, start, end, _, _ in matcher.get_opcodes():
        if tag in ("replace", "delete"):
            yield from range(start, end)


def _leaves(value: Value, path: Path) -> Iterator[Path]:
    """The paths of all scalars that reach a node."""
    if not isinstance(value.data, dict | list):
        yield path
    for step, inner in value.children():
        if path or step not in NOT_FOR_NODES:
            yield from _leaves(inner, (*path, step))


def _other_values(merged: Value, leaf: Path) -> Iterator[Scalar]:
    """Values that the schema accepts at `leaf` instead."""
    now, section = merged.at(leaf).plain(), str(leaf[0])
    others = (value for value in _samples() if value != now or isinstance(value, bool) != isinstance(now, bool))

    def is_valid(value: Scalar) -> bool:
        return policy_validator().is_valid(
            SMALLEST | {section: _alone(_with(merged, leaf, value).at(leaf[:1]), leaf[1:])}
        )

    return islice(filter(is_valid, others), MOST_TRIALS)


def _alone(value: Value, below: Path) -> PlainData:
    """Return `value` as plain data, of the lists on the way `below` only the one entry."""
    if not below:
        return value.plain()
    if isinstance(value.data, list):
        return [_alone(value.at(below[:1]), below[1:])]
    return {str(key): _alone(inner, below[1:]) if key == below[0] else inner.plain() for key, inner in value.children()}


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
def _samples() -> tuple[Scalar, ...]:
    """SAMPLES, and every value of an enumeration in the schema."""
    listed: list[Scalar] = []

    def collect(part: object) -> None:
        if isinstance(part, dict):
            listed.extend(part["enum"] if isinstance(part.get("enum"), list) else [])
            for inner in part.values():
                collect(inner)

    collect(policy_schema())
    return (*SAMPLES, *dict.fromkeys(listed))
