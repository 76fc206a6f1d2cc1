"""Systems that Ignition provisions. Their images have no Python, so the node agent cannot run.

On OpenShift the Machine Config Operator does it, with documents of the same form.
"""

from timepolicy.distros.assumptions import systemd_unknown
from timepolicy.distros.release import Chrony, Confidence, DaemonName, Provisioning, Release, Timesyncd, Version

FEDORA_COREOS = Release(
    key="fedora-coreos",
    name="Fedora CoreOS",
    family="immutable",
    os_id="fedora",  # with VARIANT_ID=coreos
    version_id="[4-9][0-9]",
    package_manager="rpm-ostree",
    systemd=256,
    default_daemon=DaemonName.CHRONY,
    in_image=frozenset({DaemonName.CHRONY}),
    chrony=Chrony(version=Version(4, 6, 1)),
    timesyncd=None,
    has_agent=False,
    provisioning=Provisioning.IGNITION,
    confidence=Confidence.DOCUMENTED,
    assumptions=(systemd_unknown(256, "Fedora 41"),),
)

FLATCAR = Release(
    key="flatcar",
    name="Flatcar Container Linux",
    family="immutable",
    os_id="flatcar",
    version_id="*",
    package_manager="none",
    systemd=259,
    default_daemon=DaemonName.TIMESYNCD,
    in_image=frozenset({DaemonName.TIMESYNCD}),
    chrony=None,  # in the images for Azure and STACKIT only
    timesyncd=Timesyncd(),
    has_agent=False,
    provisioning=Provisioning.IGNITION,
    confidence=Confidence.DOCUMENTED,
    assumptions=("systemd is 259 to 261, by channel; treated as 259",),
)

OPENSHIFT = Release(
    key="openshift-4",
    name="OpenShift 4.16 and newer (RHEL CoreOS)",
    family="immutable",
    os_id="rhcos",  # from 4.19 on rhel, with VARIANT_ID=coreos
    version_id="4.*",
    package_manager="rpm-ostree",
    systemd=252,
    default_daemon=DaemonName.CHRONY,
    in_image=frozenset({DaemonName.CHRONY}),
    chrony=Chrony(version=Version(4, 5)),  # 4.16 to 4.18 are RHEL 9.4, and 4.19 is RHEL 9.6
    timesyncd=None,
    has_agent=False,
    provisioning=Provisioning.MACHINE_CONFIG,
    confidence=Confidence.DOCUMENTED,
    assumptions=("chrony is treated as that of RHEL 9.4",),
)

RELEASES = (FEDORA_COREOS, FLATCAR, OPENSHIFT)
