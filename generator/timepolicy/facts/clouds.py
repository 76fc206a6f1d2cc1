"""How much user-data each cloud accepts, by its own documentation."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Cloud:
    """A cloud's limit in bytes; `in_base64` where it counts the encoded text.

    With `takes_text`, its API has text for user-data, so that compressed user-data is sent in base64, and counted so.
    """

    key: str
    limit: int
    in_base64: bool = False
    takes_text: bool = False
    source: str

    @property
    def raw_limit(self) -> int:
        """The limit in bytes before base64, which makes four of three."""
        return self.limit // 4 * 3 if self.in_base64 else self.limit

    def limit_of(self, content: bytes) -> int:
        """The limit in bytes for user-data that begins like `content`: as it is, or in gzip (RFC 1952)."""
        return self.limit // 4 * 3 if self.takes_text and content.startswith(b"\x1f\x8b") else self.raw_limit


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
        Cloud(key="hetzner", limit=32_768, takes_text=True, source="Hetzner Cloud API: create a server, user_data"),
        Cloud(key="openstack", limit=65_535, in_base64=True, source="Nova: MAX_USERDATA_SIZE"),
        Cloud(key="azure", limit=65_535, source="Azure REST API: virtual machines, OSProfile.customData"),
        Cloud(
            key="digitalocean", limit=65_536, takes_text=True, source="DigitalOcean API: create a Droplet, user_data"
        ),
        Cloud(key="google", limit=262_144, source="Compute Engine: metadata values"),
        # by a customization specification; for guestinfo.userdata, no limit is documented
        Cloud(key="vsphere", limit=524_288, takes_text=True, source="vSphere API: CustomizationCloudinitPrep.userdata"),
    )
}
"""Every limit by the cloud's name, the smallest first. Vultr and Equinix Metal document none."""
