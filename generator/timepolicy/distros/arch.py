"""Arch Linux."""

from timepolicy.distros.assumptions import inferred_from, systemd_unknown
from timepolicy.distros.debian import UBUNTU_26_04
from timepolicy.distros.release import Chrony, Confidence, DaemonName, Release, Timesyncd, Version

ARCH = Release(
    key="arch",
    name="Arch Linux",
    family="arch",
    os_id="arch",
    version_id="*",  # a rolling release has none
    package_manager="pacman",
    systemd=UBUNTU_26_04.systemd,
    default_daemon=DaemonName.TIMESYNCD,
    in_image=frozenset({DaemonName.TIMESYNCD}),
    chrony=Chrony(version=Version(4, 8)),
    timesyncd=Timesyncd(),
    firewalls_missing=frozenset(),
    confidence=Confidence.INFERRED,
    assumptions=(
        inferred_from("what chrony and systemd do by default"),
        systemd_unknown(UBUNTU_26_04.systemd, "Ubuntu 26.04, the newest in the catalogue"),
    ),
)

RELEASES = (ARCH,)
