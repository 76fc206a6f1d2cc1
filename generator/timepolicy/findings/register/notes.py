"""TP100-TP109: notes."""

from timepolicy.findings.finding import note

CATALOGUE_ASSUMPTION = note(
    "TP100",
    "{release}: {assumption}",
    "check it on a node of your own if it matters to you",
)
PAST_ITS_END = note(
    "TP101",
    "{release} is past its end of life, {month}: nobody mends its time daemon any more",
    "move to a release that is maintained",
)
