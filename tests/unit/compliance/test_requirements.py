"""What each rule says about nodes, by the files that they get."""

import pytest

from timepolicy.compiler import read_policy
from timepolicy.compliance.audit import NodeAudit, audit, profile_named
from timepolicy.compliance.judgement import Judgement, Status
from timepolicy.compliance.requirements import JUDGES
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.facts.compliance import PROFILES, Requirement
from timepolicy.source import Source

THREE = "timezone: UTC\nupstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]\n"
CLOSED = THREE + "clients: {daemon: chrony, listen: none}\n"
CHRONY = THREE + "clients: {daemon: chrony}\n"
POOL = CLOSED.replace("ntp2.example.org", "{pool: pool.example.org}")
SLOW = CLOSED.replace("ntp2.example.org", "{server: ntp2.example.org, max_poll: 65536s}")
TIER = CLOSED + "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16]}\n"
NONE = THREE + "clients: {daemon: none}\n"
DHCP = THREE + "clients: {daemon: chrony, dhcp_sources: use}\n"
STEPS = CHRONY + "step: {when: always, threshold: 1s}\n"
TOO_LATE = CHRONY + "step: {when: always, threshold: 2s}\n"
SHANGHAI = CHRONY.replace("UTC", "Asia/Shanghai")
GREENWICH = CHRONY.replace("UTC", "Etc/GMT")
CLOCK = "timezone: UTC\nupstreams: [{phc: /dev/ptp0}]\nclients: {daemon: chrony, listen: none}\n"
PUBLIC = CHRONY.replace("ntp3.example.org", "time.cloudflare.com")

EL9, UBUNTU, UBUNTU_CIS, SLES = (
    ("stig-rhel9", "rhel-9"),
    ("stig-ubuntu2204", "ubuntu-22.04"),
    ("cis-ubuntu2204", "ubuntu-22.04"),
    ("stig-sles15", "sles-15-sp7"),
)

CASES = {
    "chrony, EL": (THREE, EL9, "RHEL-09-252010", "satisfied", None),
    "no daemon": (NONE, EL9, "RHEL-09-252010", "exception needed", "clients.daemon"),
    "enabled": (THREE, EL9, "RHEL-09-252015", "satisfied", None),
    "servers": (CLOSED, EL9, "RHEL-09-252020", "satisfied", None),
    "a pool": (POOL, EL9, "RHEL-09-252020", "conflict", "upstreams[1]"),
    "the longest poll": (SLOW, EL9, "RHEL-09-252020", "satisfied", None),
    "only a clock": (CLOCK, EL9, "RHEL-09-252020", "exception needed", "upstreams"),
    "DHCP on Ubuntu": (DHCP, UBUNTU, "UBTU-22-252010", "exception needed", "clients.dhcp_sources"),
    "a port": (CHRONY, EL9, "RHEL-09-252025", "conflict", "clients"),
    "no port": (CLOSED, EL9, "RHEL-09-252025", "satisfied", None),
    "a command port": (THREE, EL9, "RHEL-09-252030", "conflict", ""),
    "no command port": (CLOSED, EL9, "RHEL-09-252030", "satisfied", None),
    "timesyncd possible": (THREE, UBUNTU, "UBTU-22-215020", "conflict", ""),
    "timesyncd possible, poll": (THREE, UBUNTU, "UBTU-22-252010", "conflict", ""),
    "only chrony": (CHRONY, UBUNTU, "UBTU-22-215020", "satisfied", None),
    "no ntp": (NONE, UBUNTU, "UBTU-22-215025", "satisfied", None),
    "steps at boot": (CHRONY, UBUNTU, "UBTU-22-252015", "conflict", ""),
    "always steps": (STEPS, UBUNTU, "UBTU-22-252015", "satisfied", None),
    "steps from 2 s on": (TOO_LATE, UBUNTU, "UBTU-22-252015", "conflict", "step.when"),
    "UTC": (CHRONY, UBUNTU, "UBTU-22-252020", "satisfied", None),
    "Shanghai": (SHANGHAI, UBUNTU, "UBTU-22-252020", "conflict", "timezone"),
    "GMT": (GREENWICH, UBUNTU, "UBTU-22-252020", "conflict", "timezone"),
    "GMT on SLES": (GREENWICH, SLES, "SLES-15-010410", "satisfied", None),
    "UTC on SLES": (CHRONY, SLES, "SLES-15-010410", "satisfied", None),
    "Shanghai on SLES": (SHANGHAI, SLES, "SLES-15-010410", "conflict", "timezone"),
    "a pool on SLES": (POOL, SLES, "SLES-15-010400", "conflict", "upstreams[1]"),
    "one daemon": (THREE, UBUNTU_CIS, "2.3.1.1", "satisfied", None),
    "timesyncd's servers": (THREE, UBUNTU_CIS, "2.3.2.1", "satisfied", None),
    "timesyncd, with chrony": (CHRONY, UBUNTU_CIS, "2.3.2.2", "not applicable", None),
    "chrony's user": (CHRONY, UBUNTU_CIS, "2.3.3.2", "satisfied", None),
    "chrony's servers": (DHCP, UBUNTU_CIS, "2.3.3.1", "exception needed", "clients.dhcp_sources"),
    "own servers": (CHRONY, ("pci-dss", "rhel-9"), "10.6.2", "satisfied", None),
    "a public service": (PUBLIC, ("pci-dss", "rhel-9"), "10.6.2", "conflict", "upstreams[2]"),
    "protection": (CHRONY, ("pci-dss", "rhel-9"), "10.6.3", "exception needed", None),
}


