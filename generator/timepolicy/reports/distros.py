"""The catalogue for people."""

from collections.abc import Sequence

from timepolicy.distros.appliances import Appliance
from timepolicy.distros.catalogue import Target
from timepolicy.distros.release import Confidence, DaemonName, Release

HEADINGS = ("RELEASE", "NAME", "DEFAULT DAEMON", "CHRONY", "TIMESYNCD", "SYSTEMD", "SET UP BY", "KNOWN BY")


def release_table(targets: Sequence[Target]) -> str:
    """Return a table, a line for each release, and under it what is assumed of releases that nobody could look into."""
    releases = [target for target in targets if isinstance(target, Release)]
    rows = [HEADINGS, *map(_row, targets)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    assumed = [f"  {release.key}: {text}" for release in releases for text in release.assumptions]
    return "\n".join([*lines, "", "Assumed, since nobody could find it out:", *assumed]) + "\n"


def _row(release: Target) -> tuple[str, ...]:
    if isinstance(release, Appliance):
        return (release.key, release.name, release.client, "-", "-", "-", release.provisioning, Confidence.DOCUMENTED)
    return (
        release.key,
        release.name,
        release.default_daemon,
        str(release.chrony.version) if release.chrony else "-",
        "in image" if DaemonName.TIMESYNCD in release.in_image else "package" if release.timesyncd else "-",
        str(release.systemd),
        release.provisioning,
        release.confidence,
    )
