"""What an error of the YAML parser means. The messages of libyaml and of PyYAML differ; both are handled."""

import re
from collections.abc import Callable

import yaml

from timepolicy.findings.finding import Finding, error
from timepolicy.source import START, Positions, rest_of_line

NOT_YAML = error(
    "TP005",
    "invalid YAML: {problem}",
    "check the quotes, brackets and indentation in this line and in the line above",
)
TAB = error(
    "TP006",
    "a tab is used where some YAML parsers accept only spaces",
    "replace the tab with spaces",
)
UNCLOSED = error(
    "TP007",
    "this {opening} is never closed",
    "add the closing {closing}",
)
UNEXPECTED_TEXT = error(
    "TP008",
    "unexpected {what}",
    "put the whole value in quotes if this is part of it; otherwise correct or remove it",
)
NO_COLON = error(
    "TP009",
    "the key has no {missing}",
    "write `key: value`, with a space after the colon",
)
INDENTATION = error(
    "TP010",
    "this {what} is not aligned with the lines that it belongs to",
    "give it the indentation of its neighbours, or indent it further if it belongs to the line above",
)

OPENINGS = {"'": ("quote", "'"), '"': ("quote", '"'), "[": ("bracket", "]"), "{": ("bracket", "}")}


COLONS = {
    ":\u00a0": "space after its `:`, but a no-break space U+00A0",
    ":": "space after its `:`",
    "\uff1a": "`:` after it, but the full-width `\uff1a`",
    "": "`:` after it",
}
"""What a line lacks, by what it has instead of a colon and a space; the most certain sign first."""

ESCAPE = "in double quotes a backslash begins an escape, and this escape is unknown; in single quotes it is plain text"


def syntax_fault(text: str, error: yaml.YAMLError, last_text: int) -> Finding:
    """Return what the parser's `error` in `text` means; `last_text` is the index of the last plain scalar."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Finding(rule=NOT_YAML, span=START, values={"problem": "the parser gives no reason"})
    context = error.context_mark.index if error.context_mark else error.problem_mark.index
    return _Fault(text, error.problem or "", error.problem_mark.index, context, last_text).finding()


class _Fault:
    """A place where a YAML parser stopped, with the message of libyaml or PyYAML."""

    def __init__(self, text: str, problem: str, index: int, context: int, last_text: int) -> None:
        self.text, self.problem, self.index, self.context, self.last_text = text, problem, index, context, last_text
        self.positions = Positions(text)
        self.character = text[index : index + 1]
        self.is_first_in_line = not text[text.rfind("\n", 0, index) + 1 : index].strip()

    def finding(self) -> Finding:
        """What is wrong, from the most certain sign to the least."""
        if self.character == "\t":
            return Finding(rule=TAB, span=self.positions.span(self.index, self.index + 1))
        for problem, explain in EXPLANATIONS.items():
            if problem in self.problem:
                return explain(self)
        if self.text[self.context : self.context + 1] in ("&", "*", "!"):
            return self.unexpected(self.beginning(self.context), self.context, self.context + 1)
        if self.is_unclosed():
            return self.unclosed()
        return self.misplaced() or self.not_yaml(self.index, self.problem)

    def is_unclosed(self) -> bool:
        if self.text[self.context : self.context + 1] not in OPENINGS:
            return False
        is_line_later = "\n" in self.text[self.context : self.index]
        is_other_bracket = self.text[self.context] + self.character in ("[}", "{]")
        return is_line_later or is_other_bracket or not self.text[self.index :].strip()

    def unclosed(self) -> Finding:
        character = self.text[self.context]
        noun, closing = OPENINGS[character]
        values = {"opening": f"{noun} `{character}`", "closing": f"`{closing}`"}
        return Finding(rule=UNCLOSED, span=self.positions.span(self.context, self.context + 1), values=values)

    def unknown_escape(self) -> Finding:
        return self.not_yaml(self.text.rfind("\\", 0, self.index + 1), ESCAPE)

    def missing_colon(self) -> Finding:
        return self.no_colon(self.context)

    def no_colon(self, index: int) -> Finding:
        line = rest_of_line(self.text, index)
        missing = next(words for sign, words in COLONS.items() if sign in line)
        return Finding(rule=NO_COLON, span=self.positions.line_span(index), values={"missing": missing})

    def unexpected_colon(self) -> Finding:
        """A `:` that would make a key: of a text of several lines, or the second of a line."""
        if "\n" not in self.text[self.last_text : self.index]:
            return self.unexpected("second `:` in one value", self.index, self.index + 1)
        is_key = not self.text[self.text.rfind("\n", 0, self.last_text) + 1 : self.last_text].strip()
        if is_key or re.match(r"[\w-]+:[^\s:]", self.text[self.last_text :]):
            return self.no_colon(self.last_text)
        return self.indentation(self.line_start(), "line")

    def misplaced(self) -> Finding | None:
        word = re.match(r"\S+", self.text[self.index :])
        if word is None:
            return None
        if self.character == ":" and re.search(r"\w:[^\s:]$", self.text[: self.index + 2]):
            span = self.positions.span(self.index, self.index + 1)
            return Finding(rule=NO_COLON, span=span, values={"missing": COLONS[":"]})
        if what := self.what_is_misplaced():
            return self.unexpected(what, self.index, self.index + 1)
        if not re.search("did not find expected|expected (<block end>|'<document start>')", self.problem):
            return None
        if self.is_first_in_line:
            return self.indentation(self.index, "list entry" if word[0] == "-" else "line")
        return self.unexpected("text after the end of a value", self.index, self.index + word.end())

    def what_is_misplaced(self) -> str | None:
        """What the character at fault is, where that alone says enough."""
        if "cannot start any token" in self.problem:
            return self.beginning(self.index)
        if re.search("expected ',' or", self.problem):
            return f"`{self.character}`; a `,` may be missing before it"
        if self.character == "," and self.text[: self.index].rstrip().endswith(","):
            return "second `,` in succession"
        if self.character in "]},":
            return f"`{self.character}` without an opening bracket"
        return "`:` without a key" if self.character == ":" else None

    def beginning(self, index: int) -> str:
        sign = "backtick" if self.text[index] == "`" else f"`{self.text[index]}`"
        return f"{sign} at the beginning of a value"

    def unexpected(self, what: str, begin: int, end: int) -> Finding:
        return Finding(rule=UNEXPECTED_TEXT, span=self.positions.span(begin, end), values={"what": what})

    def indentation(self, index: int, what: str) -> Finding:
        return Finding(rule=INDENTATION, span=self.positions.line_span(index), values={"what": what})

    def not_yaml(self, index: int, problem: str) -> Finding:
        return Finding(rule=NOT_YAML, span=self.positions.span(index, index + 1), values={"problem": problem})

    def line_start(self) -> int:
        """Where the line of the fault begins, without its indentation."""
        start = self.text.rfind("\n", 0, self.index) + 1
        return self.index - len(self.text[start : self.index].lstrip())


EXPLANATIONS: dict[str, Callable[[_Fault], Finding]] = {
    "unknown escape": _Fault.unknown_escape,
    "could not find expected ':'": _Fault.missing_colon,
    "mapping values are not allowed": _Fault.unexpected_colon,
}
"""The meaning of messages that both parsers have."""
