"""From text to values that know where they stand."""

import pytest

from timepolicy.document.parse import MOST_FINDINGS, MOST_VALUES, TOO_BIG, TOO_MANY, parse
from timepolicy.document.scalars import plain_scalar, reading_of
from timepolicy.document.tree import Path, Scalar, Value
from timepolicy.source import Span

TEXT = """\
# a comment
timezone: Asia/Shanghai   # the comment is not part of it
世界😀: "é x"
upstreams:
  - ntp.aliyun.com

  - server: a.example.org
    port: 123

# a comment between
gate: {units: [kubelet.service], timeout: 10m }
note: |
  first
  last

empty:
"""


def parsed(text: str) -> Value:
    result = parse(text)
    assert not [finding.message for finding in result.findings]
    assert result.value is not None
    return result.value


def codes(text: str) -> list[str]:
    return [finding.rule.code for finding in parse(text).findings]


def span(line: int, column: int, end_line: int, end_column: int) -> Span:
    return Span(line=line, column=column, end_line=end_line, end_column=end_column)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param((), span(2, 1, 16, 7), id="the document, from its first key"),
        pytest.param(("timezone",), span(2, 11, 2, 24), id="a plain scalar, without the comment"),
        pytest.param(("世界😀",), span(3, 6, 3, 11), id="a quoted scalar, with its quotes, after wide characters"),
        pytest.param(("upstreams",), span(5, 3, 8, 14), id="a block list ends where its last entry ends"),
        pytest.param(("upstreams", 0), span(5, 5, 5, 19), id="an entry, without its dash"),
        pytest.param(("upstreams", 1), span(7, 5, 8, 14), id="a block mapping ends where its last value ends"),
        pytest.param(("gate",), span(11, 7, 11, 48), id="a flow mapping, with its braces"),
        pytest.param(("gate", "units"), span(11, 15, 11, 32), id="a flow list, with its brackets"),
        pytest.param(("note",), span(12, 7, 14, 7), id="a block scalar, without the empty line after it"),
        pytest.param(("empty",), span(16, 7, 16, 7), id="a value that is not there"),
    ],
)
@pytest.mark.parametrize("line_end", [pytest.param("\n", id="LF"), pytest.param("\r\n", id="CRLF")])
def test_spans_of_values(path: Path, expected: Span, line_end: str) -> None:
    assert parsed(TEXT.replace("\n", line_end)).at(path).span == expected


@pytest.mark.parametrize(
    ("path", "key", "expected"),
    [
        pytest.param((), "timezone", span(2, 1, 2, 9), id="plain"),
        pytest.param((), "世界😀", span(3, 1, 3, 4), id="wide characters count as one"),
        pytest.param(("gate",), "timeout", span(11, 34, 11, 41), id="in a flow mapping"),
        pytest.param(("upstreams", 1), "port", span(8, 5, 8, 9), id="in a list's entry"),
    ],
)
def test_spans_of_keys(path: Path, key: str, expected: Span) -> None:
    data = parsed(TEXT).at(path).data
    assert isinstance(data, dict)
    assert data[key].key_span == expected


def test_plain_data() -> None:
    assert parsed(TEXT).plain() == {
        "timezone": "Asia/Shanghai",
        "世界😀": "é x",
        "upstreams": ["ntp.aliyun.com", {"server": "a.example.org", "port": 123}],
        "gate": {"units": ["kubelet.service"], "timeout": "10m"},
        "note": "first\nlast\n",
        "empty": None,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", None, id="nothing"),
        pytest.param("null", None, id="null"),
        pytest.param("true", True, id="true"),
        pytest.param("false", False, id="false"),
        pytest.param("0", 0, id="zero"),
        pytest.param("-12", -12, id="negative"),
        pytest.param("1.5", 1.5, id="float"),
        pytest.param("2.0", 2, id="a float that is whole, as JSON Schema sees it"),
        pytest.param("10m", "10m", id="duration"),
        pytest.param("10.2.12.11", "10.2.12.11", id="IPv4 address"),
        pytest.param("fd00:2::11", "fd00:2::11", id="IPv6 address"),
        pytest.param("12:34:56:ab::1", "12:34:56:ab::1", id="IPv6 address that begins like a time"),
        pytest.param("Asia/Shanghai", "Asia/Shanghai", id="timezone"),
        pytest.param("nowhere", "nowhere", id="begins like no"),
        pytest.param("1" * 65, "1" * 65, id="too long for a number"),
    ],
)
def test_what_all_readers_take_alike(text: str, expected: Scalar) -> None:
    assert reading_of(text) is None
    assert plain_scalar(text) == expected
    assert type(plain_scalar(text)) is type(expected)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        *[pytest.param(text, "true", id=text) for text in ("y", "Y", "yes", "YES", "on", "True")],
        *[pytest.param(text, "false", id=text) for text in ("n", "No", "off", "FALSE")],
        *[pytest.param(text, "null", id=text) for text in ("~", "Null", "NULL")],
        *[pytest.param(text, "an octal number", id=text) for text in ("010", "-07", "08", "0o17")],
        pytest.param("0x1F", "a hexadecimal number", id="hexadecimal"),
        pytest.param("0b11", "a binary number", id="binary"),
        *[pytest.param(text, "a number in base 60", id=text) for text in ("1:30", "12:34:56", "0:30.5")],
        *[pytest.param(text, "a date", id=text) for text in ("2024-01-01", "2024-1-1T00:00:00Z")],
        *[pytest.param(text, "infinity or not a number", id=text) for text in (".inf", "-.INF", ".nan")],
        *[pytest.param(text, "a number", id=text) for text in ("1_000", "1e3", "1.5e-3", ".5", "5.")],
        *[pytest.param(text, "a rounded number", id=text) for text in ("1" * 16, "0." + "1" * 16)],
        *[pytest.param(text, "a character with a special meaning", id=text) for text in ("=", "<<")],
    ],
)
def test_what_readers_take_differently(text: str, reading: str) -> None:
    found = reading_of(text)
    assert found is not None
    assert found.reading == reading


@pytest.mark.parametrize("text", ["yes", "010", "1:30", "2024-01-01", "~", "<<", "="])
def test_quotes_make_text_of_anything(text: str) -> None:
    assert parsed(f'name: "{text}"').plain() == {"name": text}


def test_a_document_with_clear_structure_is_there_in_spite_of_errors() -> None:
    result = parse("name: &x no\nname: b\n1: c\n<<: d\nlist: [*x]\n")
    assert result.value is not None
    assert result.value.plain() == {"name": "no", "list": [None]}
    assert [finding.rule.code for finding in result.findings] == ["TP015", "TP016", "TP017", "TP015", "TP015"]


def test_64_levels_are_not_too_deep() -> None:
    assert codes("a: " + "[" * 63 + "]" * 63) == []
    assert codes("a: " + "[" * 64 + "]" * 64) == ["TP014"]


def test_a_bomb_of_values_is_refused() -> None:
    assert codes("a: [" + "b, " * MOST_VALUES + "]") == [TOO_BIG.code]


def test_findings_come_to_an_end() -> None:
    found = codes("a:\n" + "  - yes\n" * 2 * MOST_FINDINGS)
    assert len(found) == MOST_FINDINGS + 1
    assert found[-1] == TOO_MANY.code
