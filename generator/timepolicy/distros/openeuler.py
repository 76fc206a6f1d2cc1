"""openEuler."""

from dataclasses import replace

from timepolicy.distros.assumptions import (
    CAREFUL_CHRONY,
    CHRONY_MAYBE_NOT_IN_IMAGE,
    CHRONY_VERSION_UNKNOWN,
    TIMESYNCD_UNKNOWN,
    inferred_from,
    systemd_unknown,
)
from timepolicy.distros.release import Chrony, Confidence, DaemonName, Release, Timesyncd, Version

_ASSUMED = (inferred_from("RHEL"), CHRONY_MAYBE_NOT_IN_IMAGE)

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
    timesyncd=Timesyncd(package="systemd-timesyncd"),  # openEuler's systemd.spec
    confidence=Confidence.INFERRED,
    assumptions=_ASSUMED,
)

OPENEULER_20_03 = replace(
    OPENEULER_22_03,
    key="openeuler-20.03",
    name="openEuler 20.03 LTS",
    version_id="20.03",
    systemd=243,
    chrony=Chrony(version=CAREFUL_CHRONY),
    timesyncd=None,
    firewalls_missing=frozenset({"ufw", "firewalld"}),  # firewalld 0.6 has no policies, as in kylin-v10
    assumptions=(
        *_ASSUMED,
        systemd_unknown(243, "systemd's release of March 2020"),
        CHRONY_VERSION_UNKNOWN,
        TIMESYNCD_UNKNOWN,
    ),
)

OPENEULER_24_03 = replace(
    OPENEULER_22_03,
    key="openeuler-24.03",
    name="openEuler 24.03 LTS",
    version_id="24.03",
    systemd=255,
    chrony=Chrony(version=CAREFUL_CHRONY),
    assumptions=(
        *_ASSUMED,
        CHRONY_VERSION_UNKNOWN,
        "systemd-timesyncd is assumed to be a package of its own, as in 22.03",
    ),
)

RELEASES = (OPENEULER_20_03, OPENEULER_22_03, OPENEULER_24_03)
