"""Findings as text for people, and as one line each for programs. Data in, text out."""

import unicodedata
from collections import Counter
from collections.abc import Iterator

from timepolicy.findings.finding import Finding, Findings, Severity
from timepolicy.text.source import START, Source

WIDEST_EXCERPT = 200
"""Characters of a source line that are shown; the rest is cut away on both sides of the fault."""

CUT = "…"


def render_text(findings: Findings, source: Source) -> str:
    """Return each finding with its place, the lines of `source` and carets under the value; empty for none."""
    if not len(findings):
        return ""
    blocks = ["\n".join(_block(finding, source)) for finding in findings]
    return "\n\n".join([*blocks, _summary(findings)]) + "\n"


def render_lines(findings: Findings, source: Source) -> str:
    """Return one line for each finding: `file:line:col: error TP021 message (hint; did you mean X?)`."""
    return "".join(_line(finding, source) + "\n" for finding in findings)


def _line(finding: Finding, source: Source) -> str:
    question = f"; did you mean {finding.suggestion}?" if finding.suggestion else ""
    place = f"{source.name}:{finding.span.line}:{finding.span.column}"
    rule = finding.rule
    return _escaped(f"{place}: {rule.severity} {rule.code} {finding.message} ({finding.hint}{question})")


def _block(finding: Finding, source: Source) -> Iterator[str]:
    gutter = " " * len(str(finding.span.line))
    yield _escaped(f"{finding.rule.severity}[{finding.rule.code}]: {finding.message}")
    yield _escaped(f"{gutter}--> {source.name}:{finding.span.line}:{finding.span.column}")
    yield from _excerpt(finding, source, gutter)
    yield _escaped(f"{gutter} = help: {finding.hint}")
    if finding.suggestion:
        yield _escaped(f"{gutter} = did you mean `{finding.suggestion}`?")


def _excerpt(finding: Finding, source: Source, gutter: str) -> Iterator[str]:
    """The line before, the line of the fault, and carets; nothing where the finding is about the whole text."""
    if finding.span == START:
        return
    number = finding.span.line
    before, line = source.line(number - 1), source.line(number)
    begin, end = _columns(finding, line)
    left = max(0, min(begin - WIDEST_EXCERPT // 4, len(line) - WIDEST_EXCERPT)) if len(line) > WIDEST_EXCERPT else 0
    yield f"{gutter} |"
    if number > 1:
        yield f"{number - 1:>{len(gutter)}} | {_cut(before, 0)}".rstrip()
    yield f"{number} | {_cut(line, left)}".rstrip()
    yield f"{gutter} | {_carets(_cut(line, left), begin - left, end - left)}"


def _columns(finding: Finding, line: str) -> tuple[int, int]:
    """Where the carets begin and end in `line`, from 0; a value of several lines is marked to its first line's end."""
    span = finding.span
    begin = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    return begin, max(end, begin + 1)


def _cut(line: str, left: int) -> str:
    """The WIDEST_EXCERPT characters of `line` from `left`, with a sign at each end that was cut."""
    shown = line[left : left + WIDEST_EXCERPT]
    shown = CUT + shown[1:] if left and shown else shown
    shown = shown[:-1] + CUT if left + WIDEST_EXCERPT < len(line) else shown
    return "".join(_printable(character) for character in shown)


def _carets(shown: str, begin: int, end: int) -> str:
    padding = "".join("\t" if character == "\t" else " " * _width(character) for character in shown[:begin])
    return padding + "^" * max(
        1, sum(_width(character) for character in shown[begin:end].ljust(end - begin)[:WIDEST_EXCERPT])
    )


def _width(character: str) -> int:
    """How many columns of a terminal `character` takes."""
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _is_harmful(character: str) -> bool:
    """Whether `character` is invisible, moves the cursor or turns the direction of the text."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _printable(character: str) -> str:
    """A sign as wide as one column for what a terminal would act on."""
    if character == "\t" or not _is_harmful(character):
        return character
    return chr(0x2400 + ord(character)) if ord(character) < ord(" ") else "\N{REPLACEMENT CHARACTER}"


def _escaped(text: str) -> str:
    r"""`text` on one line: a newline as \n, other control characters as \x1b or \u202e."""
    return "".join(
        character.encode("unicode_escape").decode() if _is_harmful(character) else character for character in text
    )


def _summary(findings: Findings) -> str:
    counts = Counter(finding.rule.severity for finding in findings)
    return ", ".join(f"{counts[kind]} {kind}{'s' * (counts[kind] > 1)}" for kind in Severity if counts[kind])
