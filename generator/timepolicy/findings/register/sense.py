"""TP080-TP099: sense across fields."""

from timepolicy.findings.finding import error, warning

MIN_SOURCES_TOO_HIGH = error(
    "TP080",
    "{min_sources} sources must agree, and clients have {sources}: the clock would never be set",
    "lower `min_sources` to at most {sources}, or add sources",
)
POLL_ORDER = error(
    "TP081",
    "`min_poll` {min_poll} is longer than `max_poll` {max_poll}",
    "lower `min_poll`, or raise `max_poll`",
)
FALLBACK_WITHOUT_SERVERS = error(
    "TP082",
    "`fallback` does nothing without `servers`: clients ask the upstreams",
    "move these sources to `upstreams`, or add `servers`",
)
GATE_NEVER_PASSES = warning(
    "TP083",
    "a clock that is never stepped can take days to come right, and the gate waits for it",
    "write `when: boot`, or open the gate with `units: []`",
)
SERVER_ASKS_ITSELF = error(
    "TP084",
    "`{host}` is one of the cluster's own servers, which have no time but the upstreams'",
    "remove it from `upstreams`; the servers ask each other anyway",
)
FAMILY_NOT_ALLOWED = error(
    "TP085",
    "no {family} network is allowed: whoever asks the server `{host}` is refused",
    "add the clients' {family} network to `allow`, or remove this address",
)
GATE_HOLDS_TIME = error(
    "TP086",
    "the gate cannot open before `{unit}` runs, and this unit would wait for the gate",
    "remove it from `units`",
)
OFFSET_OF_NOTHING = error(
    "TP087",
    "no clock is exactly right: with a `max_offset` of {max_offset} the gate never opens",
    "write the largest offset that does no harm, such as 100ms",
)
