"""Systems that take settings of their own: neither units nor files nor programs of ours."""

from dataclasses import dataclass

from timepolicy.catalogue.release import Provisioning


@dataclass(frozen=True, kw_only=True, slots=True)
class Appliance:
    """One such system.

    `client` is what keeps its time, and `waits` what it says by itself about a wrong clock. `has_boot_timeout` is
    whether one can say how long its boot waits for the time.
    """

    key: str
    name: str
    client: str
    waits: str
    has_boot_timeout: bool
    provisioning: Provisioning


APPLIANCES: dict[str, Appliance] = {
    row.key: row
    for row in (
        Appliance(
            key="bottlerocket",
            name="Bottlerocket",
            client="chrony",
            waits="nothing waits for a right clock",
            has_boot_timeout=False,
            provisioning=Provisioning.BOTTLEROCKET,
        ),
        Appliance(
            key="talos",
            name="Talos Linux 1.12 and newer",
            client="machined",
            waits="kubelet and etcd wait for its first answer, whatever `max_offset` and `units` say",
            has_boot_timeout=True,
            provisioning=Provisioning.TALOS,
        ),
    )
}
"""bottlerocket.dev, settings.ntp; docs.siderolabs.com, TimeSyncConfig and Time Synchronization."""
