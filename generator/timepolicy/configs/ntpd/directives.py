"""ntpd's directives (ntp.conf(5), of ntp.org and of NTPsec), and how an import treats those without a conversion."""

from timepolicy.document.spelling import Vocabulary
from timepolicy.facts.chrony_options import NO_LOG_FILES, NO_SETTING

SOURCES = ("server", "pool", "peer")

REMOTE_CONTROL = "it is for the remote control of ntpd"

CONVERTED = frozenset({*SOURCES, "restrict", "keys", "nts", "tinker", "tos", "fudge", "enable", "disable"})
"""Directives that are converted, or judged word by word."""

HARMLESS: dict[str, str] = {
    "driftfile": "timepolicy sets one",
    "leapfile": "leap seconds come from the sources",
    "trustedkey": "in a policy each source names its own key",
    **dict.fromkeys(("controlkey", "requestkey"), REMOTE_CONTROL),
    **dict.fromkeys(("logconfig", "logfile", "statsdir", "statistics", "filegen"), NO_LOG_FILES),
    "pidfile": "systemd tracks the process",
}
"""Directives that a policy does not need, each with the reason."""

UNSUPPORTED: dict[str, str] = {
    **dict.fromkeys(
        (
            *("autokey", "automax", "broadcastclient", "broadcastdelay", "calldelay", "crypto"),
            *("discard", "dscp", "interface", "ipaddr", "keysdir", "manycastclient", "manycastserver", "maxpoll"),
            *("mdnstries", "minsane", "mru", "multicastclient", "nic", "nonvolatile", "ntpsigndsocket"),
            *("phone", "pollskewlist", "rate", "reset", "revoke", "rlimit", "saveconfigdir"),
            *("setvar", "simulate", "source", "trap", "ttl", "unconfig", "unpeer", "unrestrict"),
        ),
        NO_SETTING,
    ),
    "broadcast": "nodes of a policy query servers, and nothing is broadcast",
    "includefile": "the file is not read; import it too",
    "refclock": "policies have no hardware clocks but those of PTP",
}
"""Directives that a policy has no place for, each with the reason."""

DIRECTIVES = frozenset({*CONVERTED, *HARMLESS, *UNSUPPORTED})

DIRECTIVE_NAMES = Vocabulary(DIRECTIVES)

DEFAULT_SWITCHES = frozenset({"calibrate", "kernel", "monitor", "stats"})
"""Words of `enable` and `disable` that change nothing about the time that a node has, or lets others have."""
