"""The settings of systemd-timesyncd, and the first systemd that has each; older ones ignore it with a message."""

SETTING_SINCE: dict[str, int] = {
    **dict.fromkeys(("NTP", "FallbackNTP", "PollIntervalMaxSec", "PollIntervalMinSec", "RootDistanceMaxSec"), 236),
    "ConnectionRetrySec": 248,
    "SaveIntervalSec": 250,
}
"""timesyncd.conf(5), section [Time]. All releases in the catalogue have the systemd of the first ones."""
