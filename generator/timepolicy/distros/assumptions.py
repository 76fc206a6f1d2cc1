"""What is taken for the facts that nobody could find out, and the sentences that say so in a row's `assumptions`."""

from timepolicy.distros.release import Version

CAREFUL_CHRONY = Version(3, 5)
"""Older than every option in chrony_options: with this version a policy's newer options are refused, never tried."""

CHRONY_VERSION_UNKNOWN = f"chrony's version is not known; treated as {CAREFUL_CHRONY}, so newer options are refused"

CHRONY_MAYBE_NOT_IN_IMAGE = "whether images have chrony is not known; treated as absent, so it is installed"

TIMESYNCD_UNKNOWN = "whether there is a systemd-timesyncd is not known; treated as absent, so only chrony is offered"

PYTHON_UNKNOWN = "Python's version is not known; /usr/bin/python3 is taken to be 3.6 or newer"


def concluded_from(relative: str) -> str:
    """Say that a row rests on its likeness to something else."""
    return f"mostly concluded from {relative}; try it on a node first"


def systemd_unknown(taken: int, whose: str) -> str:
    """Say which version stands in for one that nobody found out, or that changes every week."""
    return f"systemd's version is not known; treated as {taken}, that of {whose}"
