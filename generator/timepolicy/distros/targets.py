"""Everything that a policy can be compiled for, and how to find one."""

from fnmatch import fnmatchcase

from timepolicy.distros.appliances import APPLIANCES, Appliance
from timepolicy.distros.release import Release
from timepolicy.distros.releases import RELEASES, WITHOUT_AGENT

Target = Release | Appliance

TARGETS: dict[str, Target] = {**RELEASES, **WITHOUT_AGENT, **APPLIANCES}
"""Those that the node agent runs on come first."""


def find(key: str) -> Target | None:
    """Return the target of that key, written exactly so."""
    return TARGETS.get(key)


def can_serve(target: Target) -> bool:
    """Return whether the agent runs there, which a server of time cannot do without."""
    return target.key in RELEASES


def matching(pattern: str) -> list[Target]:
    """Return the targets whose keys match a shell pattern (fnmatch, upper and lower case differ).

    Who writes fedora-* means releases of Fedora: what has no agent is only meant where nothing else is.
    """
    releases: list[Target] = [release for key, release in RELEASES.items() if fnmatchcase(key, pattern)]
    return releases or [target for key, target in TARGETS.items() if fnmatchcase(key, pattern)]
