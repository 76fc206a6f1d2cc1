"""TP160-TP179: serving time to others."""

from timepolicy.findings.finding import error

MALFORMED_NETWORK = error(
    "TP160",
    "`{value}` looks like a network and is none",
    "write an address and its prefix length, such as 10.2.0.0/16 or fd00:2::/64",
)
HOST_BITS = error(
    "TP161",
    "`{value}` is an address within a network, not a network",
    "write the network's first address, or the prefix length /32 (IPv6: /128) for one host alone",
)
SERVES_NOBODY = error(
    "TP162",
    "servers answer nobody: the policy allows no network",
    "add `allow` to `servers`, with the networks of the nodes that ask",
)
SERVERS_WITHOUT_TIME = error(
    "TP163",
    "the servers have no time to serve: there are no `upstreams`, and no `orphan_stratum` lets them go without",
    "add `upstreams`; or, if nobody outside can be asked, `orphan_stratum: 10` to `servers`",
)
CLIENT_KEY_FOR_SERVERS = error(
    "TP164",
    "`{key}` is for clients, and this override is for servers: they follow whatever agrees among all their sources",
    "remove it, or match other nodes",
)
ORPHANS_UNHEARD = error(
    "TP165",
    "in orphan mode the servers that follow are one stratum above, and 16 means unsynchronised",
    "write 14 at most; 10 leaves room on both sides",
)
