"""TP020-TP039: the shape of a policy."""

from timepolicy.findings.finding import error

UNKNOWN_KEY = error(
    "TP020",
    "unknown key `{key}`",
    "remove it, or use one of {allowed}",
)
MISSPELT_KEY = error(
    "TP021",
    "unknown key `{key}`",
    "correct the spelling, or remove the key",
)
MISPLACED_KEY = error(
    "TP022",
    "`{key}` does not belong here",
    "move it to {places}",
)
MISSING_KEY = error(
    "TP024",
    "{what} is missing",
    "add {advice}",
)
EMPTY_VALUE = error(
    "TP025",
    "{place} has no value",
    "write {expected}, or remove it if you do not need it",
)
WRONG_TYPE = error(
    "TP026",
    "{place} is {found}, not {expected}",
    "{advice}",
)
NO_UNIT = error(
    "TP027",
    "the duration {value} has no unit",
    "give it a unit, such as {value}ms, {value}s or {value}m",
)
MALFORMED_TEXT = error(
    "TP028",
    "{value} is not {expected}",
    "{advice}",
)
NOT_ONE_OF = error(
    "TP029",
    "{found} is not a value of `{key}`",
    "write {choices}",
)
WRONG_VERSION = error(
    "TP030",
    "{found} is not a version of the policy language that this timepolicy knows",
    "write `version: {known}`, or use a newer timepolicy",
)
OUT_OF_RANGE = error(
    "TP031",
    "`{key}` is {value}, out of range",
    "write a whole number {limits}",
)
WRONG_LENGTH = error(
    "TP032",
    "{place} has {count}",
    "write {limits}",
)
LISTED_TWICE = error(
    "TP033",
    "{value} is in the list twice; the first is in line {line}",
    "keep one of the two",
)
EXCLUSIVE_KEYS = error(
    "TP034",
    "{keys} exclude each other",
    "keep one of them; a second source is a list entry of its own",
)
COMPANION_KEY = error(
    "TP035",
    "`{key}` only goes with `{companion}`",
    "remove `{key}`, or write `{companion}` here",
)
