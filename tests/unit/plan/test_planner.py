"""What a plan has: which daemon, which sources in which order, and what servers and clients differ in."""

from dataclasses import replace

import pytest

from tests.helpers.cases import agent_plan_of, file_of
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.document.load import load
from timepolicy.plan.planner import plan_node
from timepolicy.policy.build import build_policy
from timepolicy.policy.role import Role
from timepolicy.source import Source

HEAD = "timezone: UTC\nupstreams:\n"
ONE = HEAD + "  - ntp.example.org\n"
SERVES = "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16]}\n"
TIMESYNCD = "clients: {daemon: systemd-timesyncd}\n"

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
    assert sources == ["server 10.0.0.1 iburst minpoll 2 maxpoll 6", "server b.c iburst maxpoll 8"]


TWO_SERVERS = ONE + (
    "servers: {addresses: [10.2.12.11, 'fd00:2::11'], allow: [10.2.0.0/16, 'fd00:2::/64'], orphan_stratum: 10}\n"
    "clients: {min_sources: 2, dhcp_sources: use, fallback: [b.c]}\n"
)


def test_a_server_asks_the_upstreams_and_answers_exactly_who_is_allowed() -> None:
    lines = file_of(agent_plan_of(TWO_SERVERS, role=Role.SERVER), "/etc/chrony/chrony.conf").splitlines()
    assert [line for line in lines if line.startswith("server ")] == ["server ntp.example.org iburst maxpoll 7"]
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
    assert "dhcp_sources" not in contract["daemons"][0]


def test_a_client_of_the_same_policy_serves_nobody() -> None:
    words = file_of(agent_plan_of(TWO_SERVERS), "/etc/chrony/chrony.conf").split()
    assert not {"allow", "local", "ratelimit"} & set(words)


def test_a_client_can_be_without_a_port_and_a_server_cannot() -> None:
    text = TWO_SERVERS.replace("min_sources: 2", "listen: none")
    ports = ["port 0", "cmdport 0"]
    for role, expected in ((Role.CLIENT, ports), (Role.SERVER, [])):
        lines = file_of(agent_plan_of(text, role=role), "/etc/chrony/chrony.conf").splitlines()
        assert [line for line in lines if "port" in line and not line.startswith("#")] == expected


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


def units_of(release: str, text: str = ONE) -> str:
    """The agent's two units."""
    plan = agent_plan_of(text, release)
    return "".join(file_of(plan, f"/etc/systemd/system/timepolicy-{name}.service") for name in ("apply", "gate"))


SANDBOXES = {
    "Amazon Linux 2, whose systemd 219 knows none of this": ("amazon-linux-2", 0, 0),
    "RHEL 8, whose systemd 239 knows a part": ("rhel-8", 2, 0),
    "Debian 12": ("debian-12", 2, 2),
}


@pytest.mark.parametrize(("release", "old", "new"), SANDBOXES.values(), ids=SANDBOXES)
def test_units_have_the_sandboxing_that_their_systemd_knows(release: str, old: int, new: int) -> None:
    text = units_of(release)
    assert text.count("\nSystemCallFilter=") == text.count("\nRestrictNamespaces=") == old
    assert text.count("\nProtectKernelLogs=") == text.count("\nRestrictSUIDSGID=") == new


@pytest.mark.parametrize(("folder", "times"), [("/var/lib/metrics", 2), ("/home/exporter", 0), ("/root", 0)])
def test_metrics_may_be_in_a_home(folder: str, times: int) -> None:
    text = units_of("debian-12", f"{ONE}monitoring: {{textfile_dir: {folder}}}\n")
    assert text.count("\nProtectHome=yes\n") == times


INSTALLING = {
    "outside of the gate's sandbox": (
        "rocky-9",
        "systemd-run -G --unit=timepolicy-install -pType=oneshot -pDefaultDependencies=no"
        " sh -c 'dnf -qy install chrony'",
    ),
    "in the gate, which has no sandbox": ("amazon-linux-2", "yum -qy install chrony"),
}


@pytest.mark.parametrize(("release", "command"), INSTALLING.values(), ids=INSTALLING)
def test_the_daemon_is_installed(release: str, command: str) -> None:
    assert [daemon.install for daemon in agent_plan_of(ONE, release).contract.daemons] == [command]


def test_only_the_agent_of_a_server_with_a_firewall_may_read_its_rules() -> None:
    gate = "/etc/systemd/system/timepolicy-gate.service"
    server, client = (agent_plan_of(ONE + SERVES, role=role) for role in (Role.SERVER, Role.CLIENT))
    closed = agent_plan_of(ONE + SERVES + "firewall: {backend: none}\n", role=Role.SERVER)
    assert "CAP_NET_ADMIN" in file_of(server, gate)
    assert "CAP_NET_ADMIN" not in file_of(client, gate) + file_of(closed, gate)


@pytest.mark.parametrize(
    ("clients", "advice"),
    [
        pytest.param("", "use another release", id="auto"),
        pytest.param("clients: {daemon: chrony}\n", "write `daemon: auto`, or override the daemon", id="a name"),
    ],
)
def test_a_release_without_daemons_has_a_way_out_that_helps(clients: str, advice: str) -> None:
    release = replace(AGENT_RELEASES["debian-12"], chrony=None, timesyncd=None)
    document = load(Source(name="policy.yaml", text=ONE + clients)).value
    assert document is not None
    (finding,) = plan_node(build_policy(document, Role.CLIENT), release).findings
    assert (finding.rule.code, finding.help.startswith(advice)) == ("TP061", True)
