"""The real agent of servers with real chronyds, in namespaces: which clients they answer, and their own sources."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.boot.lab.network import Network
from tests.boot.lab.ntp_server import Behaviour, Course, NtpServers
from tests.helpers.cases import plan_of
from tests.helpers.nodes import ASK, TOLERANCE_S, Node, command, nodes, until
from tests.helpers.programs import need, need_root
from timepolicy.policy.role import Role

HEAD = "timezone: UTC\nstep: {when: never}\ngate: {units: [], timeout: 2s, proof: sources, max_offset: 200s}\n"
UPSTREAM = "upstreams: [{server: 10.2.12.1, min_poll: 1s, max_poll: 1s}]\n"
SERVERS = "servers: {addresses: [10.2.12.11, 'fd00:2::12'], allow: [10.2.0.0/16, 'fd00:2::/64'], orphan_stratum: 10}\n"
ALONE = "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16], orphan_stratum: 10}\n"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[list[Node]]:
    """An upstream, two servers, and a client that has an address in the allowed networks and one outside."""
    need("ip")
    need_root()
    with nodes(
        tmp_path,
        upstream=["10.2.12.1/16"],
        one=["10.2.12.11/16", "fd00:2::11/64", "192.0.2.11/24"],
        two=["10.2.12.12/16", "fd00:2::12/64"],
        client=["10.2.30.1/16", "fd00:2::30/64", "192.0.2.30/24"],
    ) as made:
        (made[0].root / "etc/chrony/chrony.conf").write_text("local stratum 2\nallow\n")
        yield made


def hears(client: Node, host: str) -> Any:
    """The host's time minus the client's in seconds, or why there is none."""
    done = client.run("/usr/bin/python3", "-IS", "-c", ASK, "2.5", host)
    (answer,) = json.loads(done.stdout)
    return answer


def checks(node: Node) -> dict[str, dict[str, str]]:
    node.agent("verify")
    return {row["id"]: row for row in node.report()["checks"]}


def install(world: list[Node], policy: str) -> None:
    """Install the policy on the two servers and on the client."""
    for server in world[1:3]:
        server.install(plan_of(policy, role=Role.SERVER))
    world[3].install(plan_of(policy + "clients: {daemon: chrony}\n"))


def start(*servers: Node) -> None:
    """Boot the servers as far as time is concerned: first the agent's `early`, then chronyd."""
    for server in servers:
        server.agent("early")
    for server in servers:
        server.start_chronyd()


def prove(*servers: Node) -> None:
    """Wait until the gate would open; from then on, a server may lead."""
    for server in servers:
        assert server.agent("wait").returncode == 0


def lines(server: Node) -> list[str]:
    return server.file("etc/chrony/chrony.servers").splitlines()


def test_servers_use_the_upstream_and_each_other_and_answer_the_allowed_networks(world: list[Node]) -> None:
    upstream, one, two, client = world
    install(world, HEAD + UPSTREAM + SERVERS)
    upstream.start_chronyd()
    start(one, two)
    until(lambda: one.tracking() == two.tracking() == ("0A020C01", 3, "Normal"))
    assert one.sources() == {"10.2.12.1", "fd00:2::12"}
    assert two.sources() == {"10.2.12.1", "10.2.12.11"}
    for host in ("10.2.12.11", "fd00:2::11", "10.2.12.12", "fd00:2::12"):
        assert hears(client, host) == pytest.approx(0, abs=TOLERANCE_S)
    assert hears(client, "192.0.2.11") == "no answer on UDP 123"
    assert client.run("chronyc", "-h", "10.2.12.11", "tracking").returncode != 0
    for server in (one, two):
        rows = checks(server)
        for name in ("serving", "access", "upstream", "stratum", "command-port", "sources", "offset", "files"):
            assert rows[name]["verdict"] == "pass", rows[name]


def test_a_closed_port_and_an_open_command_port_are_reported(world: list[Node]) -> None:
    upstream, one = world[:2]
    install(world, HEAD + UPSTREAM + SERVERS)
    upstream.start_chronyd()
    conf = one.root / "etc/chrony/chrony.conf"
    conf.write_text(conf.read_text().replace("allow 10.2", "deny 10.2") + "bindcmdaddress 0.0.0.0\n")
    start(one)
    until(lambda: one.tracking()[2] == "Normal")
    rows = checks(one)
    failed = {name for name in ("serving", "access", "upstream", "stratum", "command-port") if rows[name]["hint"]}
    assert failed == {"serving", "access", "command-port"}
    assert "10.2.0.0/16" in rows["access"]["seen"]


