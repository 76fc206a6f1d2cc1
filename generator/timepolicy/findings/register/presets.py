"""TP290-TP299: presets, which stand for a cloud's own time servers."""

from timepolicy.findings.finding import error, warning

BESIDE_EXCLUSIVE = warning(
    "TP290",
    "{cloud} asks its nodes to use no other source beside its own, and `{host}` is one",
    "keep the preset alone",
)
TWO_CLOUDS = warning(
    "TP291",
    "a node is in {first} or in {second}, and reaches the time servers of one of them",
    "name one preset, and set the other by an override for the nodes that are there",
)
PRESET_UNAUTHENTICATED = error(
    "TP292",
    "the servers of {cloud} have neither NTS nor keys for their nodes",
    "remove `{option}`",
)
CLOCK_ALONE = error(
    "TP293",
    "`{device}` is the only source: a node could not prove its clock against anything else",
    "add a server beside it",
)
CLOCK_OPTION = error(
    "TP294",
    "`{option}` is for servers, and this is a hardware clock",
    "remove it",
)
