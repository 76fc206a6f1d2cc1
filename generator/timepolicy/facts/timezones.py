"""The names of the tz database."""

from functools import cache
from importlib.resources import files


@cache
def known_timezones() -> frozenset[str]:
    """Return every zone that the `tzdata` package lists; not this machine's, so that all machines judge alike."""
    return frozenset((files("tzdata") / "zones").read_text(encoding="ascii").split())
