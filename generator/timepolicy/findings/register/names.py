"""TP040-TP059: names that nobody knows."""

from timepolicy.findings.finding import error, warning

UNKNOWN_DISTRIBUTION = error(
    "TP040",
    "there is no distribution release `{name}`: {why}",
    "write one that `timepolicy distros` lists",
)
UNKNOWN_TIMEZONE = error(
    "TP041",
    "the tz database has no timezone `{name}`",
    "write a name that `timedatectl list-timezones` shows, such as Asia/Shanghai or UTC",
)
MALFORMED_HOST = error(
    "TP042",
    "`{value}` looks like an IP address and is none",
    "correct the address, or write a host name",
)
OVERRIDE_MATCHES_NOTHING = warning(
    "TP043",
    "`{pattern}` matches no release, so this override does nothing",
    "compare the pattern with the names that `timepolicy distros` lists",
)
