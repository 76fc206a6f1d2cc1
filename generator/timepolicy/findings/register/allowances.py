"""TP110-TP119: what is wrong with an entry of `allow`. All are warnings: no such entry changes what a node gets."""

from timepolicy.findings.finding import warning

UNKNOWN_CODE = warning(
    "TP110",
    "there is no rule `{code}`, so this allows nothing",
    "write the code that a finding shows in brackets, such as TP083",
)
ERROR_ALLOWED = warning(
    "TP111",
    "`{code}` is an error, and errors cannot be allowed",
    "remove this entry, and correct what the error points at",
)
ALLOWANCE_ALLOWED = warning(
    "TP112",
    "`{code}` is about `allow` itself, which cannot be allowed",
    "remove this entry, and correct the one that `{code}` points at",
)
SILENCES_NOTHING = warning(
    "TP113",
    "no `{code}` is found, so this allows nothing",
    "remove this entry; if it is for one release, name that under `distros`",
)
SILENCES_NOTHING_HERE = warning(
    "TP114",
    "no `{code}` is found at `{at}`, so this allows nothing",
    "correct the path, or remove this entry",
)