def audits(text: str, profile: str, release: str | None, role: str | None = None) -> list[NodeAudit]:
    source = Source(name="timepolicy.yaml", text=text)
    found = read_policy(source).then(lambda document: audit(document, profile_named(profile), release, role)).value
    assert found is not None
    return found


def judgements(text: str, profile: str, release: str, role: str = "client") -> dict[str, Judgement]:
    (one,) = audits(text, profile, release, role)
    return {number: judgement for number, _, judgement in one.rules}


@pytest.mark.parametrize("case", CASES)
def test_a_rule_says(case: str) -> None:
    text, (profile, release), number, status, path = CASES[case]
    found = judgements(text, profile, release)[number]
    assert (found.status, found.place.path if found.place else None) == (status, path), found
    assert bool(found.help) == (status in {"conflict", "exception needed"})


def test_a_server_needs_exceptions_for_its_ports_and_its_clients_do_not() -> None:
    client, server = audits(TIER, "stig-rhel9", "rhel-9")
    assert [(one.node.role, one.count(Status.CONFLICT)) for one in (client, server)] == [("client", 0), ("server", 0)]
    by_number = judgements(TIER, "stig-rhel9", "rhel-9", "server")
    exceptions = {number for number, found in by_number.items() if found.status == "exception needed"}
    assert exceptions == {"RHEL-09-252025", "RHEL-09-252030"}
    assert all(by_number[number].place == server.node.place("servers.allow") for number in exceptions)


def test_a_servers_sources_are_also_the_other_servers() -> None:
    """The agent writes them on the node: chrony.conf of servers without upstreams has none."""
    text = CHRONY.replace(
        CHRONY.splitlines()[1], "servers: {addresses: [10.2.12.11, 10.2.12.12], allow: [10.2.0.0/16]}"
    )
    found = judgements(text.replace("]}", "], orphan_stratum: 10}"), "stig-rhel9", "rhel-9", "server")["RHEL-09-252020"]
    assert (found.status, found.why) == ("satisfied", "/etc/chrony.conf: 2 servers, `maxpoll` set for each")


def test_the_evidence_is_what_the_file_has() -> None:
    found = judgements(CLOSED, "stig-rhel9", "rhel-9")
    assert found["RHEL-09-252020"].why == "/etc/chrony.conf: 3 servers, `maxpoll` set for each"
    assert found["RHEL-09-252025"].why == "/etc/chrony.conf: `port 0`"
    pool = judgements(POOL, "stig-rhel9", "rhel-9")["RHEL-09-252020"].why
    assert pool == "/etc/chrony.conf: `pool pool.example.org iburst maxpoll 8` is a pool"


def test_every_requirement_is_judged_and_demanded() -> None:
    demanded = {requirement for profile in PROFILES.values() for requirement in profile.rules.values()}
    assert demanded == set(Requirement) == set(JUDGES)


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_for_releases_with_the_agent(name: str) -> None:
    profile = PROFILES[name]
    assert set(profile.releases) <= set(AGENT_RELEASES)
    for release in profile.releases:
        found = judgements(THREE, name, release)
        assert list(found) == list(profile.rules)
