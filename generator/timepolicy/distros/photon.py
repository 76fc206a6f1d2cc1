"""Photon OS."""

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

RELEASES = (PHOTON_5,)
