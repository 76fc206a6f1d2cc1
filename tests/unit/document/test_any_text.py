"""Any text is a document or has findings, and never raises an exception."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.rule_cases import POLICIES
from timepolicy.document.load import load
from timepolicy.findings.forms.text import render_lines, render_text
from timepolicy.source import Source

UNHURRIED = settings(deadline=None)
"""A busy machine is no failure."""

TEXTS = [path.read_bytes().decode(errors="replace") for path in POLICIES]
PIECES = [
    *"\t\n\r :-[]{},&*!|>'\"%@`#?~\0\x85\u2028\ufeff世",
    "\n- ",
    ": ",
    "---\n",
    "<<: ",
    "? ",
    "null",
    "yes",
    "1:30",
    "010",
    "1e999",
    "9" * 5000,
    "!!python/object ",
    "%YAML 1.1\n---\n",
    "timezone: ",
    "upstreams:\n",
    "{server: a}",
]


def assert_handled(source: Source) -> None:
    result = load(source)
    findings = result.findings
    assert result.value is not None or findings.has_errors
    assert len(render_lines(findings, source).splitlines()) == len(findings)
    assert bool(render_text(findings, source)) == bool(len(findings))
    lines = source.text.split("\n")
    for finding in findings:
        assert 1 <= finding.span.line <= finding.span.end_line <= len(lines)
        assert 1 <= finding.span.column <= len(lines[finding.span.line - 1]) + 1


@UNHURRIED
@given(st.text(st.characters(), max_size=200))
def test_any_characters(text: str) -> None:
    assert_handled(Source(name="policy.yaml", text=text))


@UNHURRIED
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    assert_handled(Source.decode("policy.yaml", data))


@UNHURRIED
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_pieces_of_yaml(pieces: list[str]) -> None:
    assert_handled(Source(name="policy.yaml", text="".join(pieces)))


@UNHURRIED
@given(st.data())
def test_any_change_of_a_policy(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(begin, min(len(text), begin + 10)))
        text = text[:begin] + data.draw(st.sampled_from([*PIECES, text[begin:end] * 2, ""])) + text[end:]
    assert_handled(Source(name="policy.yaml", text=text))
