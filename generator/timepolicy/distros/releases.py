"""All releases, and how to find one."""

from timepolicy.distros import amazon, arch, azurelinux, debian, fedora, ignition, openeuler, photon, rhel, suse
from timepolicy.distros.release import Release

_FAMILIES = (debian, rhel, fedora, amazon, suse, azurelinux, photon, openeuler, arch)

RELEASES: dict[str, Release] = {release.key: release for family in _FAMILIES for release in family.RELEASES}
"""Every row that the node agent runs on, by its key: family by family, and within a distribution from old to new."""

WITHOUT_AGENT: dict[str, Release] = {release.key: release for release in ignition.RELEASES}
"""Releases that have no Python for the node agent."""


def find(key: str) -> Release | None:
    """Return the release of that key, written exactly so."""
    return RELEASES.get(key) or WITHOUT_AGENT.get(key)
