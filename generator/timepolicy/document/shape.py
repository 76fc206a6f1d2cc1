"""Does a document have the shape of a policy? The JSON Schema decides, and each of its errors becomes a finding."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, cast

from jsonschema import ValidationError

from timepolicy.document.parse import MOST_FINDINGS, TOO_MANY
from timepolicy.document.schema import Schema, json_text, policy_schema, policy_validator
from timepolicy.document.spelling import nearest, only_meant
from timepolicy.document.suggestions import FOREIGN_KEYS, as_type, certain_text, corrected, inner_places, key_places
from timepolicy.document.tree import Entry, Path, PlainData, Value, dotted
from timepolicy.findings import wording
from timepolicy.findings.finding import Finding, Rule, error
from timepolicy.source import START, Span

UNKNOWN_KEY = error(
    "TP020",
    "unknown key `{key}`",
    "remove it, or use one of {keys}",
)
MISSPELT_KEY = error(
    "TP021",
    "unknown key `{key}`",
    "correct the spelling, or remove the key",
)
MISPLACED_KEY = error(
    "TP022",
    "`{key}` is not valid here",
    "move it to {places}",
)
MISSING_KEY = error(
    "TP024",
    "{what} is missing",
    "add {advice}",
)
EMPTY_VALUE = error(
    "TP025",
    "{place} has no value",
    "write {expected}, or remove {place} if you do not need it",
)
WRONG_TYPE = error(
    "TP026",
    "{place} is {actual}, but must be {expected}",
    "{advice}",
)
NO_UNIT = error(
    "TP027",
    "the duration {value} has no unit",
    "add a unit, such as {value}ms, {value}s or {value}m",
)
MALFORMED_TEXT = error(
    "TP028",
    "{value} is not {expected}",
    "{advice}",
)
NOT_ONE_OF = error(
    "TP029",
    "{actual} is not a valid value of `{key}`",
    "write {choices}",
)
WRONG_VERSION = error(
    "TP030",
    "{actual} is not a version of the policy language that this timepolicy supports",
    "write `version: {known}`, or use a newer timepolicy",
)
OUT_OF_RANGE = error(
    "TP031",
    "`{key}` is {value}, which is out of range",
    "write a whole number {limits}",
)
WRONG_LENGTH = error(
    "TP032",
    "{place} has {count}",
    "write {limits}",
)
LISTED_TWICE = error(
    "TP033",
    "{value} is in the list twice; it first appears in line {line}",
    "keep one of the two",
)
EXCLUSIVE_KEYS = error(
    "TP034",
    "{keys} cannot be used together",
    "keep one of them; write a second source as a list entry of its own",
)
COMPANION_KEY = error(
    "TP035",
    "`{key}` is only valid together with `{companion}`",
    "remove `{key}`, or add `{companion}` here",
)

MISPLACED_CUTOFF = 0.85
"""The ratio of `spelling` from which another key is suggested although the policy has this key at another place."""


def shape_findings(
    document: Value, errors: Sequence[ValidationError], spans_with_errors: Collection[Span]
) -> Iterator[Finding]:
    """Yield what `errors` of the validator mean, except at `spans_with_errors`, which have an error already.

    Of a value whose type is wrong, only that is reported.
    """
    mistyped = {tuple(fault.absolute_path): fault for fault in reversed(errors) if fault.validator == "type"}
    worst = [fault for fault in errors if mistyped.get(tuple(fault.absolute_path), fault) is fault]
    findings = (finding for fault in worst for finding in _Fault(fault, document).findings())
    number, span = 0, START
    for finding in findings:
        if finding.span not in spans_with_errors:
            yield finding
            number, span = number + 1, finding.span
        if number == MOST_FINDINGS:
            yield Finding(rule=TOO_MANY, span=span, values={"limit": str(MOST_FINDINGS)})
            return


class _Fault:
    """One error of the validator, and what it means for people."""

    def __init__(self, error: ValidationError, tree: Value) -> None:
        self.keyword = str(error.validator)
        self.limit: Any = error.validator_value
        self.schema = cast(Schema, error.schema)
        self.path: Path = tuple(error.absolute_path)
        self.value = tree.at(self.path)
        self.key_span = _key_span(tree, self.path)
        self.definition = next((name for name, part in policy_schema()["$defs"].items() if part == self.schema), "")

    def findings(self) -> Iterator[Finding]:
        """The finding of each thing that is wrong; none where another finding reports it."""
        if self.value.data is None and self.keyword in ("type", "enum", "const"):
            yield self.finding(EMPTY_VALUE, place=self.place, expected=wording.expected(self.schema))
        else:
            yield from EXPLANATIONS[self.keyword](self)

    def finding(self, rule: Rule, suggestion: str | None = None, **values: str) -> Finding:
        """A finding about the value; about its key where the value has no characters of its own."""
        span = self.value.span
        is_empty = (span.line, span.column) == (span.end_line, span.end_column)
        span = self.key_span if is_empty and self.key_span else span
        return Finding(rule=rule, span=span, path=dotted(self.path), values=values, suggestion=suggestion)

    def key_finding(self, rule: Rule, key: str, suggestion: str | None = None, **values: str) -> Finding:
        """A finding about a key of the mapping at fault."""
        span, path = self.entries[key].key_span, dotted((*self.path, key))
        values = {"key": wording.shortened(key)} | values
        return Finding(rule=rule, span=span, path=path, values=values, suggestion=suggestion)

    @property
    def entries(self) -> dict[str, Entry]:
        return self.value.data if isinstance(self.value.data, dict) else {}

    @property
    def items(self) -> list[Value]:
        return self.value.data if isinstance(self.value.data, list) else []

    @property
    def description(self) -> str:
        """What the value is, in words."""
        return wording.described(self.value.plain())

    @property
    def key(self) -> str:
        """The last key on the way to the value."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "policy")

    @property
    def place(self) -> str:
        is_entry = bool(self.path) and isinstance(self.path[-1], int)
        return f"an entry of `{self.key}`" if is_entry else f"`{self.key}`"

    @property
    def expectation(self) -> dict[str, str]:
        """What belongs here, and how to write it."""
        how = wording.ADVICE.get(self.definition) or wording.advice(self.schema)
        return {"expected": wording.expected(self.schema), "advice": how}

    def correction(self) -> str | None:
        """What was probably intended, if it would be valid."""
        return corrected(str(self.value.data), self.definition, self.is_valid)

    def is_valid(self, data: PlainData) -> bool:
        """Whether `data` could stand here."""
        return policy_validator().evolve(schema=self.schema).is_valid(data)

    def intended_keys(self) -> set[str]:
        """Keys that are there under a wrong spelling."""
        properties = self.schema["properties"]
        unknown = [key for key in islice(self.entries, MOST_FINDINGS) if key not in properties]
        return {_intended(key, properties) or "" for key in unknown}


