"""TP280-TP289: authentication of time sources."""

from timepolicy.findings.finding import error

NTS_MISSING = error(
    "TP280",
    "chrony on {release} is not known to be built with NTS: it would never have time from this source",
    "authenticate with `key`, or override the source for this release",
)
FILE_NOT_READABLE = error(
    "TP287",
    "chronyd may not read `{file}` on {release}: its AppArmor profile lets it read below {folders} only",
    "put the file below /etc/chrony",
)
