"""openEuler."""

from dataclasses import replace

from timepolicy.distros.assumptions import (
    CAREFUL_CHRONY,
    CHRONY_MAYBE_NOT_IN_IMAGE,
    CHRONY_VERSION_UNKNOWN,
    TIMESYNCD_UNKNOWN,
    inferred_from,
)
from timepolicy.distros.release import Chrony, Confidence, DaemonName, Release, Version

_ASSUMED = (inferred_from("RHEL"), CHRONY_MAYBE_NOT_IN_IMAGE, TIMESYNCD_UNKNOWN)

OPENEULER_22_03 = Release(
    key="openeuler-22.03",
    name="openEuler 22.03 LTS",
    family="openeuler",
    os_id="openEuler",
    version_id="22.03",
    package_manager="dnf",
    systemd=249,
    default_daemon=DaemonName.CHRONY,
    in_image=frozenset(),
    chrony=Chrony(version=Version(4, 1), nts=False),
    timesyncd=None,
    confidence=Confidence.INFERRED,
    assumptions=_ASSUMED,
)

OPENEULER_24_03 = replace(
    OPENEULER_22_03,
    key="openeuler-24.03",
    name="openEuler 24.03 LTS",
    version_id="24.03",
    systemd=255,
    chrony=Chrony(version=CAREFUL_CHRONY),
    assumptions=(*_ASSUMED, CHRONY_VERSION_UNKNOWN),
)

RELEASES = (OPENEULER_22_03, OPENEULER_24_03)