def _unknown_keys(fault: _Fault) -> Iterator[Finding]:
    yield from (_unknown_key(fault, key) for key in fault.entries if key not in fault.schema["properties"])


def _unknown_key(fault: _Fault, key: str) -> Finding:
    allowed = fault.schema["properties"]
    if places := inner_places(fault.schema, key) or key_places().get(key):
        suggestion = (
            foreign if (foreign := FOREIGN_KEYS.get(key)) in allowed else nearest(key, allowed, MISPLACED_CUTOFF)
        )
        return fault.key_finding(MISPLACED_KEY, key, suggestion, places=wording.listed(places))
    if suggestion := _intended(key, allowed):
        others = [other for other in fault.entries if other != key and only_meant(other, allowed) == suggestion]
        is_certain = only_meant(key, allowed) == suggestion and not others
        return replace(fault.key_finding(MISSPELT_KEY, key, suggestion), is_certain=is_certain)
    return fault.key_finding(UNKNOWN_KEY, key, keys=wording.ticked(allowed))


def _intended(key: str, allowed: Collection[str]) -> str | None:
    """The one of `allowed` that `key` stands for."""
    foreign = FOREIGN_KEYS.get(key)
    return foreign if foreign in allowed else nearest(key, allowed)


def _missing_keys(fault: _Fault) -> Iterator[Finding]:
    for key in fault.limit:
        if key not in fault.entries:
            yield from _missing(fault, [key])


def _missing(fault: _Fault, keys: list[str]) -> Iterator[Finding]:
    """One of `keys` has to be there."""
    if fault.intended_keys().isdisjoint(keys):
        start = fault.value.span
        sign = replace(start, end_line=start.line, end_column=start.column + 1)
        span = fault.key_span or (start if fault.path else sign)
        names = wording.ticked(keys)
        values = {"what": names, "advice": names + (_purpose(fault, keys[0]) if len(keys) == 1 else "")}
        yield Finding(rule=MISSING_KEY, span=span, path=dotted(fault.path), values=values)


def _purpose(fault: _Fault, key: str) -> str:
    """What `key` is for: the first sentence of its description in the schema."""
    sentence = str(fault.schema["properties"][key]["description"]).split(". ")[0].rstrip(".")
    return f", {sentence[0].lower()}{sentence[1:]}"


