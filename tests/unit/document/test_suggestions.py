"""Did you mean."""

import pytest

from timepolicy.document.spelling import (
    as_code,
    as_directory,
    as_duration,
    as_host,
    as_name,
    as_policy_path,
    as_poll_interval,
    as_service,
    as_timezone,
    nearest,
    only_meant,
)
from timepolicy.facts.timezones import known_timezones


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
        ("1 day", "24h"),
        ("1h30m", "90m"),
        ("1 h 30 min", "90m"),
        ("1m 500ms", "60500ms"),
        (".5s", "0.5s"),
        ("1,5 s", "1.5s"),
        ("007s", "7s"),
        ("1.0us", "1us"),
        ("0.5 msec", "0.5ms"),
        ("1.5us", None),
        ("1e3s", None),
        ("-5s", None),
        ("1 fortnight", None),
        ("1h and 30m", None),
        ("9" * 30 + "s", None),
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
        ("ntp.example.org:123", "ntp.example.org"),
        ("10.0.0.1/32", "10.0.0.1"),
        ("“ntp.example.org”", "ntp.example.org"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:123", "2001:db8::1"),
        ("2001:db8::1 iburst", "2001:db8::1"),
        ("two words", None),
        (" ", None),
    ],
)
def test_as_host(text: str, expected: str | None) -> None:
    assert as_host(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Asia/Beijing", "Asia/Shanghai", id="a city that the database does not name"),
        pytest.param("New_Delhi", None, id="a city that is not known"),
        pytest.param("San Francisco", "America/Los_Angeles", id="a city of two words"),
        pytest.param("UTC+8", "Etc/GMT-8", id="hours east, whose sign POSIX turns"),
        pytest.param("gmt-05:00", "Etc/GMT+5", id="hours west"),
        pytest.param("+0530", None, id="half an hour has no such name"),
        pytest.param("UTC+99", None, id="too far east"),
        pytest.param("CST", None, id="an abbreviation of three zones"),
        pytest.param("utc", "UTC", id="lower case"),
    ],
)
def test_as_timezone(text: str, expected: str | None) -> None:
    assert as_timezone(text, known_timezones()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kubelet", "kubelet.service"),
        ("kubelet.SERVICE", "kubelet.service"),
        ("/etc/systemd/system/kubelet.service", "kubelet.service"),
        ("kubelet.socket", "kubelet.socket"),
    ],
)
def test_as_service(text: str, expected: str) -> None:
    assert as_service(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("tp83", "TP083"), ("83", "TP083"), ("warning[TP083]", "TP083"), ("TP", None), ("TP00083", "TP083")],
)
def test_as_code(text: str, expected: str | None) -> None:
    assert as_code(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$.upstreams.0.min-poll", "upstreams[0].min_poll"),
        ("/upstreams/0", "upstreams[0]"),
        ("Step.When", "step.when"),
        ("", ""),
    ],
)
def test_as_policy_path(text: str, expected: str) -> None:
    assert as_policy_path(text) == expected


def test_as_name_and_directory() -> None:
    assert as_name("_Prod CN_") == "prod-cn"
    assert as_directory("var//lib/") == "/var/lib"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("minPoll", "min_poll", id="another case"),
        pytest.param("min-poll", "min_poll", id="a hyphen"),
        pytest.param("min_pol", "min_poll", id="a letter less"),
        pytest.param("min_polll", "min_poll", id="a letter more"),
        pytest.param("min_poli", "min_poll", id="another letter"),
        pytest.param("mni_poll", "min_poll", id="two letters swapped"),
        pytest.param("m_poll", None, id="two letters less"),
        pytest.param("mix_poll", None, id="two candidates are one letter away"),
        pytest.param("kee", None, id="short words have too many neighbours"),
        pytest.param("Key", "key", id="short words in another case"),
        pytest.param("nts1", None, id="digits are never wrong"),
        pytest.param("", None, id="empty"),
    ],
)
def test_only_meant(word: str, expected: str | None) -> None:
    assert only_meant(word, ["min_poll", "mid_poll", "max_poll", "key", "nts2"]) == expected
