"""Findings about several files: each has its file, and a report has those of one file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from timepolicy.findings.finding import Finding, Rule
from timepolicy.findings.result import Findings
from timepolicy.source import START, Place, Source, Span

MOST_ON_A_LINE = 20
"""Findings about single words of one line. A correct line has fewer words; a wrong one may have thousands."""


class FilePlace(Protocol):
    """A range of a file: a word, a statement, or a `TextRange`."""

    @property
    def source(self) -> Source:
        """The file."""

    @property
    def span(self) -> Span:
        """The lines and columns."""


@dataclass(frozen=True, slots=True)
class TextRange:
    """Some lines of a file that are no statement; without a span, the file as a whole."""

    source: Source
    span: Span = START


@dataclass(frozen=True, slots=True)
class FileFinding:
    """A finding about `source`. `is_loss` is whether an imported policy lacks what stands at its place."""

    source: Source
    finding: Finding
    is_loss: bool = False


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file and all findings about it."""

    source: Source
    findings: Findings


def report(place: FilePlace, rule: Rule, suggestion: str | None = None, /, **values: str) -> FileFinding:
    """Return a finding at `place`; `values` fill the rule's templates, `suggestion` is what to write instead."""
    return FileFinding(place.source, rule.at(Place(path="", span=place.span), suggestion, **values))


def loss(place: FilePlace, rule: Rule, suggestion: str | None = None, /, **values: str) -> FileFinding:
    """Return a finding whose place an imported policy lacks; the parameters are those of `report`."""
    return FileFinding(place.source, rule.at(Place(path="", span=place.span), suggestion, **values), is_loss=True)


def by_file(sources: Iterable[Source], findings: Iterable[FileFinding]) -> tuple[FileReport, ...]:
    """Return a report for each of `sources`, in their order; a file that was read twice has one.

    Every finding is about one of `sources`.
    """
    by_name: dict[str, tuple[Source, list[Finding]]] = {}
    for source in sources:
        by_name.setdefault(source.name, (source, []))
    for finding in findings:
        by_name[finding.source.name][1].append(finding.finding)
    return tuple(FileReport(source, Findings(own)) for source, own in by_name.values())
