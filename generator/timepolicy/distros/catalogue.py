"""Everything that a policy can be compiled for, and how to find it.

A family is a module of rows without code. To add a release, add a row to its family and, for a new family, list the
module in _FAMILIES.
"""

from fnmatch import fnmatchcase

from timepolicy.distros import amazon, arch, azurelinux, debian, fedora, ignition, openeuler, photon, rhel, suse
from timepolicy.distros.appliances import APPLIANCES, Appliance
from timepolicy.distros.release import Release

Target = Release | Appliance

_FAMILIES = (debian, rhel, fedora, amazon, suse, azurelinux, photon, openeuler, arch, ignition)

TARGETS: dict[str, Target] = {row.key: row for family in _FAMILIES for row in family.RELEASES} | APPLIANCES
"""Every target by its key: family by family, and within a distribution from old to new; first those with the agent."""

AGENT_RELEASES: dict[str, Release] = {
    key: row for key, row in TARGETS.items() if isinstance(row, Release) and row.has_agent
}
"""The releases that the node agent runs on."""


def find(key: str) -> Target | None:
    """Return the target of exactly that key."""
    return TARGETS.get(key)


def matching(pattern: str) -> list[Target]:
    """Return the targets whose keys match a shell pattern (fnmatch, case-sensitive).

    Targets without the agent match only where nothing else does: fedora-* stands for the releases of Fedora, and not
    for fedora-coreos.
    """
    targets = [target for key, target in TARGETS.items() if fnmatchcase(key, pattern)]
    return [target for target in targets if target.has_agent] or targets
