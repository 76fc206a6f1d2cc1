"""chronyd's directives and options: their grammar, the first version that has them, and how an import treats them.

One row a directive. Sources: chrony.conf(5), conf.c and cmdparse.c of chrony 3.5 to 4.8. chronyd does not start with a
directive or an option that it does not know.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from timepolicy.distros.release import Version

OLDEST = Version(3, 5)
"""The oldest chrony in the catalogue. Directives that are older count as known from this version on."""

NO_SETTING = "policies have no such setting"

AGENT_REPORTS = "the node agent reports the state of the clock"
NO_LOG_FILES = "measurements are not logged to files"

RANGES_CHECKED = Version(4, 7)
"""Before it, chronyd accepts a whole number of any size, and uses what remains of it."""

LARGEST = 2**31 - 1

SELECTION_MODES = ("require", "prefer", "mix", "ignore")

PORTS, COUNTS, POWERS = (0, 65535), (0, LARGEST), (-32, 32)
"""Ranges of whole numbers."""

ONE_OR_MORE = (1, LARGEST)


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """An option of a source, or a keyword of another directive.

    `value` is the form of its value: `i` a whole number, `d` a number, `x` a hexadecimal one, `r` a reference ID, `w`
    one of `words`, "" none. `limits` are the lowest and the highest number, from the chrony `checked_since` on.
    `default` is the value without the option.
    """

    since: Version = OLDEST
    value: str = ""
    limits: tuple[int, int] | None = None
    checked_since: Version = RANGES_CHECKED
    words: tuple[str, ...] = ()
    default: str | None = None


FLAG = Option()
NUMBER = Option(value="d")
REFERENCE_ID = Option(value="r")


def _count(lowest: int = 0, since: Version = OLDEST) -> Option:
    return Option(value="i", limits=(lowest, LARGEST), since=since)


POWER = Option(value="i", limits=POWERS)

OPEN_COMMANDS = (
    *("activity", "authdata", "clients", "manual", "ntpdata", "rtcdata", "selectdata", "serverstats", "smoothing"),
    *("sourcename", "sources", "sourcestats", "tracking"),
)

REPEATABLE = frozenset(
    {
        *("server", "pool", "peer", "refclock", "include", "confdir", "sourcedir", "hwtimestamp", "broadcast", "log"),
        *("allow", "deny", "cmdallow", "cmddeny", "bindaddress", "bindacqaddress", "bindcmdaddress"),
        *("ratelimit", "cmdratelimit", "ntsratelimit", "ntstrustedcerts", "ntsservercert", "ntsserverkey"),
    }
)
"""Directives of which every line counts; of the others, chronyd keeps the last value."""

LOCAL = {
    "stratum": Option(value="i", limits=(1, 15), checked_since=OLDEST),
    "orphan": FLAG,
    "distance": NUMBER,
    "activate": Option(value="d", since=Version(4, 6)),
    "waitsynced": Option(value="d", since=Version(4, 7)),
    "waitunsynced": Option(value="d", since=Version(4, 7)),
}
LOG = dict.fromkeys(
    ("rawmeasurements", "measurements", "selection", "statistics", "tracking", "rtc", "refclocks", "tempcomp"), FLAG
)
RATE_LIMIT = dict.fromkeys(("interval", "burst", "leak"), POWER)
RATE_LIMIT_OF_CLIENTS = {**RATE_LIMIT, "kod": Option(value="i", limits=POWERS, since=Version(4, 6))}
REFCLOCK_OPTIONS = {
    **dict.fromkeys(("poll", "dpoll"), POWER),
    **dict.fromkeys(("refid", "lock"), REFERENCE_ID),
    **dict.fromkeys(("filter", "minsamples", "maxsamples", "maxlockage"), _count()),
    **dict.fromkeys(("offset", "delay", "precision", "maxdispersion", "width"), NUMBER),
    **dict.fromkeys(("noselect", "prefer", "trust", "require", "pps", "tai"), FLAG),
    "rate": _count(lowest=1),
    "local": Option(since=Version(4, 3)),
    "stratum": Option(value="i", limits=(0, 15), checked_since=OLDEST),
    "maxunreach": _count(since=Version(4, 8)),
}
TIMESTAMPS = {
    **dict.fromkeys(("minsamples", "maxsamples"), _count()),
    **dict.fromkeys(("precision", "rxcomp", "txcomp"), NUMBER),
    "minpoll": POWER,
    "maxpoll": Option(value="i", limits=POWERS, since=Version(4, 4)),
    "nocrossts": FLAG,
    "rxfilter": Option(value="w", words=("none", "ntp", "ptp", "all")),
}


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive of chrony.conf(5). A chronyd older than `since` does not start with it.

    `arguments` has a letter for each argument: `i` a whole number, `d` a number, `s` a word, `w` one of `words`, `a` an
    IP address, `p` an IP address or a path; `+` if more may follow, `*` for any number of the letter before it, `|`
    between alternatives. `keywords` follow the arguments in any order. Both are None for free text.
    `limits` are the lowest and the highest whole number, which chronyd checks since 4.7.
    """

    arguments: str | None = None
    _: KW_ONLY
    keywords: Mapping[str, Option] | None = None
    words: tuple[str, ...] = ()
    limits: tuple[int, int] | None = None
    default: str | None = None
    """The arguments that change nothing, since they are chronyd's default."""
    since: Version = OLDEST
    has_effect: bool = True
    """False for what chronyd still accepts and ignores (conf.c, CNF_ParseLine)."""
    is_supported: bool = False
    """True if an import converts it, if timepolicy always writes it, or if a rule of its own reports it."""
    harmless: str = ""
    """Why a policy needs no such setting. An import keeps what is none of these in `extra`, if it is not decided."""


