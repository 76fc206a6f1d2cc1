"""Rules about the releases in `distros`."""

from collections.abc import Iterator
from dataclasses import replace

from timepolicy.distros import catalogue
from timepolicy.document.tree import Value
from timepolicy.facts.end_of_life import ENDED
from timepolicy.findings.finding import Severity
from timepolicy.rules.rule import Violation, at, rule
from timepolicy.source import Place


@rule(
    "TP040",
    Severity.ERROR,
    "`{name}` is not a distribution release in the catalogue{reason}",
    "write a release that `timepolicy distros` lists",
)
def unknown_release(document: Value) -> Iterator[Violation]:
    """A release that is not in the catalogue. This check also runs on a document whose shape is wrong."""
    for item, place in _releases(document):
        name = str(item.data)
        if catalogue.find(name) is None:
            from timepolicy.document.release_names import because, certain, meant  # only for a mistake

            key = certain(name)
            violation = at(place, key or meant(name), name=name, reason=because(name))
            yield replace(violation, is_certain=key is not None)


@rule(
    "TP101",
    Severity.NOTE,
    "{release} reached its end of life in {month}, so its time daemon gets no more fixes",
    "use a release that is still maintained",
)
def release_past_its_end(document: Value) -> Iterator[Violation]:
    """A release that gets no more security updates."""
    for item, place in _releases(document):
        if month := ENDED.get(str(item.data)):
            yield at(place, release=str(item.data), month=month)


def _releases(document: Value) -> Iterator[tuple[Value, Place]]:
    """Each entry of `distros`, and its place."""
    for index, item in enumerate(document.entries("distros")):
        yield item, Place(path=f"distros[{index}]", span=item.span)
