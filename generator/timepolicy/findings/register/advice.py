"""TP120-TP159: what is compiled as it stands, and may still not be what is meant."""

from timepolicy.findings.finding import note, warning

NO_MAJORITY = warning(
    "TP120",
    "two sources cannot outvote each other: while they disagree, neither is believed",
    "name three sources or more, or state `min_sources: 2` if both are to agree",
)
ONE_SOURCE = note(
    "TP121",
    "`{host}` is the only source, and is believed whatever it says",
    "name three sources or more, so that a wrong one is outvoted",
)
SAME_SERVER_TWICE = warning(
    "TP122",
    "`{host}` is the same server as the one in line {line}: two votes, and one opinion",
    "keep one of the two",
)
SMEARS_AMONG_OTHERS = warning(
    "TP123",
    "`{smearing}` smears leap seconds, and `{other}` is not known to: around one they differ by up to 0.5 s",
    "use only sources that smear alike, or only sources that do not",
)
SERVES_THE_WORLD = warning(
    "TP124",
    "`{network}` lets {whom} ask these servers",
    "allow only the networks that the cluster's nodes are in",
)
ALLOWED_ALREADY = note(
    "TP125",
    "`{network}` lies within `{wider}`, which is allowed as a whole",
    "remove it, or allow less than `{wider}`",
)
SERVER_NOT_ALLOWED = warning(
    "TP126",
    "`{host}` is in no allowed network: the other servers do not answer it",
    "add its network to `allow`",
)
STEPS_WHILE_RUNNING = warning(
    "TP127",
    "the clock may be set back while programs run: databases and leases take that badly",
    "write `when: pause`, which steps at boot and later only forward",
)
TIMEOUT_TOO_SHORT = warning(
    "TP128",
    "the gate opens after {timeout}, before a daemon can have set the clock: that takes up to {needed}",
    "write a longer `timeout`, such as 10m, or `on_timeout: block`",
)
OFFSET_TOO_TIGHT = warning(
    "TP129",
    "an offset below {max_offset} cannot be proven over the internet, and the gate may stay shut",
    "write {provable} or more, or use servers in the cluster's own network",
)
POOL_ELSEWHERE = note(
    "TP130",
    "`{host}` are servers of another part of the world than {timezone}",
    "use the pool's zone of your country or continent: a long way makes the time less exact",
)
VENDOR_ZONE = note(
    "TP131",
    "`{zone}.pool.ntp.org` is not a country's zone: it is for the products of one vendor",
    "use the zone of your country; a vendor asks the pool for a zone of its own",
)
SOURCES_OVERLAP = note(
    "TP132",
    "`{host}` and `{other}` lead to the same machines",
    "keep one of the two, or take other servers for one of them",
)
