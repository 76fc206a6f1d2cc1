"""Debian and Ubuntu."""

from dataclasses import replace

from timepolicy.distros.assumptions import inferred_from, systemd_unknown
from timepolicy.distros.release import Chrony, Confidence, DaemonName, Release, Timesyncd, Version

_CHRONY = Chrony(
    version=Version(4, 0),
    unit="chrony.service",  # `chronyd` is an alias, which `systemctl enable` refuses
    config="/etc/chrony/chrony.conf",
    drift_file="/var/lib/chrony/chrony.drift",
    dhcp_source_dir="/run/chrony-dhcp",
    # the AppArmor profile usr.sbin.chronyd, which includes the abstraction ssl_certs through nameservice
    readable=("/etc/chrony/", "/etc/ssl/certs/"),
)

DEBIAN_11 = Release(
    key="debian-11",
    name="Debian 11 (bullseye)",
    family="debian",
    os_id="debian",
    version_id="11",
    package_manager="apt-get",
    systemd=247,
    default_daemon=DaemonName.CHRONY,
    in_image=frozenset({DaemonName.CHRONY}),
    chrony=_CHRONY,
    timesyncd=Timesyncd(package="systemd-timesyncd"),
    firewalls_missing=frozenset(),
    confidence=Confidence.VERIFIED,
)

DEBIAN_12 = replace(
    DEBIAN_11,
    key="debian-12",
    name="Debian 12 (bookworm)",
    version_id="12",
    systemd=252,
    default_daemon=DaemonName.TIMESYNCD,
    in_image=frozenset({DaemonName.TIMESYNCD}),
    chrony=replace(_CHRONY, version=Version(4, 3)),
)

DEBIAN_13 = replace(
    DEBIAN_12,
    key="debian-13",
    name="Debian 13 (trixie)",
    version_id="13",
    systemd=257,
    chrony=replace(_CHRONY, version=Version(4, 6, 1)),
)

UBUNTU_20_04 = replace(
    DEBIAN_12,
    key="ubuntu-20.04",
    name="Ubuntu 20.04 LTS (focal)",
    os_id="ubuntu",
    version_id="20.04",
    systemd=245,
    chrony=replace(_CHRONY, version=Version(3, 5), dhcp_source_dir=None),
    confidence=Confidence.INFERRED,
    assumptions=(inferred_from("Ubuntu 22.04"),),
)

UBUNTU_22_04 = replace(
    DEBIAN_12,
    key="ubuntu-22.04",
    name="Ubuntu 22.04 LTS (jammy)",
    os_id="ubuntu",
    version_id="22.04",
    systemd=249,
    chrony=replace(_CHRONY, version=Version(4, 2)),
)

UBUNTU_24_04 = replace(
    UBUNTU_22_04,
    key="ubuntu-24.04",
    name="Ubuntu 24.04 LTS (noble)",
    version_id="24.04",
    systemd=255,
    chrony=replace(_CHRONY, version=Version(4, 5)),
)

UBUNTU_25_10 = replace(
    UBUNTU_24_04,
    key="ubuntu-25.10",
    name="Ubuntu 25.10 (questing)",
    version_id="25.10",
    systemd=257,
    default_daemon=DaemonName.CHRONY,
    in_image=frozenset({DaemonName.CHRONY}),
    chrony=replace(_CHRONY, version=Version(4, 7)),
)

UBUNTU_26_04 = replace(
    UBUNTU_25_10,
    key="ubuntu-26.04",
    name="Ubuntu 26.04 LTS (resolute)",
    version_id="26.04",
    systemd=259,
    chrony=replace(_CHRONY, version=Version(4, 8)),
    confidence=Confidence.DOCUMENTED,
)

UBUNTU_26_10 = replace(
    UBUNTU_26_04,
    key="ubuntu-26.10",
    name="Ubuntu 26.10",
    version_id="26.10",
    confidence=Confidence.INFERRED,
    assumptions=(
        inferred_from("Ubuntu 26.04"),
        systemd_unknown(UBUNTU_26_04.systemd, "Ubuntu 26.04"),
        "chrony is assumed to be in the images still; ntpd-rs, which may be installed, is stopped",
    ),
)

RELEASES = (
    *(DEBIAN_11, DEBIAN_12, DEBIAN_13),
    *(UBUNTU_20_04, UBUNTU_22_04, UBUNTU_24_04, UBUNTU_25_10, UBUNTU_26_04, UBUNTU_26_10),
)
