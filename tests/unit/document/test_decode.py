"""From bytes to text."""

import pytest

from timepolicy.document.load import unreadable
from timepolicy.findings.result import Findings
from timepolicy.source import LARGEST_TEXT, START, Positions, Source, Span


def findings_of(data: bytes) -> list[tuple[str, int, int]]:
    findings = unreadable(Source.decode("policy.yaml", data))
    return [(finding.rule.code, finding.span.line, finding.span.column) for finding in Findings(findings)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"a: b\n", [], id="plain text"),
        pytest.param("é: 世界😀\r\n\ta\n".encode(), [], id="many scripts, CRLF and tabs"),
        pytest.param("a: b\nn: é世".encode() + b"\xff\n", [("TP001", 2, 6)], id="first bad byte, in characters"),
        pytest.param("a: b\n".encode("utf-16"), [("TP001", 1, 1), ("TP003", 1, 4)], id="UTF-16"),
        pytest.param(b"a: \0b\0\n", [("TP003", 1, 4)], id="NUL, the first"),
        pytest.param(b"a: \x1bb\n\x07\n", [("TP003", 1, 4), ("TP003", 2, 1)], id="one for each kind"),
        pytest.param(b"a: b\rc: d\r\n", [("TP003", 1, 5)], id="a carriage return alone"),
        pytest.param("a: b\x85\u2029".encode(), [("TP003", 1, 5), ("TP003", 1, 6)], id="rare line ends"),
        pytest.param("\ufeffa: b\n".encode(), [("TP004", 1, 1)], id="byte order mark"),
        pytest.param("a: \ufeffb\n".encode(), [("TP003", 1, 4)], id="byte order mark elsewhere"),
        pytest.param(b"#" * LARGEST_TEXT, [], id="a megabyte"),
        pytest.param(b"#" * (LARGEST_TEXT + 1), [("TP002", 1, 1)], id="more than a megabyte"),
    ],
)
def test_unreadable(data: bytes, expected: list[tuple[str, int, int]]) -> None:
    assert findings_of(data) == expected


def test_a_text_that_is_no_utf8_can_still_be_shown() -> None:
    assert Source.decode("p", b"a: caf\xe9\n").text == "a: caf\ufffd\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("\ud800", "TP003", id="a lone surrogate"),
        pytest.param("x" * (LARGEST_TEXT + 1), "TP002", id="too long"),
        pytest.param("é" * (LARGEST_TEXT // 2 + 1), "TP002", id="too long in bytes"),
    ],
)
def test_a_text_that_never_was_bytes_is_judged_too(text: str, code: str) -> None:
    assert [finding.rule.code for finding in unreadable(Source(name="p", text=text))] == [code]


def test_positions() -> None:
    positions = Positions("ab\n\ncd")
    assert positions.span(0, 0) == START
    assert positions.span(1, 5) == Span(line=1, column=2, end_line=3, end_column=2)
    assert positions.span(6, 6) == Span(line=3, column=3, end_line=3, end_column=3)
    assert positions.line_span(4) == Span(line=3, column=1, end_line=3, end_column=3)
