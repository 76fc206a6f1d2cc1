"""The catalogue of releases as a table."""

from collections.abc import Sequence

from timepolicy.distros.appliances import Appliance
from timepolicy.distros.catalogue import Target
from timepolicy.distros.release import Confidence, DaemonName, Release
from timepolicy.reports.table import table

HEADINGS = ("RELEASE", "NAME", "DEFAULT DAEMON", "CHRONY", "TIMESYNCD", "SYSTEMD", "SET UP BY", "KNOWN BY")


def release_table(targets: Sequence[Target]) -> str:
    """Return a table with a row for each target, and under it what is assumed about some of them."""
    releases = [target for target in targets if isinstance(target, Release)]
    assumptions = [f"  {release.key}: {text}" for release in releases for text in release.assumptions]
    rows = [HEADINGS, *map(_row, targets)]
    return "\n".join([table(rows), "", "Assumed, because no source says it:", *assumptions]) + "\n"


def _row(target: Target) -> tuple[str, ...]:
    if isinstance(target, Appliance):
        return (target.key, target.name, target.client, "-", "-", "-", target.provisioning, Confidence.DOCUMENTED)
    return (
        target.key,
        target.name,
        target.default_daemon,
        str(target.chrony.version) if target.chrony else "-",
        "in image" if DaemonName.TIMESYNCD in target.in_image else "package" if target.timesyncd else "-",
        str(target.systemd),
        target.provisioning,
        target.confidence,
    )
