"""All releases, and how to find one."""

from fnmatch import fnmatchcase

from timepolicy.catalogue import amazon, arch, azurelinux, debian, fedora, openeuler, photon, rhel, suse
from timepolicy.catalogue.release import Release

_FAMILIES = (debian, rhel, fedora, amazon, suse, azurelinux, photon, openeuler, arch)

RELEASES: dict[str, Release] = {release.key: release for family in _FAMILIES for release in family.RELEASES}
"""Every row by its key: family by family, and within a distribution from old to new."""

NOT_SUPPORTED: dict[str, str] = {
    "flatcar": "it is set up by Ignition, not by cloud-init, and has no Python for the node agent",
    "fedora-coreos": "it is set up by Ignition, not by cloud-init, and has no Python for the node agent",
    "bottlerocket": "it takes settings of its own instead of cloud-init's, and runs neither a shell nor Python",
    "talos": "it takes a machine configuration instead of cloud-init's, and has no systemd, packages or Python",
}
"""Releases that cloud-init cannot serve, each with the reason."""


def find(key: str) -> Release | None:
    """Return the release of that key, written exactly so."""
    return RELEASES.get(key)


def matching(pattern: str) -> list[Release]:
    """Return the releases whose keys match a shell pattern (fnmatch, upper and lower case differ)."""
    return [release for key, release in RELEASES.items() if fnmatchcase(key, pattern)]
