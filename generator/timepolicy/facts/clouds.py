"""How much user-data each cloud accepts, by its own documentation."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Cloud:
    """A cloud's limit in bytes; `in_base64` where it counts the encoded text."""

    key: str
    limit: int
    in_base64: bool = False
    source: str

    @property
    def raw_limit(self) -> int:
        """The limit in bytes before base64, which makes four of three."""
        return self.limit // 4 * 3 if self.in_base64 else self.limit


CLOUDS: dict[str, Cloud] = {
    cloud.key: cloud
    for cloud in (
        Cloud(key="aws", limit=16_384, source="EC2 User Guide: add user data"),
        # the older of two figures
        Cloud(key="alibaba", limit=16_384, source="ECS User Guide: instance user data"),
        # the documentation does not say whether before or after base64; this is the smaller of the two
        Cloud(key="tencent", limit=16_384, in_base64=True, source="CVM API: RunInstances"),
        # for all metadata of an instance together
        Cloud(key="oracle", limit=32_000, in_base64=True, source="OCI API: LaunchInstanceDetails"),
        Cloud(key="openstack", limit=65_535, in_base64=True, source="Nova: MAX_USERDATA_SIZE"),
        Cloud(key="azure", limit=65_535, source="Azure REST API: virtual machines, OSProfile.customData"),
        Cloud(key="google", limit=262_144, source="Compute Engine: metadata values"),
    )
}
"""Every limit by the cloud's name, the smallest first."""
