"""chronyd's directives and options: their grammar, the first version that has them, and how an import treats them.

One row a directive. Sources: chrony.conf(5), conf.c and cmdparse.c of chrony 3.5 to 4.8. chronyd does not start with a
directive or an option that it does not know.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from timepolicy.distros.release import Version

OLDEST = Version(3, 5)
"""The oldest chrony in the catalogue. Directives that are older count as known from this version on."""

REFCLOCK = "add hardware clocks of PTP to the policy as `phc` yourself"
NO_SETTING = "policies have no such setting"

AGENT_REPORTS = "the node agent reports the state of the clock"
LEAP_SECONDS = "leap seconds come from the sources"
NO_LOG_FILES = "measurements are not logged to files"

LOCAL = {"stratum": "i", "orphan": "", "distance": "d", "activate": "d", "waitsynced": "d", "waitunsynced": "d"}
LOG = dict.fromkeys(
    ("rawmeasurements", "measurements", "selection", "statistics", "tracking", "rtc", "refclocks", "tempcomp"), ""
)
RATE_LIMIT = {"interval": "i", "burst": "i", "leak": "i"}


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive of chrony.conf(5). A chronyd older than `since` does not start with it.

    `arguments` has a letter for each argument: `i` a whole number, `d` a number, `s` a word; `+` if more may follow.
    None if the arguments have another form: keywords, each with the letter of its value or "", or free text.
    """

    arguments: str | None = None
    _: KW_ONLY
    keywords: Mapping[str, str] | None = None
    since: Version = OLDEST
    has_effect: bool = True
    """False for what chronyd still accepts and ignores (conf.c, CNF_ParseLine)."""
    is_supported: bool = False
    """True if an import converts it, if timepolicy always writes it, or if a rule of its own reports it."""
    harmless: str = ""
    """Why a policy needs no such setting."""
    unsupported: str = NO_SETTING
    """Why an import does not convert it, for a directive that is neither supported nor harmless."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceOption:
    """An option of `server`, `pool` and `peer`. Form of its value: `i` whole, `d` number, `x` hexadecimal, "" none."""

    since: Version = OLDEST
    value: str = ""


DIRECTIVES: dict[str, Directive] = {
    "acquisitionport": Directive("i"),
    "allow": Directive(is_supported=True),
    "authselectmode": Directive("s", is_supported=True, since=Version(4, 0)),
    "bindacqaddress": Directive("s"),
    "bindacqdevice": Directive("s", since=Version(4, 0)),
    "bindaddress": Directive("s"),
    "bindcmdaddress": Directive("s", is_supported=True),
    "bindcmddevice": Directive("s", since=Version(4, 0)),
    "binddevice": Directive("s", since=Version(4, 0)),
    "broadcast": Directive("is+"),
    "clientloglimit": Directive("i", harmless="it only limits memory"),
    "clockprecision": Directive("d", since=Version(4, 0)),
    "cmdallow": Directive(),
    "cmddeny": Directive(),
    "cmdport": Directive("i", is_supported=True),
    "cmdratelimit": Directive(keywords=RATE_LIMIT),
    "combinelimit": Directive("d"),
    "commandkey": Directive(has_effect=False),
    "confdir": Directive("s+", is_supported=True, since=Version(4, 0)),
    "corrtimeratio": Directive("d"),
    "deny": Directive(is_supported=True),
    "driftfile": Directive("s", is_supported=True),
    "dscp": Directive("i", since=Version(4, 0)),
    "dumpdir": Directive("s", harmless="the gate waits for a new measurement in any case"),
    "dumponexit": Directive(has_effect=False),
    "fallbackdrift": Directive("ii"),
    "generatecommandkey": Directive(has_effect=False),
    "hwclockfile": Directive("s", harmless="nodes keep their hardware clock in UTC"),
    "hwtimestamp": Directive("s+"),
    "hwtstimeout": Directive("d", since=Version(4, 4)),
    "include": Directive("s", is_supported=True),
    "initstepslew": Directive("d+", harmless="the node agent steps the clock at boot"),
    "keyfile": Directive("s", is_supported=True),
    "leapseclist": Directive("s", harmless=LEAP_SECONDS, since=Version(4, 6)),
    "leapsecmode": Directive("s"),
    "leapsectz": Directive("s", harmless=LEAP_SECONDS),
    "linux_freq_scale": Directive(has_effect=False),
    "linux_hz": Directive(has_effect=False),
    "local": Directive(keywords=LOCAL, is_supported=True),
    "lock_all": Directive(""),
    "log": Directive(keywords=LOG, harmless=AGENT_REPORTS),
    "logbanner": Directive("i", harmless=NO_LOG_FILES),
    "logchange": Directive("d", harmless=AGENT_REPORTS),
    "logdir": Directive("s", harmless=NO_LOG_FILES),
    "mailonchange": Directive("sd", harmless=AGENT_REPORTS),
    "makestep": Directive("di", is_supported=True),
    "manual": Directive(""),
    "maxchange": Directive("dii"),
    "maxclockerror": Directive("d"),
    "maxdistance": Directive("d"),
    "maxdrift": Directive("d"),
    "maxjitter": Directive("d"),
    "maxntsconnections": Directive("i", since=Version(4, 0)),
    "maxsamples": Directive("i"),
    "maxslewrate": Directive("d"),
    "maxupdateskew": Directive("d", harmless="chronyd's default suits nodes"),
    "minsamples": Directive("i"),
    "minsources": Directive("i", is_supported=True),
    "nocerttimecheck": Directive("i", is_supported=True, since=Version(4, 0)),
    "noclientlog": Directive(""),
    "nosystemcert": Directive("", since=Version(4, 0)),
    "ntpsigndsocket": Directive("s"),
    "ntsaeads": Directive(since=Version(4, 6, 1)),
    "ntscachedir": Directive("s", since=Version(4, 0)),
    "ntsdumpdir": Directive("s", harmless="timepolicy sets it where a source uses NTS", since=Version(4, 0)),
    "ntsntpserver": Directive("s", since=Version(4, 0)),
    "ntsport": Directive("i", unsupported="servers of a policy use port 4460 for NTS", since=Version(4, 0)),
    "ntsprocesses": Directive("i", since=Version(4, 0)),
    "ntsratelimit": Directive(keywords=RATE_LIMIT, since=Version(4, 0)),
    "ntsrefresh": Directive("i", since=Version(4, 0)),
    "ntsrotate": Directive("i", since=Version(4, 0)),
    "ntsservercert": Directive(is_supported=True, since=Version(4, 0)),
    "ntsserverkey": Directive(is_supported=True, since=Version(4, 0)),
    "ntstrustedcerts": Directive(is_supported=True, since=Version(4, 0)),
    "opencommands": Directive(since=Version(4, 7)),
    "peer": Directive(is_supported=True),
    "pidfile": Directive("s", harmless="systemd tracks the process"),
    "pool": Directive(is_supported=True),
    "port": Directive("i", is_supported=True),
    "ptpdomain": Directive("i", since=Version(4, 6)),
    "ptpport": Directive("i", since=Version(4, 2)),
    "ratelimit": Directive(keywords={**RATE_LIMIT, "kod": "i"}, harmless="timepolicy limits the rate on every server"),
    "refclock": Directive("ss+", unsupported=REFCLOCK),
    "refresh": Directive("i", since=Version(4, 4)),
    "reselectdist": Directive("d"),
    "rtcautotrim": Directive("d"),
    "rtcdevice": Directive("s"),
    "rtcfile": Directive("s", is_supported=True),
    "rtconutc": Directive("", harmless="rtcsync keeps the hardware clock in UTC"),
    "rtcsync": Directive("", is_supported=True),
    "sched_priority": Directive("i"),
    "server": Directive(is_supported=True),
    "smoothtime": Directive("dd+"),
    "sourcedir": Directive(is_supported=True, since=Version(4, 0)),
    "stratumweight": Directive("d"),
    "tempcomp": Directive(),
    "user": Directive("s", harmless="the package sets it"),
}
"""Every directive that chronyd accepts, up to chrony 4.8."""


def _options(words: str, value: str = "", since: Version = OLDEST) -> dict[str, SourceOption]:
    return {word: SourceOption(since=since, value=value) for word in words.split()}


SOURCE_OPTIONS: dict[str, SourceOption] = {
    **_options("auto_offline burst iburst noselect offline prefer require trust xleave"),
    **_options("filter key maxpoll maxsamples maxsources minpoll minsamples minstratum", value="i"),
    **_options("polltarget port presend version", value="i"),
    **_options("asymmetry maxdelay maxdelaydevratio maxdelayratio mindelay offset", value="d"),
    **_options("nts", since=Version(4, 0)),
    **_options("ntsport", value="i", since=Version(4, 0)),
    **_options("copy", since=Version(4, 1)),
    **_options("certset", value="i", since=Version(4, 1)),
    **_options("extfield", value="x", since=Version(4, 2)),
    **_options("maxdelayquant", value="d", since=Version(4, 3)),
    **_options("ipv4 ipv6", since=Version(4, 6)),
    **_options("maxunreach", value="i", since=Version(4, 8)),
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
