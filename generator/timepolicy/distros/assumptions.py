"""Values for facts that could not be verified, and the sentences about them in a row's `assumptions`."""

from timepolicy.distros.release import Version

CAREFUL_CHRONY = Version(3, 5)
"""Older than every option in chrony_options, so that newer options are refused and no node tries them."""

CHRONY_VERSION_UNKNOWN = f"chrony's version is not known; treated as {CAREFUL_CHRONY}, so newer options are refused"

CHRONY_MAYBE_NOT_IN_IMAGE = "whether images have chrony is not known; treated as absent, so it is installed"

TIMESYNCD_UNKNOWN = "whether there is a systemd-timesyncd is not known; treated as absent, so only chrony is offered"

PYTHON_UNKNOWN = "Python's version is not known; /usr/bin/python3 is treated as 3.6 or newer"


def inferred_from(relative: str) -> str:
    """Return the assumption that a row is like a relative."""
    return f"mostly inferred from {relative}; try it on a node first"


def systemd_unknown(version: int, relative: str) -> str:
    """Return the assumption that a version which is unknown, or changes every week, is that of a relative."""
    return f"systemd's version is not known; treated as {version}, that of {relative}"
