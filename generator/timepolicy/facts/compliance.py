"""What benchmarks demand about time: their rules by number, and the releases that they are written for.

Numbers and requirements are those of ComplianceAsCode's controls at b3a2cca (2026-08) and of DISA's texts.
Kubernetes' and EKS' benchmarks have no rule about time.
Those of OpenShift and SUSE Linux Enterprise Micro are not here.
"""

from dataclasses import dataclass
from enum import StrEnum

from timepolicy.distros.catalogue import AGENT_RELEASES

LONGEST_POLL = 16
"""maxpoll of the STIGs, a power of two in seconds: some 18 hours, of the 24 that they allow."""

UTC_ZONES = ("UTC", "Etc/UTC")
GMT_ZONES = ("GMT", "Etc/GMT")


class Requirement(StrEnum):
    """What a rule demands, in words."""

    ONE_DAEMON = "one time daemon keeps the clock"
    CHRONY_INSTALLED = "chrony is installed and in use"
    CHRONY_CONFIGURED = "chrony has its servers"
    CHRONY_ENABLED = "chrony is enabled and runs"
    CHRONY_USER = "chronyd does not run as root"
    TIMESYNCD_CONFIGURED = "systemd-timesyncd has its servers"
    TIMESYNCD_ENABLED = "systemd-timesyncd is enabled and runs"
    NO_TIMESYNCD = "systemd-timesyncd is not installed"
    NO_NTP = "ntp is not installed"
    SERVERS_AND_POLL = "each source is a `server` with `maxpoll` 16 or less"
    PORT = "chronyd does not serve: `port 0`"
    COMMAND_PORT = "chronyd takes no commands by network: `cmdport 0`"
    STEP = "an offset above one second is always corrected: `makestep 1 -1`"
    UTC = "the timezone is UTC"
    UTC_OR_GMT = "the timezone is UTC or GMT"
    CENTRAL_SERVERS = "only central servers ask external sources"
    PROTECTED = "settings and time data are protected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A benchmark: its rules by number, and the releases that it is used for, the first being its own."""

    name: str
    title: str
    releases: tuple[str, ...]
    rules: dict[str, Requirement]

    @property
    def is_general(self) -> bool:
        """Whether it is for every release."""
        return self.releases == tuple(AGENT_RELEASES)


R = Requirement

_CIS = {"2.3.1": R.ONE_DAEMON, "2.3.2": R.CHRONY_CONFIGURED, "2.3.3": R.CHRONY_USER}

_CIS_DEBIAN = {
    "2.3.1.1": R.ONE_DAEMON,
    "2.3.2.1": R.TIMESYNCD_CONFIGURED,
    "2.3.2.2": R.TIMESYNCD_ENABLED,
    "2.3.3.1": R.CHRONY_CONFIGURED,
    "2.3.3.2": R.CHRONY_USER,
    "2.3.3.3": R.CHRONY_ENABLED,
}

_STIG_RHEL8 = {
    "RHEL-08-030740": R.SERVERS_AND_POLL,
    "RHEL-08-030741": R.PORT,
    "RHEL-08-030742": R.COMMAND_PORT,
}

_STIG_RHEL9 = {
    "RHEL-09-252010": R.CHRONY_INSTALLED,
    "RHEL-09-252015": R.CHRONY_ENABLED,
    "RHEL-09-252020": R.SERVERS_AND_POLL,
    "RHEL-09-252025": R.PORT,
    "RHEL-09-252030": R.COMMAND_PORT,
}

_STIG_RHEL10 = {
    "RHEL-10-200540": R.CHRONY_INSTALLED,
    "RHEL-10-200541": R.CHRONY_ENABLED,
    "RHEL-10-200542": R.PORT,
    "RHEL-10-200543": R.COMMAND_PORT,
    "RHEL-10-800040": R.SERVERS_AND_POLL,
}

_STIG_ORACLE9 = {
    "OL09-00-000310": R.CHRONY_INSTALLED,
    "OL09-00-000311": R.CHRONY_ENABLED,
    "OL09-00-002320": R.PORT,
    "OL09-00-002321": R.COMMAND_PORT,
    "OL09-00-002323": R.SERVERS_AND_POLL,
}

