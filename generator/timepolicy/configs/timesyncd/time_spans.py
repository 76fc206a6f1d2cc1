"""Time spans of systemd, as far as they are of use for polling."""

import re

UNITS = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hr": 3600}
"""Seconds for each unit of a time span (systemd.time(7)), as far as they are of use for polling."""

_WORDS = (
    *("usec", "us", "msec", "ms", "seconds", "second", "sec", "s", "minutes", "minute", "min", "m", "hours", "hour"),
    *("hr", "h", "days", "day", "d", "weeks", "week", "w", "months", "month", "M", "years", "year", "y"),
)

_SPAN = re.compile(rf"infinity|([0-9]++(\.[0-9]++)?+ ?({'|'.join(_WORDS)})?+(?![A-Za-z.]) ?)++")
"""systemd.time(7), time spans."""


def is_time_span(text: str) -> bool:
    """Return whether systemd accepts `text`, whose words have one space between, as a time span of any unit."""
    return _SPAN.fullmatch(text) is not None


def seconds_of(text: str) -> int | None:
    """Return a time span in whole seconds; None for what is none, or has other units."""
    span = r"([0-9]{1,9})(?![0-9]) ?([a-z]*) ?"
    parts = re.findall(span, text)
    if not parts or re.sub(span, "", text) or any(unit not in UNITS for _, unit in parts):
        return None
    return sum(int(number) * UNITS[unit] for number, unit in parts)
