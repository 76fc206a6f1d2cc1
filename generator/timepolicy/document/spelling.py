"""Did you mean: the nearest of some words, and corrected forms of a value that is nearly right."""

import ipaddress
import math
import re
from collections.abc import Collection, Iterable
from decimal import Decimal
from functools import lru_cache

from timepolicy.tokens import MICROSECONDS

LONGEST_WORD = 64
"""Characters. A longer word is not compared: that takes time, and no name is so long."""

CUTOFF = 0.66
"""difflib's ratio from which a word counts as near: `crony` is near to `chrony`, `ntpd` is not near to `name`."""

UNIT_WORDS = {
    "us": "us|usecs?|µs|microseconds?",
    "ms": "ms|msecs?|millis|milliseconds?",
    "s": "s|secs?|seconds?",
    "m": "m|mins?|minutes?",
    "h": "h|hrs?|hours?",
}
"""For each unit of the policy language: what people write for it."""

DAY_WORDS, HOURS_OF_A_DAY = "d|days?", 24

_LENGTH = re.compile(r"([0-9]{0,9}[.,]?[0-9]{1,9})\s*([a-zµ]{1,12})")

CITIES = {
    **dict.fromkeys(("beijing", "shenzhen", "guangzhou", "hangzhou", "chengdu", "wuhan"), "Asia/Shanghai"),
    **dict.fromkeys(("bangalore", "bengaluru", "chennai", "delhi", "hyderabad", "mumbai"), "Asia/Kolkata"),
    **dict.fromkeys(("san francisco", "seattle", "portland"), "America/Los_Angeles"),
    **dict.fromkeys(("boston", "washington", "atlanta", "miami"), "America/New_York"),
    **dict.fromkeys(("frankfurt", "munich", "hamburg"), "Europe/Berlin"),
    **dict.fromkeys(("osaka", "kyoto"), "Asia/Tokyo"),
}
"""Cities whose timezone the tz database names after another one."""


class Vocabulary:
    """Words that are known, prepared for many look-ups: files may have thousands of misspelt lines."""

    def __init__(self, known: Iterable[str]) -> None:
        by_lower = {name.lower(): name for name in sorted(known, reverse=True)}
        self._words = [(lower, name, *_letters(lower)) for lower, name in by_lower.items()]
        self._nearest = lru_cache(maxsize=256)(self._search)

    def nearest(self, word: str, cutoff: float = CUTOFF) -> str | None:
        """Return the known word that `word` resembles most, whatever its case; None where none is near.

        The result is that of difflib.get_close_matches. Its quick_ratio, the share of letters that two words have in
        common, is an upper bound of the ratio and rules most words out; here it is the number of bits in one AND.
        """
        return self._nearest(word.lower(), cutoff) if len(word) <= LONGEST_WORD else None

    def _search(self, word: str, cutoff: float) -> str | None:
        letters, others = _letters(word)
        possible = []
        for lower, name, own_letters, own_others in self._words:
            common = (letters & own_letters).bit_count() + (min(others, own_others) if others else 0)
            bound = 2 * common / (len(word) + len(lower) or 1)
            if bound >= cutoff:
                possible.append((bound, lower, name))
        if not possible:
            return None
        import difflib  # only for a mistake: it loads slowly

        best, nearest_name = (cutoff, ""), None
        matcher = difflib.SequenceMatcher()
        matcher.set_seq2(word)
        for bound, lower, name in sorted(possible, reverse=True):
            if bound < best[0]:
                break
            matcher.set_seq1(lower)
            ratio = matcher.ratio()
            if (ratio, lower) >= best:
                best, nearest_name = (ratio, lower), name
        return nearest_name


def _letters(word: str) -> tuple[int, int]:
    """The letters of a word as bits, each letter up to three times; and how many letters have no bit.

    Letters that share a bit, and those without one, only make the number of common letters seem larger than it is.
    """
    bits, counts = 0, dict.fromkeys(word, 0)
    for letter in word:
        if counts[letter] < 3:  # noqa: PLR2004  # bits for each letter
            bits |= 1 << ord(letter) % 61 * 3 + counts[letter]
        counts[letter] += 1
    return bits, len(word) - bits.bit_count()


def nearest(word: str, known: Iterable[str], cutoff: float = CUTOFF) -> str | None:
    """Return the one of `known` that `word` resembles most, whatever its case; None where none is near."""
    return Vocabulary(known).nearest(word, cutoff)


SHORTEST_CERTAIN = 4
"""Letters of a word from which one wrong letter leaves no doubt: `set` could be `get`."""


