"""What a release cannot do, and what makes no sense: each rule is provoked, at the policy's own line."""

from dataclasses import dataclass

import pytest

from tests.helpers.cases import agent_plan_of, compile_text, file_of
from timepolicy.findings.finding import Severity
from timepolicy.policy.role import Role
from timepolicy.rulebook import RULES

HEAD = "timezone: UTC\nupstreams:\n"
ONE = HEAD + "  - ntp.example.org\n"


@dataclass(frozen=True)
class Row:
    """A policy for a release, the codes that it provokes and the text at which the first one points."""

    text: str
    codes: tuple[str, ...]
    at: str
    release: str = "debian-12"
    role: Role = Role.CLIENT


SERVES = "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16]}\n"
VOTED = "clients: {min_sources: 1}\n"
SERVED = "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16], "
KEYS = "authentication: {keys_file: /etc/chrony/keys}\n"
REQUIRED = "require_authentication: true\n"
TIMESYNCD = "clients: {daemon: systemd-timesyncd}\n"

ROWS = {
    "timesyncd cannot vote": Row(
        ONE + "  - b.example.org\nclients: {daemon: systemd-timesyncd, min_sources: 2}\n", ("TP060",), "2"
    ),
    "timesyncd always steps": Row(ONE + TIMESYNCD + "step: {when: boot}\n", ("TP060",), "boot"),
    "timesyncd has its own threshold": Row(
        ONE + TIMESYNCD + "step: {threshold: 2s}\n", ("TP060",), "2s"
    ),
    "timesyncd has no port": Row(HEAD + "  - {server: a.b, port: 124}\n" + TIMESYNCD, ("TP060",), "124"),
    "timesyncd has one poll interval": Row(
        HEAD + "  - {server: a.b, min_poll: 32s}\n  - c.d\n  - e.f\n" + TIMESYNCD, ("TP060",), "32s"
    ),
    "timesyncd does not poll that often": Row(
        HEAD + "  - {server: a.b, min_poll: 8s}\n" + TIMESYNCD, ("TP060",), "8s"
    ),
    "no timesyncd on the release": Row(ONE + TIMESYNCD, ("TP061",), "systemd-timesyncd", "rocky-9"),
    "copy needs chrony 4.1": Row(HEAD + "  - {server: a.b, copy: true}\n", ("TP062",), "true", "debian-11"),
    "family needs chrony 4.6": Row(
        HEAD + "  - {server: a.b, family: ipv6}\nclients: {daemon: chrony}\n", ("TP062",), "ipv6"
    ),
    "max_unreach needs chrony 4.8": Row(
        HEAD + "  - {server: a.b, max_unreach: 100}\n", ("TP062",), "100", "debian-13"
    ),
    "an unknown chrony is taken to be old": Row(
        HEAD + "  - {server: a.b, copy: true}\n", ("TP062",), "true", "kylin-v10"
    ),
    "DHCP sources nobody knows how to get": Row(
        ONE + "clients: {dhcp_sources: use}\n", ("TP063",), "use", "amazon-linux-2023"
    ),
    "more must agree than there are": Row(ONE + "clients: {min_sources: 2}\n", ("TP080",), "2"),
    "noselect sources do not agree with anything": Row(
        HEAD + "  - a.b\n  - {server: c.d, noselect: true}\nclients: {min_sources: 2}\n", ("TP080",), "2"
    ),
    "a pool counts four times": Row(
        HEAD + "  - {pool: a.b}\nclients: {min_sources: 5}\n", ("TP080",), "5"
    ),
    "polls out of order": Row(
        HEAD + "  - {server: a.b, min_poll: 128s, max_poll: 64s}\n", ("TP081",), "128s", "rocky-9"
    ),
    "a fallback of nothing": Row(ONE + "clients: {fallback: [b.example.org]}\n", ("TP082",), "[b.example.org]"),
    "a gate that stays shut": Row(
        ONE + "clients: {daemon: chrony}\nstep: {when: never}\n", ("TP083",), "never"
    ),
    "an unknown zone": Row("timezone: Asia/Shangai\nupstreams: [a.b]\n", ("TP041",), "Asia/Shangai"),
    "no address": Row("timezone: UTC\nupstreams: [10.2.12.999]\n", ("TP042",), "10.2.12.999"),
    "an override for nothing": Row(
        ONE + "overrides:\n  - {match: {distro: rokcy-9}, set: {timezone: UTC}}\n", ("TP043",), "rokcy-9"
    ),
    "an override's own fault": Row(
        ONE + "overrides:\n  - {match: {distro: debian-12}, set: {timezone: Mars}}\n", ("TP041",), "Mars"
    ),
    "no network": Row(ONE + SERVES.replace("10.2.0.0/16", "10.2.0.0/33"), ("TP160",), "10.2.0.0/33"),
    "no network in an override": Row(
        ONE + "overrides: [{match: {role: client}, set: {servers: {addresses: [a.b], allow: ['fd00:::/64']}}}]\n",
        ("TP160",), "'fd00:::/64'",
    ),
    "a network with host bits": Row(ONE + SERVES.replace("10.2.0.0/16", "10.2.0.5/16"), ("TP161",), "10.2.0.5/16"),
    "a server without clients": Row(
        ONE + "servers: {addresses: [10.2.12.11]}\n", ("TP162",), "{addresses: [10.2.12.11]}", role=Role.SERVER
    ),
    "servers without time": Row(
        "timezone: UTC\n" + SERVES, ("TP163",), "{addresses: [10.2.12.11], allow: [10.2.0.0/16]}", role=Role.SERVER
    ),
    "a client's key for servers": Row(
        ONE + SERVES + "overrides: [{match: {role: server}, set: {clients: {min_sources: 2}}}]\n", ("TP164",), "2",
        role=Role.SERVER,
    ),
    "followers that nobody hears": Row(
        ONE + "servers: {addresses: [10.2.12.11, a.b, c.d], allow: [10.2.0.0/16], orphan_stratum: 15}\n",
        ("TP165",), "15",
    ),
    "NTS where chrony has none": Row(HEAD + "  - {server: a.b, nts: true}\n", ("TP280",), "true", "azurelinux-3"),
    "NTS of servers where chrony has none": Row(
        ONE + SERVED + "nts: {certificate: /etc/chrony/a, key: /etc/chrony/b}}\n", ("TP280",),
        "{certificate: /etc/chrony/a, key: /etc/chrony/b}", "photon-5",
    ),
    "NTS needs chrony 4.0": Row(HEAD + "  - {server: a.b, nts: true}\n", ("TP062",), "true", "kylin-v10"),
    "timesyncd has no NTS": Row(HEAD + "  - {server: a.b, nts: true}\n" + TIMESYNCD, ("TP060",), "true"),
    "timesyncd has no keys": Row(HEAD + "  - {server: a.b, key: 7}\n" + TIMESYNCD + KEYS, ("TP060",), "7"),
    "NTS and a key": Row(HEAD + "  - {server: a.b, nts: true, key: 7}\n" + KEYS, ("TP281",), "7"),
    "NTS and a key of servers": Row(
        ONE + SERVED + "key: 7, nts: {certificate: /etc/chrony/a, key: /etc/chrony/b}}\n" + KEYS, ("TP281",), "7"
    ),
    "a key in no file": Row(HEAD + "  - {server: a.b, key: 7}\n", ("TP282",), "7"),
    "a key of servers in no file": Row(ONE + SERVED + "key: 7}\n", ("TP282",), "7"),
    "a plain source": Row(
        HEAD + "  - {server: a.b, key: 7}\n  - c.d\n  - {pool: e.f, key: 7}\n" + KEYS + REQUIRED, ("TP283",), "c.d"
    ),
    "plain servers": Row(
        HEAD + "  - {server: a.b, key: 7}\nservers: {addresses: [10.2.12.11]}\n" + KEYS + REQUIRED,
        ("TP283",), "10.2.12.11",
    ),
    "a circle of clock and certificates": Row(
        HEAD + "  - {server: a.b, nts: true}\n" + REQUIRED, ("TP284",), "true", "rocky-9"
    ),
    "DHCP where authentication is required": Row(
        HEAD + "  - {server: a.b, key: 7}\nclients: {dhcp_sources: use}\n" + KEYS + REQUIRED, ("TP286",), "use"
    ),
    "keys where AppArmor hides them": Row(
        HEAD + "  - {server: a.b, key: 7}\n" + KEYS.replace("/etc/chrony/", "/etc/"), ("TP287",), "/etc/keys"
    ),
    "keys in a file of ours": Row(
        HEAD + "  - {server: a.b, key: 7}\n" + KEYS.replace("chrony/keys", "chrony/chrony.conf"),
        ("TP065",), "/etc/chrony/chrony.conf",
    ),
    "authentication cannot be required of an old chrony": Row(
        HEAD + "  - {server: a.b, key: 7}\n" + KEYS + REQUIRED, ("TP062",), "true", "kylin-v10"
    ),
    "another source beside Google's": Row(
        HEAD + "  - {preset: gcp}\n  - time1.google.com\n" + VOTED, ("TP290",), "time1.google.com"
    ),
    "two clouds": Row(HEAD + "  - {preset: tencent}\n  - {preset: alibaba}\n", ("TP291",), "{preset: alibaba}"),
    "a preset with NTS": Row(HEAD + "  - {preset: oracle, nts: true}\n", ("TP292",), "true"),
    "a hardware clock alone": Row(HEAD + "  - {phc: /dev/ptp_kvm}\n", ("TP293",), "{phc: /dev/ptp_kvm}"),
    "a server's option at a clock": Row(
        HEAD + "  - {phc: /dev/ptp_kvm, iburst: false}\n  - ntp.example.org\n", ("TP294",), "false"
    ),
    "a clock that timesyncd cannot read": Row(
        ONE + "  - {phc: /dev/ptp_kvm}\nclients: {daemon: systemd-timesyncd}\n", ("TP060",), "{phc: /dev/ptp_kvm}"
    ),
    "an unknown release": Row(ONE + "distros: [debian-12, tallos]\n", ("TP040",), "tallos"),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_finding(row: Row) -> None:
    plan, findings = compile_text(row.text, row.release, row.role)
    told = [finding for finding in findings if finding.severity is not Severity.NOTE]
    assert tuple(finding.rule.code for finding in told) == row.codes
    span = told[0].span
    assert row.text.splitlines()[span.line - 1][span.column - 1 : span.end_column - 1] == row.at
    assert (plan is None) == any(finding.severity is Severity.ERROR for finding in told)


def test_every_rule_of_these_stages_is_provoked() -> None:
    provoked = {code for row in ROWS.values() for code in row.codes}
    # test_advice.py, test_allow.py, ../cli/test_sizes.py, ../cli/test_keys.py
    elsewhere = {code for code in RULES if "TP084" <= code < "TP160" or code in ("TP064", "TP288", "TP289")}
    checked = {code for code in RULES if "TP040" <= code < "TP200" or "TP280" <= code < "TP310"}
    notes = {code for code in checked if RULES[code].severity is Severity.NOTE}
    assert provoked - notes == checked - elsewhere - notes


def test_what_is_assumed_of_a_release_is_said() -> None:
    notes = [finding for finding in compile_text(ONE, "kylin-v10")[1] if finding.rule.code == "TP100"]
    assert len(notes) >= 2
    assert any("3.5" in note.message for note in notes)


AUTO = {
    "the release's own daemon": (ONE, "debian-12", "systemd-timesyncd"),
    "the release's own daemon, elsewhere": (ONE, "rocky-9", "chrony"),
    "chrony for a vote": (ONE + "  - b.c\nclients: {min_sources: 2}\n", "debian-12", "chrony"),
    "chrony for an option": (HEAD + "  - {server: a.b, prefer: true}\n", "debian-12", "chrony"),
    "chrony for a step at boot only": (ONE + "step: {when: boot}\n", "debian-12", "chrony"),
    "timesyncd for what it does anyway": (
        ONE + "step: {when: always, threshold: 400ms}\n", "debian-12", "systemd-timesyncd"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "release", "daemon"), AUTO.values(), ids=AUTO)
def test_auto_takes(text: str, release: str, daemon: str) -> None:
    assert agent_plan_of(text, release).daemon == daemon


def test_clients_ask_the_servers_and_then_the_fallback() -> None:
    text = ONE + "servers: {addresses: [10.0.0.1]}\nclients: {daemon: chrony, fallback: [b.c]}\n"
    configuration = file_of(agent_plan_of(text), "/etc/chrony/chrony.conf")
    sources = [line for line in configuration.splitlines() if line.startswith("server ")]
    assert sources == ["server 10.0.0.1 iburst minpoll 2 maxpoll 6", "server b.c iburst"]


TWO_SERVERS = ONE + (
    "servers: {addresses: [10.2.12.11, 'fd00:2::11'], allow: [10.2.0.0/16, 'fd00:2::/64'], orphan_stratum: 10}\n"
    "clients: {min_sources: 2, dhcp_sources: use, fallback: [b.c]}\n"
)


def test_a_server_asks_the_upstreams_and_answers_exactly_who_is_allowed() -> None:
    lines = file_of(agent_plan_of(TWO_SERVERS, role=Role.SERVER), "/etc/chrony/chrony.conf").splitlines()
    assert [line for line in lines if line.startswith("server ")] == ["server ntp.example.org iburst"]
    assert [line for line in lines if line.startswith("allow")] == ["allow 10.2.0.0/16", "allow fd00:2::/64"]
    assert "include /etc/chrony/chrony.server[s]" in lines
    words = {line.split()[0] for line in lines}
    assert words.isdisjoint({"deny", "bindcmdaddress", "cmdallow", "cmdport", "minsources", "sourcedir"})


def test_a_servers_contract_says_how_to_ask_the_other_servers_and_when_to_go_on_alone() -> None:
    contract = agent_plan_of(TWO_SERVERS, role=Role.SERVER).contract.to_data()
    assert contract["serving"] == {
        "allow": ["10.2.0.0/16", "fd00:2::/64"],
        "file": "/etc/chrony/chrony.servers",
        "options": "iburst minpoll 2 maxpoll 6",
        "orphan_stratum": 10,
        "firewall": True,
    }
    assert [source["host"] for source in contract["sources"] if source.get("own")] == ["10.2.12.11", "fd00:2::11"]
    assert contract["min_sources"] == 1
    assert "dhcp_sources" not in contract["daemon"]


def test_a_client_of_the_same_policy_serves_nobody() -> None:
    words = file_of(agent_plan_of(TWO_SERVERS), "/etc/chrony/chrony.conf").split()
    assert not {"allow", "local", "ratelimit"} & set(words)


def test_overrides_apply_in_order_and_lists_are_replaced() -> None:
    text = ONE + (
        "gate: {units: [a.service], timeout: 1m}\n"
        "overrides:\n"
        "  - {match: {distro: 'debian-*'}, set: {gate: {units: [b.service]}, timezone: Asia/Tokyo}}\n"
        "  - {match: {role: client}, set: {timezone: Europe/Berlin}}\n"
        "  - {match: {distro: rocky-9}, set: {timezone: UTC}}\n"
    )
    contract = agent_plan_of(text).contract.to_data()
    assert contract["timezone"] == "Europe/Berlin"
    assert (contract["gate"]["units"], contract["gate"]["timeout"]) == (["b.service"], 60.0)


def test_the_clients_daemon_says_nothing_of_servers() -> None:
    assert agent_plan_of(ONE + SERVES + TIMESYNCD, role=Role.SERVER).daemon == "chrony"
    assert agent_plan_of(ONE + SERVES + TIMESYNCD).daemon == "systemd-timesyncd"
