"""Every rule: its code, how much it weighs, what it says and what to do.

TP001-TP019 the text and its YAML, TP020-TP039 the shape, TP040-TP059 names that nobody knows, TP060-TP079 what a
target cannot express, TP080-TP099 sense across fields, TP100 and up notes. A code never changes its meaning.
"""

from timepolicy.findings.finding import Rule, Severity


def _error(code: str, message: str, hint: str) -> Rule:
    return Rule(code=code, severity=Severity.ERROR, message=message, hint=hint)


def _warning(code: str, message: str, hint: str) -> Rule:
    return Rule(code=code, severity=Severity.WARNING, message=message, hint=hint)


def _note(code: str, message: str, hint: str) -> Rule:
    return Rule(code=code, severity=Severity.NOTE, message=message, hint=hint)


# The text and its YAML.

NOT_UTF8 = _error(
    "TP001",
    "the byte {byte} is not UTF-8",
    "save the file as UTF-8",
)
TOO_BIG = _error(
    "TP002",
    "the text is larger than {limit}",
    "check that this is the right file; a policy takes a few kilobytes",
)
CONTROL_CHARACTER = _error(
    "TP003",
    "{character} stands in the text",
    "remove it; it often comes with text that is copied from elsewhere",
)
BYTE_ORDER_MARK = _error(
    "TP004",
    "the text begins with a byte order mark",
    "save the file as UTF-8 without BOM",
)
NOT_YAML = _error(
    "TP005",
    "this is not YAML: {problem}",
    "check the quotes, brackets and indentation here and in the line above",
)
TAB = _error(
    "TP006",
    "a tab stands where not all YAML readers take one",
    "write blanks instead",
)
UNCLOSED = _error(
    "TP007",
    "this {opening} is never closed",
    "add the closing {closing}",
)
UNEXPECTED_TEXT = _error(
    "TP008",
    "unexpected {what}",
    "put the whole value in quotes if this belongs to it, else correct or remove it",
)
NO_COLON = _error(
    "TP009",
    "the key has no {missing}",
    "write `key: value`, with a blank after the `:`",
)
INDENTATION = _error(
    "TP010",
    "this {what} is not indented like the lines that it belongs with",
    "align it with its neighbours, or with the line above if it belongs inside that",
)
EMPTY_DOCUMENT = _error(
    "TP011",
    "the policy is empty",
    "start with `timezone: Asia/Shanghai` and a list of `upstreams`",
)
NOT_A_POLICY = _error(
    "TP012",
    "the policy is {found}, not a mapping",
    "write keys and their values, such as `timezone: Asia/Shanghai`",
)
SEVERAL_DOCUMENTS = _error(
    "TP013",
    "a second YAML document begins here",
    "keep one policy in a file; remove the `---` or what follows it",
)
TOO_DEEP = _error(
    "TP014",
    "the nesting is deeper than {limit} levels",
    "check the brackets and the indentation; a policy needs six levels",
)
NOT_PLAIN = _error(
    "TP015",
    "{what} stands here, and a policy has no anchors, aliases, merge keys or tags",
    "write the value itself; text that begins with &, * or ! goes in quotes",
)
DUPLICATE_KEY = _error(
    "TP016",
    "the key `{key}` is here twice; the first is in line {line}",
    "keep one of the two",
)
KEY_NOT_TEXT = _error(
    "TP017",
    "a key is {found}, not text",
    "write a key of the policy language here, such as `timezone`",
)
AMBIGUOUS = _error(
    "TP018",
    "some YAML readers take `{text}` for {reading}, others do not",
    "write {instead}, or put it in quotes if it is text",
)
TOO_MANY = _error(
    "TP019",
    "the search stops here, after {limit} findings",
    "correct these first, then look for more",
)

# The shape.

