"""TP260-TP279: firewalls."""

from timepolicy.findings.finding import error

FIREWALL_NOT_PACKAGED = error(
    "TP260",
    "{release} has no {backend} that could be used",
    "write `backend: auto`, which takes the firewall that is active on the node",
)
