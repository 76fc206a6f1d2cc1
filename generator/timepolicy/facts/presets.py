"""The time servers that clouds offer to their own nodes. time_services has which of them smear leap seconds."""

from dataclasses import dataclass

from timepolicy.facts.refclocks import CLOCKS
from timepolicy.tokens import Duration


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """A cloud's `servers`, and the document that names them. `is_exclusive`: the document asks to use no others.

    `ipv6_servers` are those for nodes that ask over IPv6, if they have an address of their own.

    `clock` is the device of the hypervisor's clock, if the document says to use it. `polls` are the shortest and the
    longest interval between requests; None where the document has none.
    """

    cloud: str
    servers: tuple[str, ...] = ()
    ipv6_servers: tuple[str, ...] = ()
    clock: str | None = None
    polls: tuple[Duration, Duration] | None = None
    document: str
    is_exclusive: bool = False


PRESETS: dict[str, Preset] = {
    "aws": Preset(
        cloud="AWS",
        servers=("169.254.169.123",),
        ipv6_servers=("fd00:ec2::123",),
        polls=(Duration.parse("16s"), Duration.parse("16s")),
        document="EC2 User Guide, Amazon Time Sync Service",
    ),
    "gcp": Preset(
        cloud="Google Cloud",
        servers=("metadata.google.internal",),
        document="Compute Engine documentation, Configure NTP on a VM",
        is_exclusive=True,
    ),
    "alibaba": Preset(
        cloud="Alibaba Cloud",
        servers=tuple(f"ntp{number}.cloud.aliyuncs.com" for number in (7, 8, 9, 10)),
        polls=(Duration.parse("16s"), Duration.parse("1024s")),
        document="ECS documentation, Alibaba Cloud NTP server",
    ),
    "tencent": Preset(
        cloud="Tencent Cloud",
        servers=tuple(f"time{number}.tencentyun.com" for number in (1, 2, 3, 4, 5)),
        document="CVM documentation, configure NTP service",
    ),
    "oracle": Preset(
        cloud="Oracle Cloud",
        servers=("169.254.169.254",),
        document="OCI documentation, configuring the NTP service for an instance",
    ),
    "azure": Preset(cloud="Azure", clock="/dev/ptp_hyperv", document=CLOCKS["/dev/ptp_hyperv"].document),
    "kvm": Preset(cloud="KVM", clock="/dev/ptp_kvm", document=CLOCKS["/dev/ptp_kvm"].document),
}
"""By the name in the policy. An address is a service on each host of the cloud, and not a single machine."""
