"""Options of a source, from chrony's and ntpd's names to the policy's."""

import re
from collections.abc import Mapping
from decimal import Decimal

FLAGS = frozenset({"iburst", "prefer", "noselect", "xleave", "copy"})

NUMBERS = {"port": ("port", 1, 65535), "maxsources": ("max_sources", 1, 16), "maxunreach": ("max_unreach", 1, 10**6)}
"""For each name of chrony's the policy's, and what it takes."""

POLLS = {"minpoll": "min_poll", "maxpoll": "max_poll"}

LONGEST_POLL = 17
"""The power of two of the longest interval that a policy takes."""

Options = dict[str, bool | int | str]


def source_option(name: str, value: str, is_pool: bool = False) -> Options | None:  # noqa: PLR0911  # a case each
    """Return an option by the policy's name; None for what a policy cannot say."""
    if name in FLAGS:
        return {name: True}
    if name in ("ipv4", "ipv6"):
        return {"family": name}
    if name in POLLS and re.fullmatch(r"\+?[0-9]{1,2}", value) and int(value) <= LONGEST_POLL:
        return {POLLS[name]: f"{2 ** int(value)}s"}
    if name == "maxsources" and not is_pool:
        return {}
    if name in NUMBERS and re.fullmatch(r"\+?[0-9]{1,7}", value):
        key, lowest, highest = NUMBERS[name]
        return {key: int(value)} if lowest <= int(value) <= highest else None
    if name == "maxdelay" and (delay := duration(value)):
        return {"max_delay": delay}
    return None


def mended(options: Mapping[str, bool | int | str]) -> Options:
    """Return options as a policy writes them: without its defaults, and no shortest poll above the longest."""
    kept = {key: value for key, value in options.items() if (key, value) != ("iburst", True)}
    shortest, longest = (int(str(kept.get(key, "0s"))[:-1]) for key in POLLS.values())
    if shortest > longest > 0:
        kept["max_poll"] = kept["min_poll"]  # what chronyd makes of it (ntp_core.c, NCR_CreateInstance)
    return kept


def duration(seconds: str) -> str | None:
    """Return `0.1` as `100ms`; None for what is no positive number of seconds, or finer than a microsecond."""
    if not re.fullmatch(r"\+?([0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9})(e[+-]?[0-9])?", seconds, re.IGNORECASE):
        return None
    microseconds = Decimal(seconds) * 10**6
    if microseconds != int(microseconds) or not 0 < microseconds < 10**15:
        return None
    number = int(microseconds)
    units = (("s", 10**6), ("ms", 10**3), ("us", 1))
    return next(
        (f"{number // size}{unit}" for unit, size in units if number % size == 0 and number < 10**9 * size), None
    )
