"""Matchers of PromQL as the command line has them, and labels that they match, for the tests of the rules."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MATCHER = re.compile(r'\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\\n]|\\[\\"nt])*)"\s*(?:,\s*|$)', re.ASCII)
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n", "\\t": "\t"}


class SelectorError(Exception):
    """The text is no list of matchers, or no label could be found that it matches."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One matcher: the name of a label, the operator, and the value without quotes and escapes."""

    label: str
    operator: str
    value: str

    def matches(self, value: str) -> bool:
        """Whether a label with this value passes. RE2 and Python agree on what labels are usually matched with."""
        is_equal = bool(re.fullmatch(self.value, value)) if "~" in self.operator else self.value == value
        return is_equal != self.operator.startswith("!")

    @property
    def examples(self) -> Iterator[str]:
        """Values that may match: the alternatives of the expression, with wildcards filled in, and any other word."""
        if self.operator == "=":
            yield self.value
        elif self.operator == "=~":
            for part in re.sub(r"[()^$]", "", self.value).split("|"):
                yield re.sub(r"\\(.)|\.[*+?]?", lambda match: match[1] or "x", part)
        else:
            yield "x"


def matchers(text: str) -> list[Matcher]:
    """Return the matchers of `job="node", cluster=~"a|b"`; raise SelectorError for anything else."""
    text, found, position = text.strip(), [], 0
    while position < len(text):
        match = MATCHER.match(text, position)
        if not match:
            raise SelectorError(f"{text[position:]!r} is no list of matchers such as 'job=\"node\"'")
        value = re.sub(r"\\.", lambda escape: ESCAPES[escape[0]], match[3])
        matcher = Matcher(match[1], match[2], value)
        try:
            matcher.matches("")
        except re.error as error:
            raise SelectorError(f"{value!r} is no regular expression: {error}") from None
        found.append(matcher)
        position = match.end()
    return found


def example_labels(text: str, defaults: Mapping[str, str], instances: Sequence[str]) -> dict[str, str]:
    """Return labels that all matchers of `text` match, besides `defaults`; raise SelectorError where none is found.

    The matchers must let all `instances` through.
    """
    rows = matchers(text)
    labels = dict(defaults)
    for name in dict.fromkeys(row.label for row in rows):
        own = [row for row in rows if row.label == name]
        if name == "instance":
            if not all(row.matches(instance) for row in own for instance in instances):
                raise SelectorError("it matches single nodes; choose by a label that all nodes of a cluster share")
            continue
        candidates = [labels.get(name, ""), *(value for row in own for value in row.examples)]
        value = next((value for value in candidates if all(row.matches(value) for row in own)), None)
        if value is None:
            raise SelectorError(f"the tests of the rules need a value of `{name}`; write alternatives, as in a|b")
        labels[name] = value
    return labels
