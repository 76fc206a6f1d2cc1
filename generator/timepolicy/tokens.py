"""Values that may stand in a directive, a shell word or a unit: types that cannot hold what would break out of one."""

import ipaddress
import re
from dataclasses import dataclass
from typing import ClassVar, Self


class Token(str):
    """A word of harmless characters; a subclass says which. Raises ValueError for anything else."""

    __slots__ = ()
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"[A-Za-z0-9._:/+@-]+")

    def __new__(cls, text: str) -> Self:
        """Check `text` against the whole pattern, so that a last newline does not slip through."""
        if not cls.PATTERN.fullmatch(text):
            raise ValueError(f"{text!r} is no {cls.__name__}")
        return super().__new__(cls, text)


class Host(Token):
    """A DNS name (RFC 1123) or an IP address."""

    __slots__ = ()
    _LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    PATTERN = re.compile(rf"(?=.{{1,253}}$)({_LABEL}(\.{_LABEL})*|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)")

    def __new__(cls, text: str) -> Self:
        """Besides the characters, check that what looks like an address is one."""
        host = super().__new__(cls, text)
        if ":" in text or re.fullmatch(r"[0-9.]+", text):
            ipaddress.ip_address(text)
        return host


def canonical_host(host: str) -> str:
    """Return the one spelling of a host: of an address the shortest, of a name the lower case."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.lower()


class Network(Token):
    """An IPv4 or IPv6 network in CIDR notation, without host bits."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9A-Fa-f:.]+/(0|[1-9][0-9]{0,2})")

    def __new__(cls, text: str) -> Self:
        """Besides the characters, check address and prefix length: chronyd takes 10.2.0.0/33 from its file and dies."""
        network = super().__new__(cls, text)
        ipaddress.ip_network(text)
        return network


class UnitName(Token):
    """A systemd unit's name (systemd.unit(5)), without escapes, and of a template only an instance's."""

    __slots__ = ()
    PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_.-]*(@[A-Za-z0-9:_.-]+)?\.[a-z]+")


class AbsolutePath(Token):
    """An absolute path of plain names, none of which begins with a dot; a unit's folder of drop-ins is one."""

    __slots__ = ()
    PATTERN = re.compile(r"(/[A-Za-z0-9_@][A-Za-z0-9:._@-]*)+")


class DirectiveLine(Token):
    """A line of a daemon's configuration: words with one space between, and no character that begins a comment.

    It begins with a letter, so that it is neither a comment nor a section, and has no backslash to continue it.
    """

    __slots__ = ()
    PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9._:/+@*=,-]*( [A-Za-z0-9._:/+@*=,-]+)*")


class Verbatim(str):
    """Text that a snippet inserts unchanged: the caller has made sure that it is safe there."""

    __slots__ = ()


MICROSECONDS = {"us": 1, "ms": 10**3, "s": 10**6, "m": 60 * 10**6, "h": 3600 * 10**6}
"""The units of the policy language, the smallest first."""


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A length of time in whole microseconds."""

    microseconds: int

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Parse `100ms`, `1.5s` or `10m`; raise ValueError for anything else, and for fractions of a microsecond."""
        match = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,6}))?(us|ms|s|m|h)", text)
        if not match:
            raise ValueError(f"{text!r} is no duration")
        whole, fraction, unit = match.groups()
        millionths = int(whole + (fraction or "").ljust(6, "0"))
        microseconds, rest = divmod(millionths * MICROSECONDS[unit], 10**6)
        if rest:
            raise ValueError(f"{text!r} is no whole number of microseconds")
        return cls(microseconds)

    @property
    def with_unit(self) -> str:
        """As a policy writes it, such as 100ms and 10m: a whole number of the longest unit."""
        unit, factor = next(row for row in reversed(MICROSECONDS.items()) if self.microseconds % row[1] == 0)
        return f"{self.microseconds // factor}{unit}" if self.microseconds else "0s"

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.microseconds / 10**6

    def __str__(self) -> str:
        whole, part = divmod(self.microseconds, 10**6)
        return f"{whole}.{part:06d}".rstrip("0").rstrip(".")
