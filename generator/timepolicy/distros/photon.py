"""Photon OS."""

from dataclasses import replace

from timepolicy.distros.assumptions import CAREFUL_CHRONY, CHRONY_VERSION_UNKNOWN, inferred_from, systemd_unknown
from timepolicy.distros.release import Chrony, Confidence, DaemonName, Release, Timesyncd, Version

PHOTON_5 = Release(
    key="photon-5",
    name="Photon OS 5.0",
    family="photon",
    os_id="photon",
    version_id="5.0",
    package_manager="tdnf",
    systemd=253,
    default_daemon=DaemonName.TIMESYNCD,
    in_image=frozenset({DaemonName.TIMESYNCD}),
    chrony=Chrony(version=Version(4, 3), nts=False),
    timesyncd=Timesyncd(),
    firewalls_missing=frozenset({"ufw", "firewalld"}),
    confidence=Confidence.VERIFIED,
)

PHOTON_4 = replace(
    PHOTON_5,
    key="photon-4",
    name="Photon OS 4.0",
    version_id="4.0",
    systemd=247,
    chrony=Chrony(version=CAREFUL_CHRONY, nts=False),
    confidence=Confidence.INFERRED,
    assumptions=(
        inferred_from("Photon OS 5.0"),
        systemd_unknown(247, "systemd's release before Photon OS 4.0"),
        CHRONY_VERSION_UNKNOWN,
    ),
)

RELEASES = (PHOTON_4, PHOTON_5)
