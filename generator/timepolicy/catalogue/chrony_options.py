"""Which chrony first knew what: chronyd does not start with a word that it does not know (chrony's NEWS)."""

from timepolicy.catalogue.release import Version

OPTION_SINCE: dict[str, Version] = {
    "sourcedir": Version(4, 0),
    "copy": Version(4, 1),
    "ipv4": Version(4, 6),
    "ipv6": Version(4, 6),
    "maxunreach": Version(4, 8),
}
"""Directives and options that may be emitted and are newer than 3.5, the oldest chrony of the catalogue."""


def needs(option: str) -> Version | None:
    """Return the first chrony that knows the word; None for a word that all of the catalogue's know."""
    return OPTION_SINCE.get(option)
