"""Which release a name means that is no key of the catalogue."""

import re

from timepolicy.distros.catalogue import TARGETS
from timepolicy.distros.release import Confidence, Release
from timepolicy.document.spelling import nearest
from timepolicy.facts.release_names import CODE_NAMES, VENDORS, VERSIONS, WITHOUT_A_ROW


def meant(name: str) -> str | None:
    """Return the key that `name` most probably means: `noble`, `ol9`, `rhel-9.4`, `sles-15`; None without an idea."""
    lower = name.lower().replace("_", "-").replace(" ", "-")
    if reason_without_row(lower):
        return None
    if code_name := CODE_NAMES.get(lower) or CODE_NAMES.get(lower.rpartition("-")[2]):
        return code_name
    match = re.fullmatch(r"([a-z-]*?)-?((?:v|sp)?[0-9][0-9a-z.-]*)?", lower)
    if match is None or not match[1]:
        return nearest(name, TARGETS)
    vendor, version = VENDORS.get(match[1], match[1]), match[2] or ""
    for pattern, spelling in VERSIONS.items():
        vendor, _, version = re.sub(pattern, spelling, f"{vendor} {version}").partition(" ")
    while version:
        if f"{vendor}-{version}" in TARGETS:
            return f"{vendor}-{version}"
        if newest := _newest(f"{vendor}-{version}"):
            return newest
        version = version.rpartition(".")[0]
    return (None if match[2] else _newest(vendor)) or nearest(name, TARGETS)


def _newest(beginning: str) -> str | None:
    """The last release whose key continues `beginning`, and about which the catalogue has more than inference."""
    found = [row for key, row in TARGETS.items() if re.match(re.escape(beginning) + r"[-.]", key) and row.has_agent]
    known = [row for row in found if isinstance(row, Release) and row.confidence is not Confidence.INFERRED]
    return (known or found)[-1].key if found else None


def because(name: str) -> str:
    """Return how a sentence about an unknown release ends: with the reason why there is no row, or empty."""
    reason = reason_without_row(name)
    return f": {reason}" if reason else ""


def reason_without_row(name: str) -> str | None:
    """Return why the system called `name` has no row; None where there is no such reason."""
    return next((why for pattern, why in WITHOUT_A_ROW.items() if re.fullmatch(pattern, name.lower())), None)
