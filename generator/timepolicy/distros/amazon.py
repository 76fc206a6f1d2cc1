"""Amazon Linux."""

from dataclasses import replace

from timepolicy.distros.assumptions import TIMESYNCD_UNKNOWN
from timepolicy.distros.release import Chrony, Confidence, DaemonName, Release, Version

AMAZON_LINUX_2023 = Release(
    key="amazon-linux-2023",
    name="Amazon Linux 2023",
    family="amazon",
    os_id="amzn",
    version_id="2023",
    package_manager="dnf",
    systemd=252,
    default_daemon=DaemonName.CHRONY,
    in_image=frozenset({DaemonName.CHRONY}),
    chrony=Chrony(version=Version(4, 3)),
    timesyncd=None,
    confidence=Confidence.DOCUMENTED,
    assumptions=(TIMESYNCD_UNKNOWN,),
)

AMAZON_LINUX_2 = replace(
    AMAZON_LINUX_2023,
    key="amazon-linux-2",
    name="Amazon Linux 2",
    version_id="2",
    package_manager="yum",
    systemd=219,
    chrony=Chrony(version=Version(4, 2), nts=False),
    firewalls_missing=frozenset({"ufw", "firewalld"}),  # firewalld 0.4 has no policies
    python="/usr/bin/python3",
    python_package="python3",
    assumptions=("images have Python 2.7 only; python3 is installed first, and treated as 3.6 or newer",),
)

RELEASES = (AMAZON_LINUX_2, AMAZON_LINUX_2023)