UNKNOWN_KEY = _error(
    "TP020",
    "unknown key `{key}`",
    "remove it, or use one of {allowed}",
)
MISSPELT_KEY = _error(
    "TP021",
    "unknown key `{key}`",
    "correct the spelling, or remove the key",
)
MISPLACED_KEY = _error(
    "TP022",
    "`{key}` does not belong here",
    "move it to {places}",
)
LATER_KEY = _error(
    "TP023",
    "`{key}` is not in this version of timepolicy yet",
    "remove it; a later version will know it",
)
MISSING_KEY = _error(
    "TP024",
    "{what} is missing",
    "add {advice}",
)
EMPTY_VALUE = _error(
    "TP025",
    "{place} has no value",
    "write {expected}, or remove it if you do not need it",
)
WRONG_TYPE = _error(
    "TP026",
    "{place} is {found}, not {expected}",
    "{advice}",
)
NO_UNIT = _error(
    "TP027",
    "the duration {value} has no unit",
    "give it a unit, such as {value}ms, {value}s or {value}m",
)
MALFORMED_TEXT = _error(
    "TP028",
    "{value} is not {expected}",
    "{advice}",
)
NOT_ONE_OF = _error(
    "TP029",
    "{found} is not a value of `{key}`",
    "write {choices}",
)
WRONG_VERSION = _error(
    "TP030",
    "{found} is not a version of the policy language that this timepolicy knows",
    "write `version: {known}`, or use a newer timepolicy",
)
OUT_OF_RANGE = _error(
    "TP031",
    "`{key}` is {value}, out of range",
    "write a whole number {limits}",
)
WRONG_LENGTH = _error(
    "TP032",
    "{place} has {count}",
    "write {limits}",
)
LISTED_TWICE = _error(
    "TP033",
    "{value} is in the list twice; the first is in line {line}",
    "keep one of the two",
)
EXCLUSIVE_KEYS = _error(
    "TP034",
    "{keys} exclude each other",
    "keep one of them; a second source is a list entry of its own",
)
COMPANION_KEY = _error(
    "TP035",
    "`{key}` only goes with `{companion}`",
    "remove `{key}`, or write `{companion}` here",
)

# Names that nobody knows.

UNKNOWN_DISTRIBUTION = _error(
    "TP040",
    "there is no distribution release `{name}`: {why}",
    "write one that `timepolicy distros` lists",
)
UNKNOWN_TIMEZONE = _error(
    "TP041",
    "the tz database has no timezone `{name}`",
    "write a name that `timedatectl list-timezones` shows, such as Asia/Shanghai or UTC",
)
MALFORMED_HOST = _error(
    "TP042",
    "`{value}` looks like an IP address and is none",
    "correct the address, or write a host name",
)
OVERRIDE_MATCHES_NOTHING = _warning(
    "TP043",
    "`{pattern}` matches no release, so this override does nothing",
    "compare the pattern with the names that `timepolicy distros` lists",
)

# What a target cannot express.

DAEMON_CANNOT = _error(
    "TP060",
    "{daemon} cannot {what}",
    "write `daemon: chrony`, or `daemon: auto` to have one picked that can",
)
DAEMON_NOT_AVAILABLE = _error(
    "TP061",
    "{release} has no {daemon}",
    "write `daemon: auto`, or override the daemon for this release",
)
OPTION_TOO_NEW = _error(
    "TP062",
    "`{option}` needs chrony {needed}, and {release} has {version}",
    "remove it, or override the source for this release; chronyd does not start on an option that it does not know",
)
DHCP_SOURCES_UNKNOWN = _error(
    "TP063",
    "no way is known to give {daemon} the DHCP servers on {release}",
    "write `dhcp_sources: ignore`, or override it for this release",
)

# Sense across fields.

MIN_SOURCES_TOO_HIGH = _error(
    "TP080",
    "{min_sources} sources must agree, and clients have {sources}: the clock would never be set",
    "lower `min_sources` to at most {sources}, or add sources",
)
POLL_ORDER = _error(
    "TP081",
    "`min_poll` {min_poll} is longer than `max_poll` {max_poll}",
    "lower `min_poll`, or raise `max_poll`",
)
FALLBACK_WITHOUT_SERVERS = _error(
    "TP082",
    "`fallback` does nothing without `servers`: clients ask the upstreams",
    "move these sources to `upstreams`, or add `servers`",
)
GATE_NEVER_PASSES = _warning(
    "TP083",
    "a clock that is never stepped can take days to come right, and the gate waits for it",
    "write `when: boot`, or open the gate with `units: []`",
)

# Notes.

CATALOGUE_ASSUMPTION = _note(
    "TP100",
    "{release}: {assumption}",
    "check it on a node of your own if it matters to you",
)

RULES: dict[str, Rule] = {rule.code: rule for rule in list(globals().values()) if isinstance(rule, Rule)}
"""Every rule by its code, in the order of the codes."""