def only_meant(word: str, known: Iterable[str]) -> str | None:
    """Return the one of `known` that `word` certainly is; None where there is none, or a second one.

    It has other letters' case, hyphens or underscores, or one letter that is missing, extra, wrong or swapped with the
    next. Digits are never wrong: `rocky-7` is not rocky-8.
    """
    words = {name: _folded(name) for name in known}
    folded = _folded(word)
    found = [name for name, other in words.items() if other == folded]
    if not found and len(folded) >= SHORTEST_CERTAIN:
        digits = re.sub("[^0-9]", "", folded)
        alike = {name: other for name, other in words.items() if re.sub("[^0-9]", "", other) == digits}
        found = [name for name, other in alike.items() if _is_one_edit(folded, other)]
    return found[0] if len(found) == 1 else None


def _folded(word: str) -> str:
    return re.sub("[-_ .]", "", word.lower())


def _is_one_edit(word: str, other: str) -> bool:
    """Whether one letter is missing, extra, wrong, or swapped with the next."""
    pairs = enumerate(zip(word, other, strict=False))
    start = next((index for index, (letter, own) in pairs if letter != own), min(len(word), len(other)))
    rest, others = word[start:], other[start:]
    is_swapped = rest[:2] == others[:2][::-1] and rest[2:] == others[2:]
    return is_swapped or rest[1:] in (others, others[1:]) or rest == others[1:]


def as_duration(text: str) -> str | None:
    """Return `5 min` as `5m`, `1,5sec` as `1.5s`, `1h30m` as `90m` and `1d` as `24h`; None for an unknown unit."""
    lengths = [_length(number, word) for number, word in _LENGTH.findall(text.lower())]
    known = [length for length in lengths if length]
    if not known or len(known) < len(lengths) or _LENGTH.sub("", text.lower()).strip():
        return None
    unit = min((unit for _, unit in known), key=MICROSECONDS.__getitem__)
    microseconds = sum((number * MICROSECONDS[own] for number, own in known), Decimal())
    if microseconds != int(microseconds):
        return None
    return f"{(microseconds / MICROSECONDS[unit]).normalize():f}{unit}"


def _length(number: str, word: str) -> tuple[Decimal, str] | None:
    """How many of which unit."""
    amount = Decimal(number.replace(",", "."))
    if re.fullmatch(DAY_WORDS, word):
        return amount * HOURS_OF_A_DAY, "h"
    return next(((amount, unit) for unit, words in UNIT_WORDS.items() if re.fullmatch(words, word)), None)


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


def as_timezone(text: str, known: Collection[str]) -> str | None:
    """Return the one of `known` that `text` stands for: misspelt, by a city, or by the hours east of UTC.

    Abbreviations stand for several zones (CST for three), so they have no suggestion. Etc/GMT-8 is 8 hours *east*.
    """
    offset = re.fullmatch(r"(?:UTC|GMT)? ?([+-])0?([0-9]{1,2})(?::?00)?", text.strip().upper())
    if offset:
        zone = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{offset[2]}"
        return zone if zone in known else None
    if re.fullmatch("[A-Z]{2,4}", text):
        return None
    return CITIES.get(text.rpartition("/")[2].replace("_", " ").strip().lower()) or nearest(text, known)


def as_host(text: str) -> str | None:
    """Return the host in `ntp.example.org iburst`, `ntp://ntp.example.org:123/`, `[2001:db8::1]` and `10.0.0.1/32`."""
    words = re.sub(r"^[a-z]+://", "", text.strip(" “”‘’")).split()
    host = words[0].partition("/")[0].rstrip(".") if words else ""
    if bracketed := re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](:[0-9]+)?", host):
        return bracketed[1]
    host = host.partition(":")[0].rstrip(".") if host.count(":") == 1 else host
    return host if "." in host or ":" in host else None


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
    """Return `kubelet`, `kubelet.Service` and `/lib/systemd/system/kubelet.service` as `kubelet.service`."""
    name = re.sub(r"\.service$", ".service", text.strip().rpartition("/")[2], flags=re.IGNORECASE)
    return name if "." in name else f"{name}.service"


def as_code(text: str) -> str | None:
    """Return `tp83`, `83` and `warning[TP083]` as `TP083`; None where there are no such digits."""
    match = re.search(r"[0-9]{1,3}(?![0-9])", text)
    return f"TP{int(match[0]):03}" if match else None


def as_policy_path(text: str) -> str:
    """Return `$.upstreams.0` and `/upstreams/0` as `upstreams[0]`."""
    steps = re.findall(r"[a-z_-]+|[0-9]+", text.lower())
    return "".join(f"[{step}]" if step.isdigit() else f".{step.replace('-', '_')}" for step in steps).removeprefix(".")


def as_directory(text: str) -> str:
    """Return `var//lib/` as `/var/lib`."""
    return "/" + "/".join(part for part in text.split("/") if part)