_STIG_UBUNTU2204 = {
    "UBTU-22-215015": R.CHRONY_INSTALLED,
    "UBTU-22-215020": R.NO_TIMESYNCD,
    "UBTU-22-215025": R.NO_NTP,
    "UBTU-22-252010": R.SERVERS_AND_POLL,
    "UBTU-22-252015": R.STEP,
    "UBTU-22-252020": R.UTC,
}

_STIG_UBUNTU2404 = {
    "UBTU-24-100010": R.NO_TIMESYNCD,
    "UBTU-24-100020": R.NO_NTP,
    "UBTU-24-100700": R.CHRONY_INSTALLED,
    "UBTU-24-600160": R.SERVERS_AND_POLL,
    "UBTU-24-600180": R.STEP,
    "UBTU-24-901220": R.UTC,
}

_CIS_SLES15 = {"2.2.1.1": R.ONE_DAEMON, "2.2.1.2": R.TIMESYNCD_CONFIGURED, "2.2.1.3": R.CHRONY_CONFIGURED}
_STIG_SLES15 = {"SLES-15-010400": R.SERVERS_AND_POLL, "SLES-15-010410": R.UTC_OR_GMT}

_PCI_DSS = {"10.6.1": R.ONE_DAEMON, "10.6.2": R.CENTRAL_SERVERS, "10.6.3": R.PROTECTED}

_SLES15 = ("sles-15-sp7", "sles-15-sp6", "sles-15-sp5")


def _rebuilds(major: int) -> tuple[str, ...]:
    return tuple(f"{name}-{major}" for name in ("rhel", "centos-stream", "rocky", "almalinux"))


PROFILES: dict[str, Profile] = {
    name: Profile(name=name, title=title, releases=releases, rules=rules)
    for name, title, releases, rules in (
        ("cis-rhel8", "CIS benchmark for RHEL 8, 4.0.0", _rebuilds(8), _CIS),
        ("cis-rhel9", "CIS benchmark for RHEL 9, 2.0.0", _rebuilds(9), _CIS),
        ("cis-rhel10", "CIS benchmark for RHEL 10, 1.0.1", _rebuilds(10), _CIS),
        ("cis-almalinux9", "CIS benchmark for AlmaLinux OS 9", ("almalinux-9",), _CIS),
        (
            "cis-amazon2023",
            "CIS benchmark for Amazon Linux 2023",
            ("amazon-linux-2023",),
            {"2.1.1": R.ONE_DAEMON, "2.1.2": R.CHRONY_CONFIGURED},
        ),
        ("cis-ubuntu2204", "CIS benchmark for Ubuntu 22.04, 2.0.0", ("ubuntu-22.04",), _CIS_DEBIAN),
        ("cis-ubuntu2404", "CIS benchmark for Ubuntu 24.04, 1.0.0", ("ubuntu-24.04",), _CIS_DEBIAN),
        ("cis-debian12", "CIS benchmark for Debian 12, 1.1.0", ("debian-12",), _CIS_DEBIAN),
        ("cis-debian13", "CIS benchmark for Debian 13, 1.0.0", ("debian-13",), _CIS_DEBIAN),
        ("cis-sles15", "CIS benchmark for SLES 15, 1.1.1", _SLES15, _CIS_SLES15),
        ("stig-rhel8", "STIG for RHEL 8, V2R8", _rebuilds(8), _STIG_RHEL8),
        ("stig-rhel9", "STIG for RHEL 9, V2R9", _rebuilds(9), _STIG_RHEL9),
        ("stig-rhel10", "STIG for RHEL 10, V1R2", _rebuilds(10), _STIG_RHEL10),
        ("stig-oracle9", "STIG for Oracle Linux 9, V1R6", ("oracle-linux-9",), _STIG_ORACLE9),
        ("stig-ubuntu2204", "STIG for Ubuntu 22.04, V2R8", ("ubuntu-22.04",), _STIG_UBUNTU2204),
        ("stig-ubuntu2404", "STIG for Ubuntu 24.04, V1R5", ("ubuntu-24.04",), _STIG_UBUNTU2404),
        ("stig-sles15", "STIG for SLES 15, V2R7", _SLES15, _STIG_SLES15),
        ("pci-dss", "PCI DSS 4.0, requirement 10.6", tuple(AGENT_RELEASES), _PCI_DSS),
    )
}
"""Every profile by its name."""