def test_an_address_that_moves_to_another_server_changes_both_servers(world: list[Node]) -> None:
    upstream, one, two, _ = world
    install(world, HEAD + UPSTREAM + SERVERS)
    upstream.start_chronyd()
    start(one, two)
    prove(one, two)
    for name, verb in ((two.name, "del"), (one.name, "add")):
        command("ip", "-n", name, "address", verb, "fd00:2::12/64", "dev", "eth0", *["nodad"] * (verb == "add"))
    for server in (one, two):
        server.agent("verify")
    assert lines(one) == ["local stratum 10 orphan"]
    assert one.sources() == {"10.2.12.1"}
    assert two.sources() == {"10.2.12.1", "10.2.12.11", "fd00:2::12"}


def test_without_an_upstream_a_server_serves_no_time_before_the_timeout_of_the_gate(world: list[Node]) -> None:
    _, one, two, client = world
    install(world, HEAD + UPSTREAM + SERVERS)
    start(one)
    assert lines(one) == ["server fd00:2::12 iburst minpoll 2 maxpoll 6"]
    assert isinstance(hears(client, "10.2.12.11"), str)
    waited = one.agent("wait")
    assert waited.returncode == 0
    assert "SERVING THIS NODE'S OWN TIME" in waited.stdout
    assert one.tracking() == ("7F7F0101", 10, "Normal")
    assert hears(client, "10.2.12.11") == pytest.approx(0, abs=TOLERANCE_S)
    assert "OWN TIME" not in one.agent("wait", "kubelet.service").stdout
    start(two)
    until(lambda: two.tracking() == ("0A020C0B", 11, "Normal"))
    prove(two)
    assert lines(two)[-1] == "local stratum 10 orphan"
    assert hears(client, "10.2.12.12") == pytest.approx(0, abs=TOLERANCE_S)
    rows = checks(one)
    assert {name for name in ("serving", "access", "upstream", "stratum") if rows[name]["hint"]} == {"upstream"}
    report = one.report()
    assert "has no upstream either (stratum 11)" in [row["problem"] for row in report["sources"]]


def test_a_second_boot_begins_without_orphan_mode(world: list[Node]) -> None:
    upstream, one = world[:2]
    install(world, HEAD + UPSTREAM + SERVERS)
    upstream.start_chronyd()
    start(one)
    assert lines(one) == ["server fd00:2::12 iburst minpoll 2 maxpoll 6"]
    prove(one)
    assert lines(one)[-1] == "local stratum 10 orphan"
    one.stop_chronyd()
    upstream.stop_chronyd()
    (one.root / "run/timepolicy/gate.json").unlink()  # as a boot does
    one.agent("early")
    assert lines(one) == ["server fd00:2::12 iburst minpoll 2 maxpoll 6"]


def test_servers_whose_upstream_dies_keep_one_time(world: list[Node]) -> None:
    upstream, one, two, client = world
    install(world, HEAD + UPSTREAM + SERVERS)
    network = Network([])
    network.name = upstream.name
    source = NtpServers({"10.2.12.1": Course(((0.0, Behaviour(offset_s=100.0)),))})
    source.start(network.inside)
    try:
        start(one, two)
        until(lambda: one.tracking()[0] == two.tracking()[0] == "0A020C01")
        prove(one, two)
    finally:
        source.stop()
    until(lambda: one.tracking()[0] != "0A020C01" or two.tracking()[0] != "0A020C01", 90)
    times = [hears(client, host) for host in ("10.2.12.11", "10.2.12.12")]
    assert times == pytest.approx([100, 100], abs=TOLERANCE_S)
    assert times[0] == pytest.approx(times[1], abs=TOLERANCE_S)
    assert checks(one)["upstream"]["verdict"] == "fail"


def test_a_single_server_without_upstreams_serves_its_own_time(world: list[Node]) -> None:
    one, client = world[1], world[3]
    install(world, HEAD + ALONE)
    start(one)
    assert one.agent("wait").returncode == 0
    assert hears(client, "10.2.12.11") == pytest.approx(0, abs=TOLERANCE_S)
    rows = checks(one)
    for name in ("sources", "offset", "kernel-flag", "serving", "access", "upstream", "stratum", "command-port"):
        assert rows[name]["verdict"] == "pass", rows[name]
