"""What is sensible and what is not: each rule beside the nearest policy of which it must say nothing."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT, compile_text
from timepolicy.policy.role import Role

SERVER = Role.SERVER
UTC, SHANGHAI = "timezone: UTC\n", "timezone: Asia/Shanghai\n"
THREE = UTC + "upstreams: [a.example, b.example, c.example]\n"


def ask(*sources: str, timezone: str = UTC) -> str:
    return timezone + "".join(["upstreams:\n", *(f"  - {source}\n" for source in sources)])


def serve(addresses: str, allow: str) -> str:
    return f"servers: {{addresses: [{addresses}], allow: [{allow}]}}\n"


@dataclass(frozen=True)
class Row:
    """A policy, and each finding as code and policy path."""

    text: str
    found: tuple[tuple[str, str], ...] = ()
    role: Role = Role.CLIENT


NODES = "10.2.12.11, 10.2.12.12, 10.2.12.13"

ROWS = {
    "one source": Row(ask("a.example"), (("TP121", "upstreams"),)),
    "one source that is meant": Row(ask("a.example") + "clients: {min_sources: 1}\n"),
    "one that counts": Row(ask("a.example", "{server: b.example, noselect: true}"), (("TP121", "upstreams"),)),
    "two sources": Row(ask("a.example", "b.example"), (("TP120", "upstreams"),)),
    "two that must agree": Row(ask("a.example", "b.example") + "clients: {min_sources: 2}\n"),
    "three sources": Row(THREE),
    "a pool of two": Row(ask("{pool: a.example, max_sources: 2}"), (("TP120", "upstreams"),)),
    "a pool": Row(ask("{pool: a.example}")),
    "one source and DHCP's": Row(ask("a.example") + "clients: {dhcp_sources: use}\n"),
    "two servers for clients": Row(
        THREE + "servers: {addresses: [10.2.12.11, 10.2.12.12]}\n", (("TP120", "servers.addresses"),)
    ),
    "a server does not count itself": Row(
        ask("a.example", "b.example") + serve("10.2.12.11", "10.2.0.0/16"), (("TP120", "upstreams"),), SERVER
    ),
    "an isolated server": Row(
        UTC + "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16], orphan_stratum: 10}\n", (), SERVER
    ),
    "an upstream that is a server": Row(
        ask("a.example", "b.example", "c.example", "fd00:2:0::11") + "servers: {addresses: ['fd00:2::11', d.e, f.g]}\n",
        (("TP084", "upstreams[3]"),),
    ),
    "two spellings of a name": Row(
        ask("a.example", "b.example", "c.example", "A.example"), (("TP122", "upstreams[3]"),)
    ),
    "two spellings of an address": Row(
        ask("a.example", "b.example", "'2001:db8::1'", "'2001:DB8:0::1'"), (("TP122", "upstreams[3]"),)
    ),
    "two ports of a host": Row(ask("a.example", "b.example", "{server: a.example, port: 124}")),
    "a server as its own fallback": Row(
        THREE + f"servers: {{addresses: [{NODES}]}}\nclients: {{fallback: [10.2.12.13]}}\n",
        (("TP122", "clients.fallback[0]"),),
    ),
    "an upstream as fallback": Row(
        THREE + f"servers: {{addresses: [{NODES}]}}\nclients: {{fallback: [a.example]}}\n"
    ),
    "smearing among others": Row(
        ask("a.example", "b.example", "Time1.Google.com"), (("TP123", "upstreams[2]"),)
    ),
    "smearing alone": Row(ask("time1.google.com", "time2.google.com", "169.254.169.123")),
    "smearing behind the cluster's servers": Row(
        ask("time1.google.com", "time2.google.com", "time3.google.com") + serve(NODES, "10.2.0.0/16"), (), SERVER
    ),
    "parts of a whole": Row(
        ask("time1.google.com", "time.google.com", "time2.google.com"),
        (("TP132", "upstreams[1]"), ("TP132", "upstreams[2]")),
    ),
    "no IPv6 network": Row(
        THREE + serve(NODES + ", 'fd00:2::11'", "10.2.0.0/16"), (("TP085", "servers.addresses[3]"),), SERVER
    ),
    "no IPv4 network": Row(
        THREE + serve("'fd00:2::11', 'fd00:2::12', 10.2.12.11", "'fd00:2::/64'"),
        (("TP085", "servers.addresses[2]"),),
    ),
    "both families": Row(THREE + serve(NODES + ", 'fd00:2::11'", "10.2.0.0/16, 'fd00:2::/64'"), (), SERVER),
    "names of servers": Row(THREE + serve("a1.example, a2.example, a3.example", "10.2.0.0/16"), (), SERVER),
    "a server that the others refuse": Row(
        THREE + serve("10.2.12.11, 10.2.12.12, 10.3.12.13", "10.2.0.0/16"), (("TP126", "servers.addresses[2]"),), SERVER
    ),
    "a single server elsewhere": Row(THREE + serve("10.3.0.1", "10.2.0.0/16"), (), SERVER),
    "everybody": Row(THREE + serve(NODES, "0.0.0.0/0"), (("TP124", "servers.allow[0]"),), SERVER),
    "everybody of IPv6": Row(
        THREE + serve(NODES, "10.2.0.0/16, '::/0'"), (("TP124", "servers.allow[1]"),), SERVER
    ),
    "wider than the private network": Row(THREE + serve(NODES, "10.0.0.0/7"), (("TP124", "servers.allow[0]"),), SERVER),
    "the private network": Row(THREE + serve(NODES, "10.0.0.0/8, 'fc00::/7'"), (), SERVER),
    "an organisation's own": Row(THREE + serve(NODES, "10.2.0.0/16, 198.51.0.0/16, '2001:db8::/32'"), (), SERVER),
    "a network in another": Row(
        THREE + serve(NODES, "10.2.12.0/24, 10.2.0.0/16"), (("TP125", "servers.allow[0]"),), SERVER
    ),
    "networks side by side": Row(THREE + serve(NODES, "10.2.0.0/17, 10.2.128.0/17"), (), SERVER),
    "a gated daemon": Row(THREE + "gate: {units: [chronyd.service]}\n", (("TP086", "gate.units[0]"),)),
    "back at any time": Row(THREE + "step: {when: always}\n", (("TP127", "step.when"),)),
    "back at boot": Row(THREE + "step: {when: boot}\n"),
    "no time to wait": Row(
        THREE + "gate: {timeout: 19s, on_timeout: start}\n", (("TP128", "gate.timeout"),)
    ),
    "a little time to wait": Row(THREE + "gate: {timeout: 20s, on_timeout: start}\n"),
    "no time, and blocked": Row(THREE + "gate: {timeout: 5s, on_timeout: block}\n"),
    "no time for nothing": Row(THREE + "gate: {timeout: 5s, on_timeout: start, units: []}\n"),
    "a tight limit": Row(
        ask("{pool: pool.ntp.org}") + "gate: {max_offset: 4.999ms}\n", (("TP129", "gate.max_offset"),)
    ),
    "a limit that can be kept": Row(ask("{pool: pool.ntp.org}") + "gate: {max_offset: 5ms}\n"),
    "a tight limit with a near server": Row(ask("{pool: pool.ntp.org}", "10.2.1.1") + "gate: {max_offset: 1ms}\n"),
    "a pool far away": Row(ask("{pool: 0.us.pool.ntp.org}", timezone=SHANGHAI), (("TP130", "upstreams[0]"),)),
    "a continent far away": Row(ask("{pool: europe.pool.ntp.org}", timezone=SHANGHAI), (("TP130", "upstreams[0]"),)),
    "a pool nearby": Row(ask("{pool: jp.pool.ntp.org}", timezone=SHANGHAI)),
    "the country's own zone": Row(ask("{pool: uk.pool.ntp.org}", timezone="timezone: Europe/London\n")),
    "an island's continent": Row(ask("{pool: nz.pool.ntp.org}", timezone="timezone: Pacific/Auckland\n")),
    "a zone of no place": Row(ask("{pool: us.pool.ntp.org}")),
    "a pool of no place": Row(ask("{pool: 1.pool.ntp.org}", timezone=SHANGHAI)),
    "a vendor's zone": Row(ask("{pool: 2.debian.pool.ntp.org}", timezone=SHANGHAI), (("TP131", "upstreams[0]"),)),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_advice(row: Row) -> None:
    _, findings = compile_text(row.text, "rocky-9", row.role)
    told = [finding for finding in findings if finding.rule.code != "TP100"]
    assert tuple((finding.rule.code, finding.path) for finding in told) == row.found


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*/timepolicy.yaml")), ids=lambda path: path.parent.name)
@pytest.mark.parametrize("role", list(Role))
def test_an_example_needs_no_advice(path: Path, role: Role) -> None:
    found = {finding.rule.code for finding in compile_text(path.read_text(), "debian-12", role)[1].shown}
    assert found <= {"TP162"}  # one example's servers are somebody else's
