"""The types of the catalogue's rows."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Version(NamedTuple):
    """A program's version, as far as its behaviour depends on it."""

    major: int
    minor: int = 0
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}" + (f".{self.patch}" if self.patch else "")


class DaemonName(StrEnum):
    """The time daemons that timepolicy configures, and NONE where it configures none."""

    CHRONY = "chrony"
    TIMESYNCD = "systemd-timesyncd"
    NONE = "none"


class Confidence(StrEnum):
    """The evidence for a row: inspected packages and images, documents of the vendor, or similar releases."""

    VERIFIED = "verified"
    DOCUMENTED = "documented"
    INFERRED = "inferred"


class Provisioning(StrEnum):
    """What provisions a node at its first boot."""

    CLOUD_INIT = "cloud-init"
    IGNITION = "Ignition"
    MACHINE_CONFIG = "OpenShift's Machine Config Operator"
    BOTTLEROCKET = "Bottlerocket's settings"
    TALOS = "Talos's machine configuration"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chrony:
    """A release's chrony. `version` is the oldest that a node of the release may run; it decides which options work."""

    package: str = "chrony"
    version: Version
    unit: str = "chronyd.service"
    config: str = "/etc/chrony.conf"
    drift_file: str = "/var/lib/chrony/drift"
    dhcp_source_dir: str | None = None
    """Where DHCP hooks write .sources files; None where no hook hands servers from DHCP to chrony."""
    nts: bool = True
    """Whether it is known to be built with NTS. If not, chronyd accepts the option and never selects the source."""
    readable: tuple[str, ...] = ("/",)
    """The folders below which its AppArmor profile lets chronyd read files."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timesyncd:
    """A release's systemd-timesyncd; `package` installs it where the image lacks it."""

    package: str = "systemd"
    unit: str = "systemd-timesyncd.service"
    drop_in_dir: str = "/etc/systemd/timesyncd.conf.d"


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One release of one distribution.

    `os_id` and `version_id` are os-release's ID and VERSION_ID, the latter a shell pattern. `systemd` is the major
    version. `python` is the interpreter for a system service; `python_package` installs it where the image has none.
    `in_image` are the daemons in the generic cloud image. `firewalls_missing` are the firewalls without a package of a
    usable version. `has_agent` is whether the node agent runs there, which needs Python. `assumptions` say what could
    not be verified, and what the row has instead.
    """

    key: str
    name: str
    family: str
    os_id: str
    version_id: str
    package_manager: str
    systemd: int
    default_daemon: DaemonName
    in_image: frozenset[DaemonName]
    chrony: Chrony | None
    timesyncd: Timesyncd | None
    python: str = "/usr/bin/python3"
    python_package: str | None = None
    tzdata_package: str = "tzdata"
    firewalls_missing: frozenset[str] = frozenset({"ufw"})
    has_agent: bool = True
    provisioning: Provisioning = Provisioning.CLOUD_INIT
    confidence: Confidence
    assumptions: tuple[str, ...] = ()
