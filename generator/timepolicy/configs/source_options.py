"""Options of a source: from chrony's and ntpd's names for them to the policy's."""

import re
from collections.abc import Mapping
from decimal import Decimal

from timepolicy.tokens import MICROSECONDS

FLAGS = frozenset({"iburst", "prefer", "noselect", "xleave", "copy", "nts"})

NUMBERS = {
    "port": ("port", 1, 65535),
    "maxsources": ("max_sources", 1, 16),
    "maxunreach": ("max_unreach", 1, 10**6),
    "key": ("key", 1, 2**32 - 1),
    "ntsport": ("nts_port", 1, 65535),
}
"""For each of chrony's names the policy's, and the range that a policy accepts."""

POLLS = {"minpoll": "min_poll", "maxpoll": "max_poll"}

LONGEST_POLL = 17
"""The longest poll interval of a policy, as chrony writes it: a power of two of seconds."""

Options = dict[str, bool | int | str]


def policy_option(name: str, value: str, *, is_pool: bool = False) -> Options | None:
    """Return an option by the policy's name, empty for one without effect; None where policies have no such option."""
    if name in FLAGS:
        return {name: True}
    if name in ("ipv4", "ipv6"):
        return {"family": name}
    if name in POLLS and re.fullmatch(r"\+?[0-9]{1,2}", value) and int(value) <= LONGEST_POLL:
        return {POLLS[name]: f"{2 ** int(value)}s"}
    if name == "maxsources" and not is_pool:
        return {}
    if name in NUMBERS and re.fullmatch(r"\+?[0-9]{1,10}", value):
        key, lowest, highest = NUMBERS[name]
        return {key: int(value)} if lowest <= int(value) <= highest else None
    if name == "maxdelay" and (delay := duration(value)):
        return {"max_delay": delay}
    return None


def refusal(name: str) -> str:
    """Return why policies do not have the option `name` of chrony or ntpd, or which values of it they have."""
    if name in POLLS:
        return f"a policy accepts intervals from 1s to {2**LONGEST_POLL}s, in chrony from 0 to {LONGEST_POLL}"
    if name in NUMBERS:
        _, lowest, highest = NUMBERS[name]
        return f"a policy accepts {lowest} to {highest}"
    return "a policy accepts 1us or more" if name == "maxdelay" else "policies have no such option"


def without_conflicts(options: Options) -> tuple[Options, dict[str, str]]:
    """Return options without those that chronyd ignores beside others, and for each of these why (ntp_core.c)."""
    ignored = {}
    if "nts" in options and "key" in options:
        ignored["key"] = "chronyd ignores a key beside `nts`"
    if "nts" not in options and "nts_port" in options:
        ignored["nts_port"] = "it has no effect without `nts`"
    return {name: value for name, value in options.items() if name not in ignored}, ignored


def normalized(options: Mapping[str, bool | int | str]) -> Options:
    """Return options as policies have them: without defaults, and with no shortest poll above the longest."""
    explicit = {key: value for key, value in options.items() if (key, value) != ("iburst", True)}
    shortest, longest = (int(str(explicit.get(key, "0s"))[:-1]) for key in POLLS.values())
    if shortest > longest > 0:
        explicit["max_poll"] = explicit["min_poll"]  # as chronyd does (ntp_core.c, NCR_CreateInstance)
    return explicit


def duration(seconds: str) -> str | None:
    """Return `0.1` as `100ms`; None for what is no positive number of seconds, or finer than a microsecond."""
    if not re.fullmatch(r"\+?([0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9})(e[+-]?[0-9])?", seconds, re.IGNORECASE):
        return None
    microseconds = Decimal(seconds) * 10**6
    if microseconds != int(microseconds) or not 0 < microseconds < 10**15:
        return None
    number = int(microseconds)
    units = ((unit, MICROSECONDS[unit]) for unit in ("s", "ms", "us"))
    return next(
        (f"{number // size}{unit}" for unit, size in units if number % size == 0 and number < 10**9 * size), None
    )
