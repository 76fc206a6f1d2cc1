"""Fedora."""

from dataclasses import replace

from timepolicy.distros.assumptions import inferred_from, systemd_unknown
from timepolicy.distros.release import Chrony, Confidence, DaemonName, Release, Timesyncd, Version

_CHRONY = Chrony(version=Version(4, 7), dhcp_source_dir="/run/chrony-dhcp")

FEDORA_41 = Release(
    key="fedora-41",
    name="Fedora 41",
    family="fedora",
    os_id="fedora",
    version_id="41",
    package_manager="dnf",
    systemd=256,
    default_daemon=DaemonName.CHRONY,
    in_image=frozenset({DaemonName.CHRONY, DaemonName.TIMESYNCD}),
    chrony=_CHRONY,
    timesyncd=Timesyncd(package="systemd-udev"),
    confidence=Confidence.VERIFIED,
)

FEDORA_42 = replace(
    FEDORA_41,
    key="fedora-42",
    name="Fedora 42",
    version_id="42",
    systemd=257,
    chrony=replace(_CHRONY, version=Version(4, 6, 1)),  # of the installation media; 4.8 is an update
)

FEDORA_43 = replace(
    FEDORA_42,
    key="fedora-43",
    name="Fedora 43",
    version_id="43",
    systemd=258,
    chrony=replace(_CHRONY, version=Version(4, 8)),
)

FEDORA_44 = replace(
    FEDORA_43,
    key="fedora-44",
    name="Fedora 44",
    version_id="44",
    systemd=259,
    confidence=Confidence.DOCUMENTED,
)

FEDORA_45 = replace(
    FEDORA_44,
    key="fedora-45",
    name="Fedora 45",
    version_id="45",
    confidence=Confidence.INFERRED,
    assumptions=(inferred_from("Fedora 44"), systemd_unknown(FEDORA_44.systemd, "Fedora 44")),
)

RELEASES = (FEDORA_41, FEDORA_42, FEDORA_43, FEDORA_44, FEDORA_45)
