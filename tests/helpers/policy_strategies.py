"""Hypothesis strategies for policies that match the schema, written so that many of them compile."""

import json
from ipaddress import IPv4Address, IPv6Address, ip_network

from hypothesis import strategies as st

from tests.helpers.schema_walk import EXTRA_LINES
from timepolicy.policy.role import Role

HOSTS = st.sampled_from(["ntp.example.org", "a.b", "10.2.12.11", "2001:db8::1", "x" * 63 + ".org"])
POLLS = st.sampled_from([f"{2**n}s" for n in range(4, 11)])
DURATIONS = st.builds("{}{}".format, st.integers(1, 999), st.sampled_from(["ms", "s", "m"]))
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "port": st.integers(1, 65535),
        "iburst": st.booleans(),
        "min_poll": POLLS,
        "max_poll": POLLS,
        "prefer": st.booleans(),
        "noselect": st.booleans(),
        "xleave": st.booleans(),
        "copy": st.booleans(),
        "family": st.sampled_from(["ipv4", "ipv6"]),
        "max_unreach": st.integers(1, 1000),
        "max_delay": DURATIONS,
    },
)
SERVERS = st.builds(lambda host, options: {"server": host, **options}, HOSTS, OPTIONS)
POOLS = st.builds(lambda host, count: {"pool": host, "max_sources": count}, HOSTS, st.integers(1, 16))
SOURCES = st.lists(st.one_of(HOSTS, SERVERS, POOLS), min_size=1, max_size=5, unique_by=json.dumps)
GATES = st.fixed_dictionaries(
    {},
    optional={
        "units": st.lists(st.sampled_from(["kubelet.service", "a@b.service", "k3s.service"]), unique=True),
        "max_offset": DURATIONS,
        "timeout": DURATIONS,
        "on_timeout": st.sampled_from(["block", "start"]),
    },
)
CLIENTS = st.fixed_dictionaries(
    {},
    optional={
        "daemon": st.sampled_from(["auto", "chrony", "systemd-timesyncd"]),
        "dhcp_sources": st.sampled_from(["ignore", "use"]),
        "listen": st.sampled_from(["loopback", "none"]),
        "min_sources": st.integers(1, 4),
        "extra": st.fixed_dictionaries({"chrony": st.lists(EXTRA_LINES, max_size=3, unique=True)}),
    },
)
STEPS = st.fixed_dictionaries(
    {}, optional={"threshold": DURATIONS, "when": st.sampled_from(["pause", "boot", "always", "never"])}
)
IPV4 = st.integers(0, 2**32 - 1).map(lambda number: str(IPv4Address(number)))
IPV6 = st.integers(0, 2**128 - 1).map(lambda number: str(IPv6Address(number)))
NETWORKS = st.one_of(
    st.builds(lambda address, length: str(ip_network(f"{address}/{length}", strict=False)), IPV4, st.integers(0, 32)),
    st.builds(lambda address, length: str(ip_network(f"{address}/{length}", strict=False)), IPV6, st.integers(0, 128)),
    st.builds("{}/{}".format, st.one_of(IPV4, IPV6), st.integers(0, 999)),
)
SERVING = st.fixed_dictionaries(
    {"addresses": st.lists(HOSTS, min_size=1, max_size=4, unique=True)},
    optional={
        "allow": st.lists(NETWORKS, min_size=1, max_size=4, unique=True),
        "orphan_stratum": st.integers(1, 15),
    },
)
POLICIES = st.fixed_dictionaries(
    {"timezone": st.sampled_from(["UTC", "Asia/Shanghai"]), "upstreams": SOURCES},
    optional={
        "gate": GATES,
        "clients": CLIENTS,
        "step": STEPS,
        "servers": SERVING,
        "name": st.from_regex(r"[a-z]{1,9}", fullmatch=True),
    },
)
ROLES = st.sampled_from(Role)
