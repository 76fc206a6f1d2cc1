"""From YAML to a tree of values with their spans. Only what every YAML reader reads the same way is accepted."""

from dataclasses import dataclass, field

import yaml

from timepolicy.document.scalars import plain_scalar, reading_of
from timepolicy.document.tree import Entry, Value
from timepolicy.findings.finding import Finding, Rule, error
from timepolicy.findings.result import Findings, Result
from timepolicy.findings.wording import described, shortened
from timepolicy.source import START, Positions, Span

TOO_BIG = error(
    "TP002",
    "the policy exceeds the limit of {limit}",
    "check that this is the right file; a policy is usually a few kilobytes",
)
EMPTY_DOCUMENT = error(
    "TP011",
    "the policy is empty",
    "start with a `timezone` and a list of `upstreams`; `timepolicy init` prints an example",
)
NOT_A_POLICY = error(
    "TP012",
    "the policy is {actual}, not a mapping",
    "{advice}",
)
SEVERAL_DOCUMENTS = error(
    "TP013",
    "a second YAML document begins here, and a file holds one policy",
    "remove the `---`, or what follows it",
)
TOO_DEEP = error(
    "TP014",
    "the nesting is deeper than {limit} levels",
    "check the brackets and the indentation; a policy needs at most six levels",
)
NOT_PLAIN = error(
    "TP015",
    "{what} is not supported: a policy has no anchors, aliases, merge keys or tags",
    "write the value itself; put text that begins with &, * or ! in quotes",
)
DUPLICATE_KEY = error(
    "TP016",
    "the key `{key}` is repeated; it first appears in line {line}",
    "keep one of the two",
)
KEY_NOT_TEXT = error(
    "TP017",
    "a key is {actual}, not text",
    "write a key of the policy language, such as `timezone`; of a template with `{{{{ }}}}`, write the rendered text",
)
AMBIGUOUS = error(
    "TP018",
    "YAML parsers disagree about `{text}`: some read it as {reading}",
    "write {instead}, or put it in quotes if it is text",
)
TOO_MANY = error(
    "TP019",
    "the check stops after {limit} findings",
    "fix these first, then run the check again",
)

DEEPEST_NESTING = 64
MOST_FINDINGS = 100

MOST_VALUES = 50_000
"""Keys and values of a document. No cluster needs a tenth of them, and the time to check them grows with them."""

LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser of libyaml, where PyYAML is built with it."""


def parse(text: str, loader: type = LOADER) -> Result[Value]:
    """Return the document in `text`, without a value where it is not a mapping.

    A document with errors is returned as long as its structure is clear, so that later stages find more in the same
    run; a value with an error has a placeholder for its data.
    """
    builder = _Builder(text)
    if "\t" in text:
        loader = yaml.SafeLoader  # accepts tabs in fewer places than libyaml: every machine must agree
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
    except yaml.YAMLError as fault:
        from timepolicy.document.yaml_errors import syntax_fault  # only now: it explains mistakes

        builder.findings.append(syntax_fault(text, fault, builder.last_text))
        return Result(None, Findings(builder.findings))
    except _StopParsingError:
        pass
    else:
        builder.check_root()
    is_mapping = builder.root is not None and isinstance(builder.root.data, dict)
    return Result(builder.root if is_mapping else None, Findings(builder.findings))


def _indices(event: yaml.Event) -> tuple[int, int]:
    """Where an event begins and ends in the text."""
    assert event.start_mark is not None, "the parser marks every event"
    assert event.end_mark is not None, "the parser marks every event"
    return event.start_mark.index, event.end_mark.index


class _StopParsingError(Exception):
    """Parsing more makes no sense; the findings say why."""


@dataclass(slots=True)
class _Collection:
    """A mapping or sequence that is being read; `end` is where its last child ended."""

    start: int
    is_mapping: bool
    end: int
    items: list[Value] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    awaits_value: bool = False
    key: tuple[str, Span] | None = None

    def data(self) -> list[Value] | dict[str, Entry]:
        return self.entries if self.is_mapping else self.items


class _Builder:
    """Builds a Value from a parser's events, one by one and without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.findings: list[Finding] = []
        self.positions = Positions(text)
        self.open: list[_Collection] = []
        self.root: Value | None = None
        self.faulty: set[Span] = set()
        self.last_text = 0
        self.documents = 0
        self.values = 0

    def check_root(self) -> None:
        """Report a document that is no mapping."""
        if self.root is None or self.root.data is None:
            self.report(EMPTY_DOCUMENT, START)
        elif not isinstance(self.root.data, dict):
            actual = "a list" if isinstance(self.root.data, list) else f"only {described(self.root.data)}"
            advice = "write keys and values, such as `timezone: Asia/Shanghai`"
            self.report(NOT_A_POLICY, self.root.span, actual=actual, advice=advice)

    def take(self, event: yaml.Event) -> None:
        begin, end = _indices(event)
        match event:
            case yaml.DocumentStartEvent():
                self.begin_document(begin, end)
            case yaml.CollectionStartEvent():
                self.open_collection(event, begin, end)
            case yaml.CollectionEndEvent():
                self.close_collection(begin, end)
            case yaml.AliasEvent():
                self.place(Value(self.refuse_property(begin, end), None), end)
            case yaml.ScalarEvent():
                self.take_scalar(event, begin, begin + len(self.text[begin:end].rstrip()))

    def begin_document(self, begin: int, end: int) -> None:
        self.documents += 1
        if self.documents > 1:
            self.report(SEVERAL_DOCUMENTS, self.positions.span(begin, end))
            raise _StopParsingError

    def open_collection(self, event: yaml.CollectionStartEvent, begin: int, end: int) -> None:
        if event.anchor or event.tag:
            self.refuse_property(begin, begin + len(self.text[begin:end].split()[0]))
        if len(self.open) == DEEPEST_NESTING:
            self.report(TOO_DEEP, self.positions.span(begin, begin + 1), limit=str(DEEPEST_NESTING))
            raise _StopParsingError
        self.open.append(_Collection(begin, isinstance(event, yaml.MappingStartEvent), end))

    def close_collection(self, begin: int, end: int) -> None:
        """A closing bracket ends a collection; one without ends where its last child does."""
        collection = self.open.pop()
        end = end if end > begin else collection.end
        self.place(Value(self.positions.span(collection.start, end), collection.data()), end)

    def take_scalar(self, event: yaml.ScalarEvent, begin: int, end: int) -> None:
        span = self.positions.span(begin, end)
        is_plain = not event.style and event.implicit[0]
        self.last_text = begin if is_plain else self.last_text
        if event.anchor or event.tag:
            self.refuse_property(begin, end)
        elif is_plain and self.is_key_next():
            # of the keys that parsers read differently, only this one could be intended: the others are unknown keys
            if event.value == "<<":
                self.report(NOT_PLAIN, span, what="the merge key `<<`")
        elif is_plain and (reading := reading_of(event.value)):
            self.report(AMBIGUOUS, span, text=event.value, reading=reading.reading, instead=reading.instead)
        self.place(Value(span, plain_scalar(event.value) if is_plain else event.value), end)

    def place(self, value: Value, end: int) -> None:
        """Put a value that is complete where it belongs."""
        self.values += 1
        if self.values > MOST_VALUES:
            self.report(TOO_BIG, START, limit=f"{MOST_VALUES} keys and values")
            raise _StopParsingError
        if not self.open:
            self.root = value
            return
        collection = self.open[-1]
        collection.end = end
        if not collection.is_mapping:
            collection.items.append(value)
        elif collection.awaits_value:
            if collection.key:
                key, span = collection.key
                collection.entries[key] = Entry(span, value)
            collection.awaits_value = False
        else:
            collection.key, collection.awaits_value = self.key(value, collection), True

    def key(self, value: Value, collection: _Collection) -> tuple[str, Span] | None:
        """The key that `value` is; None, with a finding, where it cannot be a key."""
        if not isinstance(value.data, str):
            if value.span not in self.faulty:
                self.report(KEY_NOT_TEXT, value.span, actual=described(value.data))
            return None
        if value.data in collection.entries:
            line = collection.entries[value.data].key_span.line
            self.report(DUPLICATE_KEY, value.span, key=shortened(value.data), line=str(line))
            return None
        return None if value.data == "<<" else (value.data, value.span)

    def is_key_next(self) -> bool:
        return bool(self.open) and self.open[-1].is_mapping and not self.open[-1].awaits_value

    def refuse_property(self, begin: int, end: int) -> Span:
        """Report the anchor, alias or tag at `begin`; return the span from there to `end`."""
        span = self.positions.span(begin, end)
        kinds = {"&": "the anchor", "*": "the alias", "!": "the tag"}
        sign = self.text[begin:end].split()[0]
        self.report(NOT_PLAIN, span, what=f"{kinds[sign[0]]} `{shortened(sign)}`")
        return span

    def report(self, rule: Rule, span: Span, **values: str) -> None:
        self.findings.append(Finding(rule=rule, span=span, values=values))
        self.faulty.add(span)
        if len(self.findings) >= MOST_FINDINGS:
            self.findings.append(Finding(rule=TOO_MANY, span=span, values={"limit": str(MOST_FINDINGS)}))
            raise _StopParsingError
