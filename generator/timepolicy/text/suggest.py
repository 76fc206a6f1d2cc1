"""Did you mean: the nearest of some words, and mended forms of a value that is nearly right."""

import difflib
import ipaddress
import math
import re
from collections.abc import Iterable

LONGEST_WORD = 64
"""Beyond this, comparing would cost time and no name is meant."""

CUTOFF = 0.66
"""difflib's ratio from which a word counts as near: `crony` is, `ntpd` for `name` is not."""

UNIT_WORDS = {
    "us": "us|usecs?|µs|microseconds?",
    "ms": "ms|msecs?|millis|milliseconds?",
    "s": "s|secs?|seconds?",
    "m": "m|mins?|minutes?",
    "h": "h|hrs?|hours?",
}
"""For each unit of the policy language, what people write for it elsewhere."""


def nearest(word: str, known: Iterable[str], cutoff: float = CUTOFF) -> str | None:
    """Return the one of `known` that `word` most resembles, whatever its case; None where none is near."""
    if len(word) > LONGEST_WORD:
        return None
    by_lower = {name.lower(): name for name in sorted(known, reverse=True)}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def as_duration(text: str) -> str | None:
    """Return `5 min` as `5m` and `1.5sec` as `1.5s`; None where no unit can be made out."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-zµ]{1,12})", text.strip())
    words = UNIT_WORDS.items() if match else ()
    return next((match[1] + unit for unit, word in words if match and re.fullmatch(word, match[2].lower())), None)


def as_poll_interval(text: str) -> str | None:
    """Return the power of two seconds nearest to `text`; a bare number up to 17 is chrony's exponent."""
    match = re.fullmatch(r"([0-9]{1,6})(\.0)?(s|m|h)?", as_duration(text) or text)
    if not match or int(match[1]) == 0:
        return None
    number, unit = int(match[1]), match[3]
    if unit is None and number <= 17:  # noqa: PLR2004  # 2**17 s is the longest poll of NTP
        return f"{2**number}s"
    seconds = number * {"m": 60, "h": 3600}.get(unit or "s", 1)
    return f"{2 ** min(round(math.log2(seconds)), 17)}s"


def as_host(text: str) -> str | None:
    """Return the host in `ntp.example.org iburst`, `ntp://ntp.example.org:123/` and `ntp.example.org.`."""
    words = re.sub(r"^[a-z]+://", "", text.strip()).split()
    host = re.sub(r"(:[0-9]+)?[./]*$", "", words[0]) if words else ""
    return host if "." in host else None


def as_network(text: str) -> str | None:
    """Return `10.2.0.0/255.255.0.0` as `10.2.0.0/16`, and an address alone as the network of this one host."""
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        return None


def as_name(text: str) -> str:
    """Return `Prod_CN` as `prod-cn`."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


def as_service(text: str) -> str:
    """Return `kubelet` as `kubelet.service`."""
    name = text.strip()
    return name if "." in name else f"{name}.service"


def as_directory(text: str) -> str:
    """Return `var//lib/` as `/var/lib`."""
    return "/" + "/".join(part for part in text.split("/") if part)
