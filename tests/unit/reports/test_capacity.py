"""The load of servers, as `plan --nodes` estimates it."""

from pathlib import Path

import pytest

from tests.helpers.cases import SERVER_EXAMPLE
from tests.helpers.command_line import MINIMAL, policy_file, timepolicy

SERVED = "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16]}\nclients: {daemon: %s}\ndistros: [debian-12]\n"


def loads(*arguments: str) -> list[str]:
    done = timepolicy("plan", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().partition("ask each of the cluster's servers:\n")[2].splitlines()


def test_chronyd_asks_every_64_s_and_the_agent_every_50(tmp_path: Path) -> None:
    path = policy_file(tmp_path, MINIMAL + SERVED % "chrony")
    assert [" ".join(line.split()) for line in loads(path, "--nodes", "32000")] == [
        "RELEASE DAEMON ALL THE TIME ALL BOOTING AT ONCE TIERS NEEDED",
        "debian-12 chrony 1140/s, 3% of a core 480000, 12.0 s of a core 1",
    ]


def test_timesyncd_asks_every_256_s(tmp_path: Path) -> None:
    path = policy_file(tmp_path, MINIMAL + SERVED % "systemd-timesyncd")
    assert "612/s" in loads(path, "--nodes", "25600")[1]


def test_a_million_nodes_need_several_tiers() -> None:
    rows = loads(str(SERVER_EXAMPLE), "--nodes", "1000000")[1:]
    assert len(rows) == 2
    assert all(int(row.split()[-1]) == 7 for row in rows)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [(MINIMAL, ()), (MINIMAL + SERVED % "chrony", ("--distro", "debian-12", "--format", "json"))],
    ids=["none", "JSON"],
)
def test_without_servers_or_as_json_the_load_is_refused(tmp_path: Path, text: str, arguments: tuple[str, ...]) -> None:
    done = timepolicy("plan", policy_file(tmp_path, text), "--nodes", "5", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--nodes" in done.stderr
