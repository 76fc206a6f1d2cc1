"""Did you mean."""

import pytest

from timepolicy.text.suggest import (
    as_directory,
    as_duration,
    as_host,
    as_name,
    as_poll_interval,
    nearest,
)
from timepolicy.text.timezones import known_timezones


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("Asia/Shangai", "Asia/Shanghai", id="a letter less"),
        pytest.param("asia/shanghai", "Asia/Shanghai", id="other case"),
        pytest.param("Shanghai", "Asia/Shanghai", id="half of it"),
        pytest.param("utc", "UTC", id="short"),
        pytest.param("Middle-earth", None, id="nothing like it"),
        pytest.param("Asia/Shanghai" * 10, None, id="far too long"),
        pytest.param("", None, id="empty"),
    ],
)
def test_nearest_timezone(word: str, expected: str | None) -> None:
    assert nearest(word, known_timezones()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10 min", "10m"),
        ("10minutes", "10m"),
        ("1.5 sec", "1.5s"),
        ("100msec", "100ms"),
        ("5µs", "5us"),
        ("2 Hours", "2h"),
        ("1 day", None),
        ("ten minutes", None),
        ("", None),
    ],
)
def test_as_duration(text: str, expected: str | None) -> None:
    assert as_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("6", "64s", id="chrony's exponent"),
        pytest.param("64", "64s", id="no unit"),
        pytest.param("60s", "64s", id="nearly"),
        pytest.param("17 min", "1024s", id="another unit"),
        pytest.param("99h", "131072s", id="too long"),
        pytest.param("0", None, id="none"),
        pytest.param("often", None, id="no number"),
    ],
)
def test_as_poll_interval(text: str, expected: str | None) -> None:
    assert as_poll_interval(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ntp.example.org iburst", "ntp.example.org"),
        ("https://ntp.example.org:123/", "ntp.example.org"),
        ("ntp.example.org.", "ntp.example.org"),
        ("two words", None),
        (" ", None),
    ],
)
def test_as_host(text: str, expected: str | None) -> None:
    assert as_host(text) == expected


def test_as_name_and_directory() -> None:
    assert as_name("_Prod CN_") == "prod-cn"
    assert as_directory("var//lib/") == "/var/lib"
