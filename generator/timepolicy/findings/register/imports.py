"""TP200-TP259: what is wrong with files that time daemons read, and what of them no policy can say."""

from timepolicy.findings.finding import error, note, warning

UNKNOWN_KIND = error(
    "TP200",
    "this is no file of chrony, systemd-timesyncd or ntpd",
    "give it the name that its daemon reads it by, such as chrony.conf, timesyncd.conf or ntp.conf",
)
NOT_FOLLOWED = warning(
    "TP201",
    "what `{directive} {path}` brings in is not looked at",
    "say with --root under which directory the node's files are: / on the node itself",
)
MISSING_FILE = error(
    "TP202",
    "there is no file {path}: chronyd does not start",
    "correct the path, or remove the line",
)
NESTED_TOO_DEEP = error(
    "TP203",
    "files include each other more than {limit} deep: chronyd does not start",
    "remove the line that closes the circle",
)
UNKNOWN_DIRECTIVE = error(
    "TP204",
    "no chrony knows the directive `{name}`: chronyd does not start",
    "correct the spelling, or remove the line",
)
DIRECTIVE_TOO_NEW = error(
    "TP205",
    "`{name}` needs chrony {needed}, and {release} has {version}: chronyd does not start",
    "remove it",
)
WITHOUT_EFFECT = warning(
    "TP206",
    "chronyd no longer does anything about `{name}`",
    "remove the line",
)
WRONG_ARGUMENTS = error(
    "TP207",
    "`{name}` takes {expected}: chronyd does not start",
    "correct the line; chrony.conf(5) describes it",
)
COMMENT_AFTER_DIRECTIVE = error(
    "TP208",
    "a comment stands behind a directive, and chronyd takes it for arguments",
    "give the comment a line of its own",
)
UNKNOWN_SOURCE_OPTION = error(
    "TP209",
    "no chrony knows the option `{option}` of a source: {consequence}",
    "correct the spelling, or remove it",
)
BAD_SOURCE_VALUE = error(
    "TP210",
    "the option `{option}` has no number after it: {consequence}",
    "write the value after it",
)
NO_SOURCE_LINE = warning(
    "TP211",
    "chronyd ignores this line: a .sources file may only have `server`, `pool` and `peer`",
    "move the line to chrony.conf",
)
UNFINISHED_LINE = error(
    "TP212",
    "the last line does not end in a newline, so chronyd ignores it",
    "end it with a newline",
)
LINE_TOO_LONG = error(
    "TP213",
    "the line is longer than {limit} characters: chronyd does not start",
    "shorten it",
)
ALLOW_UNDONE = error(
    "TP215",
    "`{rule}` is undone by `{undone_by}` in {place}: nobody of that network is answered",
    "remove the `{undone_by}`; what no `allow` names is refused without it",
)
PREFIX_TOO_LONG = error(
    "TP216",
    "an address has no {length} bits: chronyd dies of this line, though `chronyd -p` takes it",
    "write a prefix length of at most {longest}",
)
HOST_BITS = warning(
    "TP217",
    "`{text}` means the whole network {network}",
    "write {network}, or the address alone if only that is meant",
)
ACCESS_BY_NAME = warning(
    "TP218",
    "`{text}` is a name, which chronyd looks up once, when it starts; it is not carried over",
    "write the address or the network",
)
SERVES_ANYONE = warning(
    "TP219",
    "time is served to {whom}",
    "name the networks of your clients",
)
TOO_MANY_NETWORKS = warning(
    "TP220",
    "who is answered takes {count} networks to write down, so it is not carried over",
    "write `servers.allow` by hand",
)
COMMAND_PORT_OPEN = warning(
    "TP221",
    "`{statement}` puts the command port, UDP 323, on the network; it is not what lets NTP in",
    "remove the line: NTP listens everywhere, and `allow` says whom it answers",
)
COMMAND_PORT_CLOSED = warning(
    "TP222",
    "without a command port chrony-wait.service and `chronyc` over UDP hang and fail",
    "remove the line: the port is on the loopback addresses only",
)
NO_RTCSYNC = error(
    "TP223",
    "there is no `rtcsync`, so the kernel's STA_UNSYNC flag is never cleared on Linux",
    "add a line `rtcsync`",
)
RTCFILE_AND_RTCSYNC = error(
    "TP224",
    "`rtcfile` and `rtcsync` (in {place}) exclude each other: chronyd dies, though `chronyd -p` takes them",
    "remove `rtcfile`",
)
NO_MAKESTEP = warning(
    "TP225",
    "a wrong clock is never stepped: chronyd slews it, 1 s in 12 s, or 20 minutes for 100 s",
    "add a line `makestep 1 3`",
)
STEPS_AT_ANY_TIME = warning(
    "TP226",
    "`{statement}` steps a running clock whenever the sources say so",
    "limit it to the first updates, as in `makestep 1 3`, unless the machine is paused and resumed",
)
NO_SOURCES = error(
    "TP227",
    "no source of time is named",
    "add lines `server NAME iburst`",
)
TWO_SOURCES = warning(
    "TP228",
    "there are two sources: when they disagree, chronyd follows neither",
    "name one, or better three or four",
)
DUPLICATE_SOURCE = warning(
    "TP229",
    "{host} is named before, in {place}; chronyd uses it once",
    "remove one of the two",
)
LOCAL_WITH_UPSTREAMS = warning(
    "TP230",
    "`local` without `orphan` beside sources: each server that loses them goes its own way",
    "write `local stratum 10 orphan`",
)
MANUAL = warning(
    "TP231",
    "`manual` lets `chronyc settime` set the clock by hand",
    "remove the line",
)
INITSTEPSLEW = warning(
    "TP232",
    "`initstepslew` is deprecated; it asks its servers once, before the daemon answers anybody",
    "write `makestep 1 3`, and `iburst` behind the sources",
)
NO_IBURST = warning(
    "TP233",
    "{host} has no `iburst`: the first correction takes minutes instead of seconds",
    "write `iburst` behind it",
)
FOREIGN_PATH = warning(
    "TP234",
    "{path} is a path of {where}, not of {here}",
    "write {right}",
)
FOREIGN_NAME = error(
    "TP235",
    "chronyd on {release} does not read {path}",
    "put it at {right}",
)
TWO_DAEMONS = error(
    "TP236",
    "this is for {other}, and {place} for {daemon}: a node runs one time daemon; this file is not carried over",
    "keep the files of one daemon, and remove the other",
)
NO_SUCH_DAEMON = error(
    "TP237",
    "{release} has no {daemon}",
    "remove the file, or name another release",
)
FALLBACK_UNUSED = warning(
    "TP240",
    "`FallbackNTP=` is never used while `NTP=` (in {place}) names servers, alive or not",
    "put these servers behind those of `NTP=`",
)
SERVERS_ACCUMULATE = warning(
    "TP241",
    "this `{key}=` adds to the one in {place} and does not replace it",
    "write an empty `{key}=` before it if it is meant to replace",
)
UNKNOWN_SETTING = warning(
    "TP242",
    "systemd-timesyncd ignores `{key}=`: it knows no such key in this section",
    "correct the spelling, or remove the line",
)
NO_ASSIGNMENT = warning(
    "TP243",
    "systemd-timesyncd ignores this line: it is no section and no assignment",
    "write `NTP=` and the servers below `[Time]`",
)
SERVER_WITH_PORT = error(
    "TP244",
    "`{text}` is taken for a name and never resolves: systemd-timesyncd knows no port but 123",
    "write the host alone",
)
BUILT_IN_SERVERS = note(
    "TP245",
    "no server is named: systemd-timesyncd asks those of DHCP, or the ones that it was built with",
    "write `NTP=` and the servers below `[Time]` if others are meant",
)
UNKNOWN_NTPD_WORD = warning(
    "TP248",
    "ntpd knows no `{name}`",
    "correct the spelling, or remove the line",
)
REFUSES_ALL_CLIENTS = note(
    "TP249",
    "`{statement}` refuses, and no `restrict` lets a network in again: this is no server",
    "nothing is to be done if it is none",
)
NOT_CARRIED = warning(
    "TP250",
    "`{what}` is not carried over: {why}",
    "decide whether you need it before you use the policy",
)
LEFT_TO_TIMEPOLICY = note(
    "TP251",
    "`{what}` is not carried over: {why}",
    "nothing is to be done",
)
SERVING_NOT_CARRIED = warning(
    "TP252",
    "these files serve time to {networks}; that is not carried over, since they do not say by which address",
    "say the address that clients ask, with --address; once for each server that has this file",
)
STEP_LIMIT_CHANGES = note(
    "TP253",
    "`{statement}` becomes a limit of 3 updates, the one that timepolicy uses",
    "nothing is to be done",
)
TOO_MANY_SOURCES = warning(
    "TP254",
    "a policy has at most {limit} sources, and {host} is beyond them",
    "remove sources that you do not need",
)
NOTHING_TO_CARRY = error(
    "TP255",
    "no policy can be made of these files: they name no source of time that a policy could follow",
    "add what is missing; `timepolicy lint` says what",
)

