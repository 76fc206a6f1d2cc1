"""Red Hat Enterprise Linux, CentOS Stream, and what is built from them."""

from dataclasses import replace

from timepolicy.distros.assumptions import (
    CAREFUL_CHRONY,
    CHRONY_MAYBE_NOT_IN_IMAGE,
    CHRONY_VERSION_UNKNOWN,
    PYTHON_UNKNOWN,
    TIMESYNCD_UNKNOWN,
    inferred_from,
    systemd_unknown,
)
from timepolicy.distros.release import Chrony, Confidence, DaemonName, Release, Version

# The base system of Enterprise Linux has no package of systemd-timesyncd; EPEL's is not used.

RHEL_8 = Release(
    key="rhel-8",
    name="Red Hat Enterprise Linux 8",
    family="rhel",
    os_id="rhel",
    version_id="8.*",
    package_manager="dnf",
    systemd=239,
    default_daemon=DaemonName.CHRONY,
    in_image=frozenset({DaemonName.CHRONY}),
    chrony=Chrony(version=Version(4, 5)),
    timesyncd=None,
    python="/usr/libexec/platform-python",  # what dnf and cloud-init run on; images have no /usr/bin/python3
    confidence=Confidence.VERIFIED,
    assumptions=(
        "chrony's version is that of the latest minor release; with an earlier one, chronyd may refuse newer options",
    ),
)

# 9.0 has chrony 4.1, 9.2 has 4.3, 9.4 has 4.5 (openela-main/chrony)
_EL9_CHRONY = Chrony(version=Version(4, 1), dhcp_source_dir="/run/chrony-dhcp")

RHEL_9 = replace(
    RHEL_8,
    key="rhel-9",
    name="Red Hat Enterprise Linux 9",
    version_id="9.*",
    systemd=252,
    chrony=_EL9_CHRONY,
    python="/usr/bin/python3",
    assumptions=(),
)

RHEL_10 = replace(
    RHEL_9,
    key="rhel-10",
    name="Red Hat Enterprise Linux 10",
    version_id="10.*",
    systemd=257,
    chrony=replace(_EL9_CHRONY, version=Version(4, 6, 1)),
    confidence=Confidence.DOCUMENTED,
)

CENTOS_STREAM_8 = replace(
    RHEL_8,
    key="centos-stream-8",
    name="CentOS Stream 8",
    os_id="centos",
    version_id="8",
    chrony=Chrony(version=Version(4, 2)),
    assumptions=(),
)

CENTOS_STREAM_9 = replace(
    RHEL_9,
    key="centos-stream-9",
    name="CentOS Stream 9",
    os_id="centos",
    version_id="9",
    chrony=replace(_EL9_CHRONY, version=Version(4, 5)),  # it has no minor releases to stay at
)

CENTOS_STREAM_10 = replace(RHEL_10, key="centos-stream-10", name="CentOS Stream 10", os_id="centos", version_id="10")

ROCKY_8 = replace(RHEL_8, key="rocky-8", name="Rocky Linux 8", os_id="rocky", confidence=Confidence.DOCUMENTED)
ROCKY_9 = replace(RHEL_9, key="rocky-9", name="Rocky Linux 9", os_id="rocky", confidence=Confidence.DOCUMENTED)
ROCKY_10 = replace(RHEL_10, key="rocky-10", name="Rocky Linux 10", os_id="rocky")

ALMALINUX_8 = replace(ROCKY_8, key="almalinux-8", name="AlmaLinux OS 8", os_id="almalinux")
ALMALINUX_9 = replace(ROCKY_9, key="almalinux-9", name="AlmaLinux OS 9", os_id="almalinux")
ALMALINUX_10 = replace(ROCKY_10, key="almalinux-10", name="AlmaLinux OS 10", os_id="almalinux")

# Oracle Linux also offers a kernel of its own, which makes no difference here.

ORACLE_LINUX_8 = replace(ROCKY_8, key="oracle-linux-8", name="Oracle Linux 8", os_id="ol")
ORACLE_LINUX_9 = replace(ROCKY_9, key="oracle-linux-9", name="Oracle Linux 9", os_id="ol")
ORACLE_LINUX_10 = replace(ROCKY_10, key="oracle-linux-10", name="Oracle Linux 10", os_id="ol")

# Chinese vendors' systems. Neither packages nor images could be inspected: unknown facts have their safe value.

