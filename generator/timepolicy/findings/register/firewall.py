"""TP260-TP279: firewalls."""

from timepolicy.findings.finding import error, warning

FIREWALL_NOT_PACKAGED = error(
    "TP260",
    "{release} has no {backend} that could be used",
    "write `backend: auto`, which takes the firewall that is active on the node",
)
NOTHING_TO_OPEN = warning(
    "TP261",
    "no node's firewall has anything to open: no `servers` are allowed to be asked, and `egress` is not set",
    "remove `firewall`; replies to a client's own packets need no opening",
)