DIRECTIVES: dict[str, Directive] = {
    "acquisitionport": Directive("i", limits=PORTS, default="0"),
    "allow": Directive(is_supported=True),
    "authselectmode": Directive(
        "w", words=("require", "prefer", "mix", "ignore"), is_supported=True, since=Version(4, 0)
    ),
    "bindacqaddress": Directive("a"),
    "bindacqdevice": Directive("s", since=Version(4, 0)),
    "bindaddress": Directive("a"),
    "bindcmdaddress": Directive("p", is_supported=True),
    "bindcmddevice": Directive("s", since=Version(4, 0)),
    "binddevice": Directive("s", since=Version(4, 0)),
    "broadcast": Directive("ia|iai"),
    "clientloglimit": Directive("i", harmless="it only limits memory"),
    "clockprecision": Directive("d", since=Version(4, 0)),
    "cmdallow": Directive(),
    "cmddeny": Directive(),
    "cmdport": Directive("i", limits=PORTS, default="323", is_supported=True),
    "cmdratelimit": Directive(keywords=RATE_LIMIT),
    "combinelimit": Directive("d", default="3"),
    "commandkey": Directive(has_effect=False),
    "confdir": Directive("s+", is_supported=True, since=Version(4, 0)),
    "corrtimeratio": Directive("d", default="3"),
    "deny": Directive(is_supported=True),
    "driftfile": Directive("s", keywords={"interval": Option(value="i", since=Version(4, 7))}, is_supported=True),
    "dscp": Directive("i", limits=(0, 63), default="0", since=Version(4, 0)),
    "dumpdir": Directive("s", harmless="the gate waits for a new measurement in any case"),
    "dumponexit": Directive(has_effect=False),
    "fallbackdrift": Directive("ii"),
    "generatecommandkey": Directive(has_effect=False),
    "hwclockfile": Directive("s", harmless="nodes keep their hardware clock in UTC"),
    "hwtimestamp": Directive("s", keywords=TIMESTAMPS),
    "hwtstimeout": Directive("d", since=Version(4, 4)),
    "include": Directive("s", is_supported=True),
    "initstepslew": Directive("d+", harmless="the node agent steps the clock at boot"),
    "keyfile": Directive("s", is_supported=True),
    "leapseclist": Directive("s", since=Version(4, 6)),
    "leapsecmode": Directive("w", words=("system", "slew", "step", "ignore"), default="system"),
    "leapsectz": Directive("s"),
    "linux_freq_scale": Directive(has_effect=False),
    "linux_hz": Directive(has_effect=False),
    "local": Directive(keywords=LOCAL, is_supported=True),
    "lock_all": Directive(""),
    "log": Directive(keywords=LOG, harmless=AGENT_REPORTS),
    "logbanner": Directive("i", limits=COUNTS, harmless=NO_LOG_FILES),
    "logchange": Directive("d", harmless=AGENT_REPORTS),
    "logdir": Directive("s", harmless=NO_LOG_FILES),
    "mailonchange": Directive("sd", harmless=AGENT_REPORTS),
    "makestep": Directive("di", is_supported=True),
    "manual": Directive(""),
    "maxchange": Directive("dii"),
    "maxclockerror": Directive("d", default="1"),
    "maxdistance": Directive("d", default="3"),
    "maxdrift": Directive("d", default="500000"),
    "maxjitter": Directive("d", default="1"),
    "maxntsconnections": Directive("i", limits=ONE_OR_MORE, default="100", since=Version(4, 0)),
    "maxsamples": Directive("i", limits=COUNTS, default="0"),
    "maxslewrate": Directive("d", default="83333.333"),
    "maxupdateskew": Directive("d", harmless="chronyd's default suits nodes"),
    "minsamples": Directive("i", limits=COUNTS, default="6"),
    "minsources": Directive("i", limits=ONE_OR_MORE, default="1", is_supported=True),
    "nocerttimecheck": Directive("i", limits=COUNTS, is_supported=True, since=Version(4, 0)),
    "noclientlog": Directive(""),
    "nosystemcert": Directive("", since=Version(4, 0)),
    "ntpsigndsocket": Directive("s"),
    "ntsaeads": Directive("i*", limits=COUNTS, since=Version(4, 6, 1)),
    "ntscachedir": Directive("s", since=Version(4, 0)),
    "ntsdumpdir": Directive("s", harmless="timepolicy sets it where a source uses NTS", since=Version(4, 0)),
    "ntsntpserver": Directive("s", since=Version(4, 0)),
    "ntsport": Directive("i", limits=PORTS, default="4460", since=Version(4, 0)),
    "ntsprocesses": Directive("i", limits=(0, 1000), default="1", since=Version(4, 0)),
    "ntsratelimit": Directive(keywords=RATE_LIMIT, since=Version(4, 0)),
    "ntsrefresh": Directive("i", limits=COUNTS, default="2419200", since=Version(4, 0)),
    "ntsrotate": Directive("i", limits=COUNTS, default="604800", since=Version(4, 0)),
    "ntsservercert": Directive("s", is_supported=True, since=Version(4, 0)),
    "ntsserverkey": Directive("s", is_supported=True, since=Version(4, 0)),
    "ntstrustedcerts": Directive("s|is", is_supported=True, since=Version(4, 0)),
    "opencommands": Directive("w*", words=OPEN_COMMANDS, since=Version(4, 7)),
    "peer": Directive(is_supported=True),
    "pidfile": Directive("s", harmless="systemd tracks the process"),
    "pool": Directive(is_supported=True),
    "port": Directive("i", limits=PORTS, is_supported=True),
    "ptpdomain": Directive("i", limits=(0, 255), default="123", since=Version(4, 6)),
    "ptpport": Directive("i", limits=PORTS, default="0", since=Version(4, 2)),
    "ratelimit": Directive(keywords=RATE_LIMIT_OF_CLIENTS, harmless="timepolicy limits the rate on every server"),
    "refclock": Directive("ss", keywords=REFCLOCK_OPTIONS, is_supported=True),
    "refresh": Directive("i", limits=COUNTS, default="1209600", since=Version(4, 4)),
    "reselectdist": Directive("d", default="0.0001"),
    "rtcautotrim": Directive("d"),
    "rtcdevice": Directive("s"),
    "rtcfile": Directive("s"),
    "rtconutc": Directive("", harmless="rtcsync keeps the hardware clock in UTC"),
    "rtcsync": Directive("", is_supported=True),
    "sched_priority": Directive("i", limits=(0, 100), default="0"),
    "server": Directive(is_supported=True),
    "smoothtime": Directive("dd", keywords={"leaponly": FLAG}),
    "sourcedir": Directive(is_supported=True, since=Version(4, 0)),
    "stratumweight": Directive("d", default="0.001"),
    "tempcomp": Directive("sds|sddddd"),
    "user": Directive("s", harmless="the package sets it"),
}
"""Every directive that chronyd accepts, up to chrony 4.8."""