ADDRESS_OF_NO_SERVER = warning(
    "TP256",
    "--address is given, and these files let nobody in: the policy has no servers",
    "leave --address out, or add an `allow` for the networks of your clients",
)

FILE_TOO_LARGE = error(
    "TP257",
    "the file is larger than {limit}: its rest is not looked at",
    "check that this is the right file; a daemon's takes a few kilobytes",
)

ABOUT_CARRYING = (NOT_CARRIED, LEFT_TO_TIMEPOLICY, SERVING_NOT_CARRIED, STEP_LIMIT_CHANGES, TOO_MANY_SOURCES)
"""What is said about the way into a policy; the files themselves are not wrong by it."""

ABOUT_LOST_LINES = (
    *(FILE_TOO_LARGE, NOT_FOLLOWED, MISSING_FILE, NESTED_TOO_DEEP),
    *(UNKNOWN_DIRECTIVE, DIRECTIVE_TOO_NEW, WRONG_ARGUMENTS, COMMENT_AFTER_DIRECTIVE),
    *(UNKNOWN_SOURCE_OPTION, BAD_SOURCE_VALUE, NO_SOURCE_LINE, UNFINISHED_LINE, LINE_TOO_LONG),
    *(PREFIX_TOO_LONG, ACCESS_BY_NAME, TWO_DAEMONS),
    *(UNKNOWN_SETTING, NO_ASSIGNMENT, SERVER_WITH_PORT, UNKNOWN_NTPD_WORD),
    *(NOT_CARRIED, SERVING_NOT_CARRIED, TOO_MANY_NETWORKS, TOO_MANY_SOURCES),
)
"""What keeps a line, or what it brings in, out of the policy that is made."""
