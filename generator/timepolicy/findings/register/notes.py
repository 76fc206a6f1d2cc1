"""TP100-TP109: notes."""

from timepolicy.findings.finding import note

CATALOGUE_ASSUMPTION = note(
    "TP100",
    "{release}: {assumption}",
    "check it on a node of your own if it matters to you",
)