def _options(words: str, option: Option) -> dict[str, Option]:
    return dict.fromkeys(words.split(), option)


SOURCE_OPTIONS: dict[str, Option] = {
    **_options("auto_offline burst iburst noselect offline prefer require trust xleave", FLAG),
    **_options("asymmetry maxdelay maxdelaydevratio maxdelayratio mindelay", NUMBER),
    "offset": Option(value="d", default="0"),
    "minpoll": Option(value="i", default="6"),
    "maxpoll": Option(value="i", limits=POWERS, default="10"),
    "filter": _count(),
    "maxsamples": Option(value="i", limits=COUNTS, default="0"),
    "minsamples": Option(value="i", limits=COUNTS, default="6"),
    "maxsources": Option(value="i", limits=ONE_OR_MORE),
    "minstratum": Option(value="i", limits=(0, 16), default="0"),
    "polltarget": Option(value="i", limits=ONE_OR_MORE, default="8"),
    "port": Option(value="i", limits=PORTS),
    "presend": POWER,
    "version": Option(value="i", limits=(1, 4), default="4"),
    "key": Option(value="i", limits=(1, 2**32 - 1), checked_since=OLDEST),
    "nts": Option(since=Version(4, 0)),
    "ntsport": Option(value="i", limits=PORTS, since=Version(4, 0)),
    "copy": Option(since=Version(4, 1)),
    "certset": Option(value="i", since=Version(4, 1), default="0"),
    "extfield": Option(value="x", since=Version(4, 2)),
    "maxdelayquant": Option(value="d", since=Version(4, 3)),
    **_options("ipv4 ipv6", Option(since=Version(4, 6))),
    "maxunreach": _count(since=Version(4, 8)),
}
"""Every option of a source, up to chrony 4.8 (cmdparse.c, CPS_ParseNTPSourceAdd)."""

_SINCE = {word: directive.since for word, directive in DIRECTIVES.items()} | {
    word: option.since for word, option in SOURCE_OPTIONS.items()
}

OPTION_SINCE: dict[str, Version] = {word: since for word, since in _SINCE.items() if since > OLDEST}
"""Directives and options that the oldest chrony in the catalogue does not know."""


def needs(option: str) -> Version | None:
    """Return the first chrony that knows the word; None for a word that all chronys in the catalogue know."""
    return OPTION_SINCE.get(option)
