"""Tokens: values that are safe in a directive, a shell word or a unit."""

import pytest

from timepolicy.tokens import DirectiveLine, Duration


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        pytest.param("1us", 1, id="microsecond"),
        pytest.param("0.001ms", 1, id="thousandth of a millisecond"),
        pytest.param("1.5s", 1_500_000, id="fraction of a second"),
        pytest.param("0.000001m", 60, id="millionth of a minute"),
        pytest.param("1.000us", 1, id="zeros after the point"),
        pytest.param("999999999h", 3_599_999_996_400_000_000, id="longest"),
    ],
)
def test_a_duration_is_exact(text: str, microseconds: int) -> None:
    assert Duration.parse(text) == Duration(microseconds)


@pytest.mark.parametrize("text", ["1.5us", "0.0005ms", "1", "s", "-1s", "1 s", "1s\n", "1.0000001s", "1d", "١s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no "):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("microseconds", "text"), [(0, "0"), (1, "0.000001"), (1_500_000, "1.5"), (60_000_000, "60"), (100_000, "0.1")]
)
def test_a_duration_is_printed_in_seconds(microseconds: int, text: str) -> None:
    assert str(Duration(microseconds)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("100ms", "100ms"),
        ("1000ms", "1s"),
        ("90s", "90s"),
        ("600s", "10m"),
        ("24h", "24h"),
        ("0s", "0s"),
        ("1.5ms", "1500us"),
    ],
)
def test_a_duration_with_its_unit_is_as_a_policy_writes_it(text: str, shown: str) -> None:
    assert Duration.parse(text).with_unit == shown


@pytest.mark.parametrize("text", ["hwtimestamp *", "refclock PHC /dev/ptp0:extpps:pin=1", "SaveIntervalSec=5min 20s"])
def test_a_line_of_a_configuration(text: str) -> None:
    assert DirectiveLine(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", " lock_all", "lock_all ", "log  tracking", "log\ttracking", "lock_all\n", "lock_all\nallow", "a\rb"),
        *("# log", "!log", "; log", "% log", "[Time]", "log # all", "log %n", "log 'a'", 'log "a"', "log $x", "log \\"),
        *("log `x`", "lög", "log\0", "1og"),
    ],
)
def test_what_is_no_line_of_a_configuration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no DirectiveLine"):
        DirectiveLine(text)
