"""Public time services: which smear leap seconds, which names share machines, where a pool is.

A service that is not listed is treated as an ordinary one.
"""

import re
from functools import cache
from importlib.resources import files

GOOGLE = ("time1.google.com", "time2.google.com", "time3.google.com", "time4.google.com")

SMEARING = frozenset(
    {
        *("time.google.com", *GOOGLE, "metadata.google.internal"),  # developers.google.com/time/smear
        *("169.254.169.123", "fd00:ec2::123", "time.aws.com"),  # EC2 User Guide, Amazon Time Sync Service
    }
)
"""Services that spread a leap second over the 24 hours from noon to noon UTC: half a second off UTC in the middle."""

PARTS: dict[str, tuple[str, ...]] = {"time.google.com": GOOGLE}
"""Names that lead to the same addresses as others do together (developers.google.com/time)."""

PUBLIC_DOMAINS = (
    *("ntp.org", "google.com", "cloudflare.com", "time.aws.com", "apple.com", "windows.com"),
    *("aliyun.com", "tencent.com", "nist.gov", "ubuntu.com", "facebook.com"),
    *("nict.jp", "ntp.br", "ntp.se", "ptb.de"),
)
"""Domains of services that are reached over the internet, and of which no one is in a node's own network."""

POOL = ".pool.ntp.org"

CONTINENTS: dict[str, str] = {
    "africa": "Africa",
    "asia": "Asia",
    "europe": "Europe",
    "north-america": "America",
    "south-america": "America",
    "oceania": "Australia",
}
"""The pool's zones of continents (ntppool.org/zone), and the tz database's area of each."""

OTHER_AREAS: dict[str, str] = {"Pacific": "Australia", "Indian": "Africa", "Atlantic": "Europe", "Arctic": "Europe"}
"""The tz database's areas of islands, and the continent whose servers are near enough."""

COUNTRY_CODES = {"uk": "gb"}
"""The ISO 3166 code of the one country whose zone in the pool has another name."""


def is_public(host: str) -> bool:
    """Return whether the host is a known service on the internet."""
    return any(host == domain or host.endswith("." + domain) for domain in PUBLIC_DOMAINS)


def pool_zone(host: str) -> str | None:
    """Return the zone of a name under pool.ntp.org, without its number: `cn` of 0.cn.pool.ntp.org; None elsewhere."""
    if not host.endswith(POOL):
        return None
    return re.sub(r"^[0-9](\.|$)", "", host.removesuffix(POOL)) or None


def areas_of_zone(zone: str) -> frozenset[str]:
    """Return the parts of the world of a country's or continent's zone; nothing for a vendor's."""
    if zone in CONTINENTS:
        return frozenset({CONTINENTS[zone]})
    return _areas_by_country().get(COUNTRY_CODES.get(zone, zone), frozenset())


def area_of_timezone(timezone: str) -> str | None:
    """Return the part of the world that a timezone is in; None for one without a place, such as UTC."""
    area = _continent(timezone.partition("/")[0])
    return area if area in CONTINENTS.values() else None


def _continent(area: str) -> str:
    return OTHER_AREAS.get(area, area)


@cache
def _areas_by_country() -> dict[str, frozenset[str]]:
    """Country codes in lower case, and the areas of their timezones (tzdata's zone.tab)."""
    areas: dict[str, frozenset[str]] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            areas[country.lower()] = areas.get(country.lower(), frozenset()) | {_continent(zone.partition("/")[0])}
    return areas
