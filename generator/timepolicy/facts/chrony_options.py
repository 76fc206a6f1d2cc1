"""Which chrony first knew what (conf.c, cmdparse.c): chronyd does not start with a word that it does not know."""

from dataclasses import dataclass

from timepolicy.distros.release import Version

OLDEST = Version(3, 5)
"""The oldest chrony of the catalogue; what is older than it counts as known from it on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Directive:
    """A directive of chrony.conf(5).

    `arguments` has a letter for each: i a whole number, d a number, s a word, and + where more may follow; None where
    they have a form of their own.
    """

    since: Version = OLDEST
    arguments: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceOption:
    """An option of `server`, `pool` and `peer`; the form of its value: `i` whole, `d` number, `x` hexadecimal, none."""

    since: Version = OLDEST
    value: str = ""


def _directives(words: str, arguments: str | None = None, since: Version = OLDEST) -> dict[str, Directive]:
    return {word: Directive(since=since, arguments=arguments) for word in words.split()}


DIRECTIVES: dict[str, Directive] = {
    **_directives("acquisitionport cmdport logbanner maxsamples minsamples minsources port sched_priority", "i"),
    **_directives("combinelimit corrtimeratio logchange maxclockerror maxdistance maxdrift maxjitter", "d"),
    **_directives("maxslewrate maxupdateskew reselectdist rtcautotrim stratumweight", "d"),
    **_directives("bindacqaddress bindaddress bindcmdaddress driftfile dumpdir hwclockfile include keyfile", "s"),
    **_directives("leapsecmode leapsectz logdir ntpsigndsocket pidfile rtcdevice rtcfile user", "s"),
    **_directives("lock_all manual noclientlog rtconutc rtcsync", ""),
    **_directives("makestep", "di"),
    **_directives("fallbackdrift", "ii"),
    **_directives("mailonchange", "sd"),
    **_directives("maxchange", "dii"),
    **_directives("clientloglimit", "i"),
    **_directives("allow cmdallow cmddeny cmdratelimit deny local log peer pool ratelimit server tempcomp"),
    **_directives("broadcast", "is+"),
    **_directives("hwtimestamp", "s+"),
    **_directives("initstepslew", "d+"),
    **_directives("refclock", "ss+"),
    **_directives("smoothtime", "dd+"),
    **_directives("commandkey dumponexit generatecommandkey linux_freq_scale linux_hz"),
    **_directives("bindacqdevice bindcmddevice binddevice ntsdumpdir ntsntpserver", "s", Version(4, 0)),
    **_directives("authselectmode ntscachedir", "s", Version(4, 0)),
    **_directives("clockprecision", "d", Version(4, 0)),
    **_directives("dscp maxntsconnections nocerttimecheck ntsport ntsprocesses ntsrefresh", "i", Version(4, 0)),
    **_directives("ntsrotate", "i", Version(4, 0)),
    **_directives("nosystemcert", "", Version(4, 0)),
    **_directives("ntsratelimit ntsservercert ntsserverkey ntstrustedcerts sourcedir", None, Version(4, 0)),
    **_directives("confdir", "s+", Version(4, 0)),
    **_directives("ptpport", "i", Version(4, 2)),
    **_directives("hwtstimeout", "d", Version(4, 4)),
    **_directives("refresh", "i", Version(4, 4)),
    **_directives("leapseclist", "s", Version(4, 6)),
    **_directives("ptpdomain", "i", Version(4, 6)),
    **_directives("ntsaeads opencommands", None, Version(4, 7)),
}
"""Every directive that chronyd takes, up to chrony 4.8."""

WITHOUT_EFFECT = frozenset({"commandkey", "dumponexit", "generatecommandkey", "linux_freq_scale", "linux_hz"})
"""Directives that chronyd still takes and no longer follows (conf.c, CNF_ParseLine)."""


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
"""Every option of a source, up to chrony 4.8; the forms are those of cmdparse.c."""

_SINCE = {word: directive.since for word, directive in DIRECTIVES.items()} | {
    word: option.since for word, option in SOURCE_OPTIONS.items()
}

OPTION_SINCE: dict[str, Version] = {word: since for word, since in _SINCE.items() if since > OLDEST}
"""Directives and options that are newer than the oldest chrony of the catalogue."""


def needs(option: str) -> Version | None:
    """Return the first chrony that knows the word; None for a word that all of the catalogue's know."""
    return OPTION_SINCE.get(option)
