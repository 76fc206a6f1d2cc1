"""Systems that have settings of their own, and accept no units, files or programs."""

from dataclasses import dataclass

from timepolicy.distros.release import Provisioning


@dataclass(frozen=True, kw_only=True, slots=True)
class Appliance:
    """One such system.

    `client` is what keeps its time. `waits` says what the system does about a wrong clock, and `holds` are the units
    that wait for the time. `has_boot_timeout` is whether a setting limits how long the boot waits. `refused_host` is a
    regular expression of hosts that its settings do not accept. No appliance runs the node agent.
    """

    key: str
    name: str
    client: str
    waits: str
    holds: tuple[str, ...] = ()
    has_boot_timeout: bool
    refused_host: str | None = None
    provisioning: Provisioning
    has_agent: bool = False


APPLIANCES: dict[str, Appliance] = {
    row.key: row
    for row in (
        Appliance(
            key="bottlerocket",
            name="Bottlerocket",
            client="chrony",
            waits="nothing waits for a right clock",
            has_boot_timeout=False,
            # it accepts what is a URL, alone or after http://; an IPv6 address that begins with a digit is not
            refused_host=r"(?=.*:)[0-9:].*",
            provisioning=Provisioning.BOTTLEROCKET,
        ),
        Appliance(
            key="talos",
            name="Talos Linux 1.12 and newer",
            client="machined",
            waits="kubelet and etcd wait for the first answer, regardless of `max_offset` and `units`",
            holds=("kubelet.service", "etcd.service"),
            has_boot_timeout=True,
            provisioning=Provisioning.TALOS,
        ),
    )
}
"""bottlerocket.dev, settings.ntp, and settings-extensions/ntp of bottlerocket-settings-sdk; docs.siderolabs.com,
TimeSyncConfig and Time Synchronization."""