ALINUX_3 = replace(
    RHEL_8,
    key="alinux-3",
    name="Alibaba Cloud Linux 3",
    os_id="alinux",
    version_id="3",
    in_image=frozenset(),
    chrony=Chrony(version=CAREFUL_CHRONY),
    confidence=Confidence.INFERRED,
    assumptions=(
        inferred_from("RHEL 8"),
        CHRONY_VERSION_UNKNOWN,
        CHRONY_MAYBE_NOT_IN_IMAGE,
        TIMESYNCD_UNKNOWN,
    ),
)

ANOLIS_8 = replace(
    ALINUX_3,
    key="anolis-8",
    name="Anolis OS 8",
    os_id="anolis",
    version_id="8.*",
    chrony=Chrony(version=Version(4, 2)),
    assumptions=(inferred_from("RHEL 8"), CHRONY_MAYBE_NOT_IN_IMAGE, TIMESYNCD_UNKNOWN),
)

TENCENTOS_3 = replace(ALINUX_3, key="tencentos-3", name="TencentOS Server 3", os_id="tencentos", version_id="3.*")

OPENCLOUDOS_8 = replace(ALINUX_3, key="opencloudos-8", name="OpenCloudOS 8", os_id="opencloudos", version_id="8.*")

ANOLIS_23 = replace(
    ALINUX_3,
    key="anolis-23",
    name="Anolis OS 23",
    os_id="anolis",
    version_id="23",
    python="/usr/bin/python3",
    assumptions=(
        inferred_from("RHEL's later releases"),
        systemd_unknown(RHEL_8.systemd, "RHEL 8, the oldest of its relatives"),
        CHRONY_VERSION_UNKNOWN,
        CHRONY_MAYBE_NOT_IN_IMAGE,
        TIMESYNCD_UNKNOWN,
        PYTHON_UNKNOWN,
    ),
)

TENCENTOS_4 = replace(ANOLIS_23, key="tencentos-4", name="TencentOS Server 4", os_id="tencentos", version_id="4.*")

OPENCLOUDOS_9 = replace(ANOLIS_23, key="opencloudos-9", name="OpenCloudOS 9", os_id="opencloudos", version_id="9.*")

ALINUX_4 = replace(ANOLIS_23, key="alinux-4", name="Alibaba Cloud Linux 4", os_id="alinux", version_id="4*")

KYLIN_V10 = replace(
    ANOLIS_23,
    key="kylin-v10",
    name="Kylin Linux Advanced Server V10",
    os_id="kylin",
    version_id="V10",
    firewalls_missing=frozenset({"ufw", "firewalld"}),  # firewalld 0.6 has no policies
    assumptions=(
        inferred_from("RHEL's later releases"),
        systemd_unknown(RHEL_8.systemd, "RHEL 8, the oldest of its relatives"),
        CHRONY_VERSION_UNKNOWN,
        CHRONY_MAYBE_NOT_IN_IMAGE,
        TIMESYNCD_UNKNOWN,
        "firewalld is treated as 0.6, which has no policies: rules are added to its tables, and again after a reload",
    ),
)

KYLIN_V11 = replace(
    KYLIN_V10,
    key="kylin-v11",
    name="Kylin Linux Advanced Server V11",
    version_id="V11",
    systemd=255,
    firewalls_missing=frozenset({"ufw"}),
    assumptions=(
        inferred_from("openEuler 24.03"),
        CHRONY_VERSION_UNKNOWN,
        CHRONY_MAYBE_NOT_IN_IMAGE,
        TIMESYNCD_UNKNOWN,
    ),
)

RELEASES = (
    *(RHEL_8, RHEL_9, RHEL_10),
    *(CENTOS_STREAM_8, CENTOS_STREAM_9, CENTOS_STREAM_10),
    *(ROCKY_8, ROCKY_9, ROCKY_10),
    *(ALMALINUX_8, ALMALINUX_9, ALMALINUX_10),
    *(ORACLE_LINUX_8, ORACLE_LINUX_9, ORACLE_LINUX_10),
    *(ALINUX_3, ALINUX_4, ANOLIS_8, ANOLIS_23, OPENCLOUDOS_8, OPENCLOUDOS_9, TENCENTOS_3, TENCENTOS_4),
    *(KYLIN_V10, KYLIN_V11),
)
