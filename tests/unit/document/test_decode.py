"""From bytes to text."""

import pytest

from timepolicy.document.decode import LARGEST_TEXT, Positions, check_text, read_source
from timepolicy.findings.result import Findings
from timepolicy.source import START, Source, Span


def findings_of(data: bytes) -> list[tuple[str, int, int]]:
    findings = Findings()
    read_source("policy.yaml", data, findings)
    return [(finding.rule.code, finding.span.line, finding.span.column) for finding in findings]


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
def test_read_source(data: bytes, expected: list[tuple[str, int, int]]) -> None:
    assert findings_of(data) == expected


def test_a_text_that_is_no_utf8_can_still_be_shown() -> None:
    assert read_source("p", b"a: caf\xe9\n", Findings()).text == "a: caf\ufffd\n"


def test_a_faulty_text_is_refused_each_time() -> None:
    findings, source = Findings(), Source(name="p", text="\0")
    assert [check_text(source, findings), check_text(source, findings)] == [False, False]
    assert len(findings) == 1


@pytest.mark.parametrize("text", ["\ud800", "x" * (LARGEST_TEXT + 1)], ids=["a lone surrogate", "too long"])
def test_check_text_judges_what_never_was_bytes(text: str) -> None:
    assert not check_text(Source(name="p", text=text), Findings())


def test_positions() -> None:
    positions = Positions("ab\n\ncd")
    assert positions.span(0, 0) == START
    assert positions.span(1, 5) == Span(line=1, column=2, end_line=3, end_column=2)
    assert positions.span(6, 6) == Span(line=3, column=3, end_line=3, end_column=3)
    assert positions.line_span(4) == Span(line=3, column=1, end_line=3, end_column=3)
