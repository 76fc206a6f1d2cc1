"""The name that ntpd has for a node's own clock, which other daemons take for an address."""

import re

from timepolicy.findings.finding import warning

OWN_CLOCK = warning(
    "TP247",
    "{host} is ntpd's name for the node's own clock: {effect}",
    "write `{right}` on servers that should stay together without their sources, and nothing on other nodes",
)


def is_own_clock(host: str) -> bool:
    """Return whether `host` is ntpd's driver of the local clock (ntp.org, driver 1)."""
    return re.fullmatch(r"127\.127\.1\.[0-9]{1,3}", host) is not None
