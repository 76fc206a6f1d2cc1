"""SUSE Linux Enterprise Server and openSUSE."""

from dataclasses import replace

from timepolicy.distros.assumptions import inferred_from, systemd_unknown
from timepolicy.distros.release import Chrony, Confidence, DaemonName, Release, Timesyncd, Version

# openSUSE's systemd.spec, files.udev
_TIMESYNCD = Timesyncd(package="udev")

SLES_15_SP5 = Release(
    key="sles-15-sp5",
    name="SUSE Linux Enterprise Server 15 SP5",
    family="suse",
    os_id="sles",
    version_id="15.5",
    package_manager="zypper",
    systemd=249,
    default_daemon=DaemonName.CHRONY,
    in_image=frozenset({DaemonName.CHRONY}),
    chrony=Chrony(version=Version(4, 1)),
    timesyncd=_TIMESYNCD,
    tzdata_package="timezone",
    confidence=Confidence.DOCUMENTED,
)

SLES_15_SP6 = replace(
    SLES_15_SP5,
    key="sles-15-sp6",
    name="SUSE Linux Enterprise Server 15 SP6",
    version_id="15.6",
    systemd=254,
)

SLES_15_SP7 = replace(
    SLES_15_SP6,
    key="sles-15-sp7",
    name="SUSE Linux Enterprise Server 15 SP7",
    version_id="15.7",
)

OPENSUSE_LEAP_15_6 = replace(
    SLES_15_SP6,
    key="opensuse-leap-15.6",
    name="openSUSE Leap 15.6",
    os_id="opensuse-leap",
)

_NEW_CHRONY = Chrony(version=Version(4, 6), dhcp_source_dir="/run/chrony-dhcp")

OPENSUSE_LEAP_16 = replace(
    OPENSUSE_LEAP_15_6,
    key="opensuse-leap-16",
    name="openSUSE Leap 16.0",
    version_id="16.0",
    systemd=257,
    chrony=_NEW_CHRONY,
    assumptions=("chrony's version is not known; treated as 4.6",),
)

OPENSUSE_LEAP_16_1 = replace(
    OPENSUSE_LEAP_16,
    key="opensuse-leap-16.1",
    name="openSUSE Leap 16.1",
    version_id="16.1",
    confidence=Confidence.INFERRED,
    assumptions=(
        inferred_from("Leap 16.0"),
        systemd_unknown(OPENSUSE_LEAP_16.systemd, "Leap 16.0"),
        *OPENSUSE_LEAP_16.assumptions,
    ),
)

SLES_16_0 = replace(
    OPENSUSE_LEAP_16_1,
    key="sles-16.0",
    name="SUSE Linux Enterprise Server 16.0",
    os_id="sles",
    version_id="16.0",
)

SLES_16_1 = replace(SLES_16_0, key="sles-16.1", name="SUSE Linux Enterprise Server 16.1", version_id="16.1")

OPENSUSE_TUMBLEWEED = replace(
    OPENSUSE_LEAP_16,
    key="opensuse-tumbleweed",
    name="openSUSE Tumbleweed",
    os_id="opensuse-tumbleweed",
    version_id="2*",  # the snapshot's date
    chrony=replace(_NEW_CHRONY, version=Version(4, 9)),
    assumptions=(systemd_unknown(OPENSUSE_LEAP_16.systemd, "Leap 16.0"),),
)

RELEASES = (
    *(SLES_15_SP5, SLES_15_SP6, SLES_15_SP7, SLES_16_0, SLES_16_1),
    *(OPENSUSE_LEAP_15_6, OPENSUSE_LEAP_16, OPENSUSE_LEAP_16_1, OPENSUSE_TUMBLEWEED),
)
