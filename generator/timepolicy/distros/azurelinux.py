"""Azure Linux, and CBL-Mariner, its former name."""

from dataclasses import replace

from timepolicy.distros.release import Chrony, Confidence, DaemonName, Release, Timesyncd, Version

AZURELINUX_3 = Release(
    key="azurelinux-3",
    name="Azure Linux 3.0",
    family="azurelinux",
    os_id="azurelinux",
    version_id="3.0",
    package_manager="tdnf",
    systemd=255,
    default_daemon=DaemonName.CHRONY,
    in_image=frozenset({DaemonName.CHRONY, DaemonName.TIMESYNCD}),
    chrony=Chrony(version=Version(4, 5), nts=False),
    timesyncd=Timesyncd(),
    confidence=Confidence.VERIFIED,
)

CBL_MARINER_2 = replace(
    AZURELINUX_3,
    key="cbl-mariner-2",
    name="CBL-Mariner 2.0",
    os_id="mariner",
    version_id="2.0",
    systemd=250,
    chrony=Chrony(version=Version(4, 1), nts=False),
)

RELEASES = (CBL_MARINER_2, AZURELINUX_3)