def _alternatives(fault: _Fault) -> Iterator[Finding]:
    """A keyword whose branches each require one key: none of them is there, or (oneOf) several."""
    keys = [branch["required"][0] for branch in fault.limit]
    present = sorted((key for key in keys if key in fault.entries), key=lambda key: fault.entries[key].key_span)
    if present:
        yield fault.key_finding(EXCLUSIVE_KEYS, present[-1], keys=wording.ticked(present, "and"))
    else:
        yield from _missing(fault, keys)


def _companions(fault: _Fault) -> Iterator[Finding]:
    for key, companions in fault.limit.items():
        for companion in companions:
            if key in fault.entries and companion not in fault.entries and companion not in fault.intended_keys():
                yield fault.key_finding(COMPANION_KEY, key, companion=companion)


def _wrong_type(fault: _Fault) -> Iterator[Finding]:
    data = fault.value.data
    if fault.definition == "duration" and isinstance(data, int | float) and not isinstance(data, bool):
        yield fault.finding(NO_UNIT, value=str(fault.value.data))
    else:
        suggestion = as_type(fault.value.plain(), fault.schema["type"], fault.is_valid)
        expectation = dict(fault.expectation)
        if fault.path == ("servers",):
            expectation["advice"] += "; the sources of time are a list under `upstreams`"
        yield fault.finding(WRONG_TYPE, suggestion, place=fault.place, actual=fault.description, **expectation)


def _malformed(fault: _Fault) -> Iterator[Finding]:
    if fault.definition == "duration" and re.fullmatch(r"[0-9.]{1,20}", str(fault.value.data)):
        yield fault.finding(NO_UNIT, value=str(fault.value.data))
    else:
        certain = certain_text(str(fault.value.data), fault.definition, fault.is_valid)
        suggestion = certain or fault.correction()
        finding = fault.finding(MALFORMED_TEXT, suggestion, value=fault.description, **fault.expectation)
        yield replace(finding, is_certain=certain is not None)


def _not_one_of(fault: _Fault) -> Iterator[Finding]:
    if "title" in fault.schema:
        yield from _malformed(fault)
    else:
        suggestion, choices = nearest(str(fault.value.data), fault.limit), wording.listed(fault.limit)
        yield fault.finding(NOT_ONE_OF, suggestion, actual=fault.description, key=fault.key, choices=choices)


def _wrong_version(fault: _Fault) -> Iterator[Finding]:
    known = str(fault.limit)
    suggestion = known if str(fault.value.data) == known else None
    yield fault.finding(WRONG_VERSION, suggestion, actual=fault.description, known=known)


def _out_of_range(fault: _Fault) -> Iterator[Finding]:
    bounds = wording.limits(fault.schema.get("minimum"), fault.schema.get("maximum"))
    yield fault.finding(OUT_OF_RANGE, key=fault.key, value=str(fault.value.data), limits=bounds)


def _wrong_length(fault: _Fault) -> Iterator[Finding]:
    noun = {"Items": "entry", "Properties": "key", "Length": "character"}[fault.keyword[3:]]
    size = len(fault.items) + len(fault.entries) or len(str(fault.value.data)) * (noun == "character")
    lowest, highest = (fault.schema.get(bound + fault.keyword[3:]) for bound in ("min", "max"))
    bounds = f"{wording.limits(lowest, highest)} {noun if (highest or lowest) == 1 else wording.plural(noun)}"
    yield fault.finding(WRONG_LENGTH, place=fault.place, count=wording.counted(size, noun), limits=bounds)


def _listed_twice(fault: _Fault) -> Iterator[Finding]:
    first: dict[str, Value] = {}
    for index, item in enumerate(fault.items):
        other = first.setdefault(json_text(item.plain()), item)
        if other is not item:
            value = wording.quoted(item.data) if isinstance(item.data, str) else "this entry"
            values = {"value": value, "line": str(other.span.line)}
            yield Finding(rule=LISTED_TWICE, span=item.span, path=dotted((*fault.path, index)), values=values)


EXPLANATIONS: dict[str, Callable[[_Fault], Iterator[Finding]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    "dependentRequired": _companions,
    "type": _wrong_type,
    "pattern": _malformed,
    "enum": _not_one_of,
    "const": _wrong_version,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
    "minItems": _wrong_length,
    "maxItems": _wrong_length,
    "minProperties": _wrong_length,
    "maxLength": _wrong_length,
    "uniqueItems": _listed_twice,
}
"""For each keyword of JSON Schema that the policy's schema uses: what a violation of it means."""


def _key_span(tree: Value, path: Path) -> Span | None:
    """The key whose value stands at `path`; None for list entries and the document."""
    if not path or isinstance(path[-1], int):
        return None
    parent = tree.at(path[:-1]).data
    return parent[path[-1]].key_span if isinstance(parent, dict) else None
