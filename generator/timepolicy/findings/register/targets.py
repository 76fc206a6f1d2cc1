"""TP060-TP079: what a target cannot express."""

from timepolicy.findings.finding import error

DAEMON_CANNOT = error(
    "TP060",
    "{daemon} cannot {what}",
    "write `daemon: chrony`, or `daemon: auto` to have one picked that can",
)
DAEMON_NOT_AVAILABLE = error(
    "TP061",
    "{release} has no {daemon}",
    "write `daemon: auto`, or override the daemon for this release",
)
OPTION_TOO_NEW = error(
    "TP062",
    "`{option}` needs chrony {needed}, and {release} has {version}",
    "remove it, or override the source for this release; chronyd does not start on an option that it does not know",
)
DHCP_SOURCES_UNKNOWN = error(
    "TP063",
    "no way is known to give {daemon} the DHCP servers on {release}",
    "write `dhcp_sources: ignore`, or override it for this release",
)
USER_DATA_TOO_LARGE = error(
    "TP064",
    "this makes {size} bytes of user-data, and {cloud} takes {limit}; the largest parts: {parts}",
    "gate fewer units, name fewer releases, use --gzip where the cloud lets binary through, or bake an image",
)
FILE_IS_OURS = error(
    "TP065",
    "`{file}` is a file that timepolicy itself writes on {release}",
    "name a file of its own, such as /etc/chrony/chrony.keys",
)
