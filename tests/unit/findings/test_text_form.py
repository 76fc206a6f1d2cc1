"""Findings as text; the texts in tests/cases show the rest."""

from dataclasses import replace

import pytest

from timepolicy.findings.finding import Finding, error, note, warning
from timepolicy.findings.forms.text import render_lines, render_text
from timepolicy.findings.result import Findings
from timepolicy.source import START, Source, Span

UNKNOWN_KEY = error("TP021", "unknown key `{key}`", "correct the spelling")
UNKNOWN_NAME = error("TP041", "there is no `{name}`", "write another")
WITHOUT_STEPS = warning("TP083", "the gate waits", "write `when: boot`")
ASSUMPTION = note("TP100", "{release}: {assumption}", "check it on a node")


def at(line: int, column: int, end_line: int, end_column: int) -> Span:
    return Span(line=line, column=column, end_line=end_line, end_column=end_column)


def misspelt(span: Span, key: str = "timezon") -> Finding:
    return Finding(rule=UNKNOWN_KEY, span=span, values={"key": key}, suggestion="timezone")


def rendered(text: str, span: Span) -> list[str]:
    """The lines of source and carets, without their gutter."""
    lines = render_text(Findings([misspelt(span)]), Source(name="p.yaml", text=text)).splitlines()
    return [line.partition(" |")[2].removeprefix(" ") for line in lines[3:] if " |" in line]


THREE = Findings(
    [
        Finding(rule=ASSUMPTION, span=START, values={"release": "debian-12", "assumption": "it boots"}),
        Finding(rule=WITHOUT_STEPS, span=at(2, 14, 2, 19)),
        misspelt(at(1, 1, 1, 8)),
        Finding(rule=UNKNOWN_NAME, span=at(1, 10, 1, 13), values={"name": "X\nY\x1b\u202e"}),
    ]
)
SOURCE = Source(name="a\nb.yaml", text="timezon: X/Y\nstep: {when: never}\n")


def test_lines() -> None:
    assert render_lines(THREE, SOURCE).splitlines() == [
        "a\\nb.yaml:1:1: note TP100 debian-12: it boots (check it on a node)",
        "a\\nb.yaml:1:1: error TP021 unknown key `timezon` (correct the spelling; did you mean timezone?)",
        "a\\nb.yaml:1:10: error TP041 there is no `X\\nY\\x1b\\u202e` (write another)",
        "a\\nb.yaml:2:14: warning TP083 the gate waits (write `when: boot`)",
    ]


def test_text_ends_with_a_summary_in_the_order_of_weight() -> None:
    assert render_text(THREE, SOURCE).splitlines()[-1] == "2 errors, 1 warning, 1 note"


def test_a_finding_about_the_whole_text_shows_no_line() -> None:
    text = render_text(Findings(list(THREE)[:1]), SOURCE)
    assert text == ("note[TP100]: debian-12: it boots\n --> a\\nb.yaml:1:1\n  = help: check it on a node\n\n1 note\n")


BRIEF = Finding(rule=replace(ASSUMPTION, is_brief=True), span=START, values={"release": "a", "assumption": "it boots"})


def test_what_is_brief_is_one_line() -> None:
    assert render_text(Findings([BRIEF]), SOURCE) == "note[TP100]: a: it boots\n"
    assert render_text(Findings([BRIEF]), SOURCE, color=True) == (
        "\x1b[1;36mnote[TP100]\x1b[0m\x1b[1m: a: it boots\x1b[0m\n"
    )


def test_what_is_brief_is_above_the_others_and_not_counted() -> None:
    other = replace(BRIEF, values={"release": "b", "assumption": "it boots"})
    lines = render_text(Findings([misspelt(at(1, 1, 1, 8)), other, BRIEF]), SOURCE).splitlines()
    assert lines[:4] == [
        "note[TP100]: a: it boots",
        "note[TP100]: b: it boots",
        "",
        "error[TP021]: unknown key `timezon`",
    ]
    assert lines[-1] == "1 error"


def test_nothing_for_no_findings() -> None:
    assert render_text(Findings(), SOURCE) == render_lines(Findings(), SOURCE) == ""


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        pytest.param("ab: c", at(1, 5, 1, 6), ["ab: c", "    ^"], id="one character"),
        pytest.param("ab: c", at(1, 4, 1, 4), ["ab: c", "   ^"], id="no character has one caret"),
        pytest.param("a:", at(1, 3, 1, 3), ["a:", "  ^"], id="behind the line's end"),
        pytest.param("x\na: b \nc: d", at(2, 1, 3, 5), ["x", "a: b", "^^^^", "c: d", "^^^^"], id="two lines"),
        pytest.param("a:\n\n  bc: d", at(1, 1, 3, 5), ["a:", "^^", "", "  bc: d", "  ^^"], id="an empty line between"),
        pytest.param("a\nb\nc\nd", at(1, 1, 4, 2), [*"a^b^c^d^"], id="four lines"),
        pytest.param("\ta\tbc", at(1, 4, 1, 6), ["\ta\tbc", "\t \t^^"], id="tabs are kept"),
        pytest.param("世: 界x", at(1, 4, 1, 6), ["世: 界x", "    ^^^"], id="wide characters take two columns"),
        pytest.param("e\u0301: x", at(1, 5, 1, 6), ["e\u0301: x", "   ^"], id="combining characters take none"),
        pytest.param("\x1b[2Ja\u202e: x", at(1, 5, 1, 6), ["␛[2Ja\ufffd: x", "    ^"], id="no escape sequences"),
    ],
)
def test_excerpt(text: str, span: Span, expected: list[str]) -> None:
    assert rendered(text, span) == expected


@pytest.mark.parametrize(("begin", "end"), [(1, 4), (150, 160), (500, 510), (991, 1001), (1, 1001)], ids=str)
def test_a_long_line_is_cut_around_the_fault(begin: int, end: int) -> None:
    text = "".join(chr(ord("a") + number % 26) for number in range(1000))
    line, carets = rendered(text, at(1, begin, 1, end))
    marked = "".join(character for character, caret in zip(line, carets, strict=False) if caret == "^")
    assert len(line) == 200
    assert len(carets) <= 200
    assert text[begin - 1 : end - 1].startswith(marked.removesuffix("…"))
    assert line.startswith("…") == (line[0] != text[0])
