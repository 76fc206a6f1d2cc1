"""TP310-TP339: systems that the node agent does not run on, and formats of the product."""

from timepolicy.findings.finding import error, warning

SYSTEM_CANNOT = error(
    "TP310",
    "{release} cannot {what}",
    "change it, remove it, or override it for {release}",
)
NO_AGENT = warning(
    "TP311",
    "{release} has no node agent: {waits}, and nothing reports",
    "ignore this finding with a reason if that is enough there",
)
