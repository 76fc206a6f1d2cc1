"""Which release a name means that is no key of the catalogue."""

import re

from timepolicy.distros.catalogue import TARGETS
from timepolicy.distros.release import Confidence, Release
from timepolicy.document.spelling import nearest, only_meant
from timepolicy.facts.release_names import CODE_NAMES, VENDORS, VERSIONS, WITHOUT_A_ROW


def meant(name: str) -> str | None:
    """Return the key that `name` most probably means: `noble`, `ol9`, `rhel-9.4`, `sles-15`; None without an idea."""
    lower = _lower(name)
    if reason_without_row(lower):
        return None
    if code_name := CODE_NAMES.get(lower) or CODE_NAMES.get(lower.rpartition("-")[2]):
        return code_name
    vendor, version = _vendor_and_version(lower)
    if not vendor:
        return nearest(name, TARGETS)
    has_version = bool(version)
    while version:
        if f"{vendor}-{version}" in TARGETS:
            return f"{vendor}-{version}"
        if newest := _newest(f"{vendor}-{version}"):
            return newest
        version = version.rpartition(".")[0]
    return (None if has_version else _newest(vendor)) or nearest(name, TARGETS)


def certain(name: str) -> str | None:
    """Return the only key that `name` can mean: `noble`, `ol9`, `rhel-9.4`, `debain-12`; None where there is doubt."""
    lower = _lower(name)
    if reason_without_row(lower):
        return None
    if lower in CODE_NAMES and lower not in VENDORS:
        return CODE_NAMES[lower]
    if key := only_meant(lower, TARGETS):
        return key
    vendor, version = _vendor_and_version(lower)
    key, is_whole = f"{vendor}-{version}", True
    while version and key not in TARGETS:
        version = version.rpartition(".")[0]
        key, is_whole = f"{vendor}-{version}", False
    has_minor_rows = any(other.startswith(f"{key}.") for other in TARGETS)
    is_centos_linux = key == "centos-stream-8" and "stream" not in lower
    return key if version and (is_whole or not has_minor_rows) and not is_centos_linux else None


def _lower(name: str) -> str:
    return name.lower().replace("_", "-").replace(" ", "-")


def _vendor_and_version(lower: str) -> tuple[str, str]:
    """How the keys of a name's distribution begin, and its version as keys have it; empty where it has none."""
    match = re.fullmatch(r"([a-z-]*?)-?((?:v|sp)?[0-9][0-9a-z.-]*)?", lower)
    if match is None or not match[1]:
        return "", ""
    vendor, version = VENDORS.get(match[1], match[1]), match[2] or ""
    for pattern, spelling in VERSIONS.items():
        vendor, _, version = re.sub(pattern, spelling, f"{vendor} {version}").partition(" ")
    return vendor, version


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
