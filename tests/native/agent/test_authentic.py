"""The real agent with real chronyds where authentication is required: trusted sources, and steps of the clock."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.boot.lab.network import Network
from tests.boot.lab.ntp_server import Behaviour, Course, NtpServers
from tests.helpers.cases import plan_of
from tests.helpers.certificates import LATER, NOW, issue, make_authority
from tests.helpers.nodes import TOLERANCE_S, Node, nodes, until
from tests.helpers.programs import need, need_root
from timepolicy.policy.role import Role

HOUR = 3600.0
HEAD = "timezone: UTC\nclients: {daemon: chrony}\ngate: {units: [], timeout: 5s, on_timeout: start}\n"
POLLS, QUICKLY = "min_poll: 1s, max_poll: 1s", "iburst minpoll 0 maxpoll 0"
KEYS = "authentication: {keys_file: /etc/chrony/keys}\n"
AUTHORITY = "authentication: {trusted_certificates: /etc/chrony/ca.pem}\n"
UNCHECKED = AUTHORITY.replace("}", ", certificate_dates: after_first_update}")
REQUIRED = "require_authentication: true\n"
KEY, OTHER_KEY = "7 SHA1 HEX:00112233445566778899aabbccddeeff00112233\n", "7 SHA1 HEX:" + "11" * 20 + "\n"
SERVING = "local stratum 2\nallow\nkeyfile /etc/chrony/keys\n"
NTS = "ntsservercert /etc/chrony/server.pem\nntsserverkey /etc/chrony/server.key\n"

STEP = """
import json, types
program = types.ModuleType("program")
exec(open("/usr/local/readable-agent").read(), program.__dict__)
agent = program.Authentic(json.load(open("/etc/timepolicy/node.json")))
print(agent.step(agent.measure()))
"""
"""Lets the agent decide about a step, of what it measures here and now."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[list[Node]]:
    """A truthful server, a client, and a node for a liar."""
    need("ip")
    need_root()
    with nodes(tmp_path, honest=["10.2.12.1/16"], client=["10.2.30.1/16"], liar=["10.2.12.3/16"]) as made:
        yield made


@contextmanager
def lying(node: Node) -> Iterator[NtpServers]:
    """A plain NTP server that is an hour ahead, and counts requests."""
    network = Network([])
    network.name = node.name
    source = NtpServers({"10.2.12.3": Course(((0.0, Behaviour(offset_s=HOUR)),))})
    source.start(network.inside)
    try:
        yield source
    finally:
        source.stop()


def serve(node: Node, configuration: str, folder: Path, dates: tuple[str, str] = NOW) -> None:
    """Start the truthful server with a key and a certificate."""
    make_authority(folder)
    issue(folder, "server", "10.2.12.1", dates)
    for name in ("server.pem", "server.key"):
        shutil.copy(folder / name, node.root / "etc/chrony")
    (node.root / "etc/chrony/keys").write_text(KEY)
    (node.root / "etc/chrony/chrony.conf").write_text(configuration)
    node.start_chronyd()


def install(client: Node, policy: str, folder: Path, key: str = KEY) -> None:
    """Install the policy on the client, and the files of its image."""
    client.install(plan_of(HEAD + policy))
    (client.root / "etc/chrony/keys").write_text(key)
    shutil.copy(folder / "ca.pem", client.root / "etc/chrony")


def report(client: Node) -> Any:
    client.agent("verify")
    return client.report()


def problems(client: Node) -> dict[str, str]:
    return {row["source"]: row["problem"] for row in report(client)["sources"]}


def checks(client: Node) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in report(client)["checks"]}


def stepped(client: Node) -> str:
    return client.run("/usr/bin/python3", "-IS", "-c", STEP).stdout.strip()


def upstream(options: str) -> str:
    return f"upstreams: [{{server: 10.2.12.1, {POLLS}, {options}}}]\n"


@pytest.mark.parametrize(
    ("options", "section", "mode"),
    [("key: 7", KEYS, "SK"), ("nts: true", AUTHORITY, "NTS")],
    ids=["key", "NTS"],
)
def test_an_authenticated_source_is_followed(
    world: list[Node], tmp_path: Path, options: str, section: str, mode: str
) -> None:
    honest, client, _ = world
    serve(honest, SERVING + NTS, tmp_path / "ca")
    install(client, upstream(options) + section + REQUIRED, tmp_path / "ca")
    client.start_chronyd()
    until(lambda: client.tracking() == ("0A020C01", 3, "Normal"))
    rows = checks(client)
    assert rows["authentication"]["seen"] == f"10.2.12.1 {mode}"
    for name in ("authentication", "sources", "offset"):
        assert rows[name]["verdict"] == "pass", rows[name]
    (source,) = report(client)["sources"]
    assert (source["address"], source["problem"]) == ("10.2.12.1", None)
    assert source["offset"] == pytest.approx(0, abs=TOLERANCE_S)


def test_plain_answers_from_the_address_of_the_source_are_ignored(world: list[Node], tmp_path: Path) -> None:
    """The liar has the address that the policy names, but no key. The agent itself sends no request."""
    _, client, liar = world
    make_authority(tmp_path / "ca")
    with lying(liar) as source:
        install(client, upstream("key: 7").replace("10.2.12.1,", "10.2.12.3,") + KEYS + REQUIRED, tmp_path / "ca")
        early = client.agent("early")
        assert early.returncode == 1
        assert early.stdout == "chronyd will set the clock: only authenticated packets may move it\n"
        assert client.agent("verify").returncode == 1
        assert source.packets == []
        client.start_chronyd()
        until(lambda: len(source.packets) >= 4)
        assert client.tracking() == ("00000000", 0, "Not synchronised")
        assert problems(client) == {"10.2.12.3": "no authenticated answer"}
        assert report(client)["verdict"] == "fail"
        assert stepped(client) == "False"
        assert "10.2.12.3: no authenticated answer" in client.agent("wait").stdout


def test_a_plain_liar_beside_an_authenticated_source_is_not_followed(world: list[Node], tmp_path: Path) -> None:
    """It was added by hand: chronyd measures it but follows the source with the key, and `verify` names it."""
    honest, client, liar = world
    serve(honest, SERVING, tmp_path / "ca")
    install(client, upstream("key: 7") + KEYS + REQUIRED, tmp_path / "ca")
    with (client.root / "etc/chrony/chrony.conf").open("a") as configuration:
        configuration.write("server 10.2.12.3 iburst minpoll 0 maxpoll 0 prefer\n")
    with lying(liar) as source:
        client.start_chronyd()
        until(lambda: len(source.packets) >= 8)
        until(lambda: client.tracking() == ("0A020C01", 3, "Normal"))
        rows = checks(client)
        assert rows["authentication"]["hint"] == "polled without authentication: 10.2.12.3"
        assert rows["offset"]["verdict"] == "pass"
        assert stepped(client) == "False"


WRONG = {
    "another key": ("key: 7", KEYS, OTHER_KEY, "no authenticated answer"),
    "no such key": ("key: 7", KEYS, OTHER_KEY.replace("7", "8", 1), "key 7 is not in chronyd's key file"),
    "an unknown authority": (
        "nts: true", "authentication: {certificate_dates: after_first_update}\n", KEY,
        "no NTS key exchange yet (attempts: 1)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_failed_authentication_is_explained(
    world: list[Node], tmp_path: Path, case: tuple[str, str, str, str]
) -> None:
    options, section, key, problem = case
    honest, client, _ = world
    serve(honest, SERVING + NTS, tmp_path / "ca")
    install(client, upstream(options) + section + REQUIRED, tmp_path / "ca", key)
    client.start_chronyd()
    until(lambda: problems(client) == {"10.2.12.1": problem})
    assert client.tracking()[2] == "Not synchronised"


@pytest.mark.parametrize(("section", "follows"), [(AUTHORITY, False), (UNCHECKED, True)], ids=["checked", "unchecked"])
def test_a_clock_before_the_certificate(world: list[Node], tmp_path: Path, section: str, follows: bool) -> None:
    honest, client, _ = world
    serve(honest, SERVING + NTS, tmp_path / "ca", LATER)
    install(client, upstream("nts: true") + section + REQUIRED, tmp_path / "ca")
    client.start_chronyd()
    if follows:
        until(lambda: client.tracking() == ("0A020C01", 3, "Normal"))
    else:
        until(lambda: "attempts: 1" in (problems(client)["10.2.12.1"] or ""))
        assert client.tracking()[2] == "Not synchronised"


def test_a_wrong_clock_is_reported_and_chronyd_steps_it(world: list[Node], tmp_path: Path) -> None:
    """The source with the key is an hour ahead itself; no program of this test can set the clock."""
    honest, client, liar = world
    with lying(liar):
        serve(honest, SERVING.replace("local stratum 2\n", f"server 10.2.12.3 {QUICKLY}\n"), tmp_path / "ca")
        until(lambda: honest.tracking()[2] == "Normal")
        install(client, upstream("key: 7") + KEYS + REQUIRED, tmp_path / "ca")
        client.start_chronyd()
        until(lambda: client.tracking()[2] == "Normal")
        (source,) = report(client)["sources"]
        assert source["offset"] == pytest.approx(-HOUR, abs=TOLERANCE_S)
        assert "the clock is -3600." in client.agent("wait").stdout
        assert client.run("/usr/bin/python3", "-IS", "-c", STEP).stdout == "False\n"  # the timeout has opened the gate
        (client.root / "run/timepolicy/gate.json").unlink()
        assert "'chronyc', 'makestep'" in client.run("/usr/bin/python3", "-IS", "-c", STEP).stdout


def test_servers_serve_nts_to_clients_that_require_authentication(world: list[Node], tmp_path: Path) -> None:
    honest, client, server = world
    serve(honest, SERVING, tmp_path / "ca")
    issue(tmp_path / "ca", "tier", "10.2.12.3")
    files = "{certificate: /etc/chrony/t.pem, key: /etc/chrony/t.key}"
    tier = f"servers: {{addresses: [10.2.12.3], allow: [10.2.0.0/16], nts: {files}}}\n"
    both = "authentication: {keys_file: /etc/chrony/keys, trusted_certificates: /etc/chrony/ca.pem}\n"
    policy = upstream("key: 7") + tier + both + REQUIRED
    server.install(plan_of(HEAD + policy, role=Role.SERVER))
    (server.root / "etc/chrony/keys").write_text(KEY)
    for suffix in ("pem", "key"):
        shutil.copy(tmp_path / f"ca/tier.{suffix}", server.root / f"etc/chrony/t.{suffix}")
    install(client, policy, tmp_path / "ca")
    server.agent("early")
    server.start_chronyd()
    until(lambda: server.tracking() == ("0A020C01", 3, "Normal"))
    client.start_chronyd()
    until(lambda: client.tracking() == ("0A020C03", 4, "Normal"))
    assert checks(client)["authentication"]["seen"] == "10.2.12.3 NTS"
    rows = checks(server)
    for name in ("authentication", "serving", "access", "upstream", "stratum", "offset"):
        assert rows[name]["verdict"] == "pass", rows[name]
