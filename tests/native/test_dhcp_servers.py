"""The script that passes the servers of DHCP from networkd to chrony, run by real shells."""

from pathlib import Path

import pytest

from tests.helpers.programs import need, run
from timepolicy.plan.snippets import render_snippet
from timepolicy.tokens import AbsolutePath

LINK = "# This is private data. Do not parse.\nADMIN_STATE=configured\nDNS=10.2.12.1\nNTP={servers}\nDOMAINS=\n"

OFFERED = {
    "none": ([], ""),
    "no link has a server": (["", ""], ""),
    "one": (["10.2.12.14"], "server 10.2.12.14 iburst\n"),
    "both families and a name": (
        ["10.2.12.14 fd00:2::14 ntp.example"],
        "server 10.2.12.14 iburst\nserver fd00:2::14 iburst\nserver ntp.example iburst\n",
    ),
    "two links with the same": (["10.2.12.14", "10.2.12.14"], "server 10.2.12.14 iburst\n"),
    "text that is not a host": (["-x ;reboot $(id) 10.2.12.14 a\tb"], "server 10.2.12.14 iburst\n"),
}


@pytest.fixture(params=["dash", "bash --posix", "busybox sh"])
def shell(request: pytest.FixtureRequest) -> list[str]:
    return [str(need(str(request.param).split()[0])), *str(request.param).split()[1:]]


def hand_over(folder: Path, shell: list[str], servers: list[str]) -> Path:
    """Run the script with one link for each of `servers`, and return chrony's file; a stub logs calls of chronyc."""
    links, chrony, stub = folder / "links", folder / "chrony", folder / "stub"
    for directory in (links, stub):
        directory.mkdir(exist_ok=True)
    for number, hosts in enumerate(servers, 2):
        (links / str(number)).write_text(LINK.format(servers=hosts))
    (stub / "chronyc").write_text(f"#!/bin/sh\necho $* >>{folder}/calls\nexit 1\n")
    (stub / "chronyc").chmod(0o755)
    values = {"links": AbsolutePath(str(links)), "folder": AbsolutePath(str(chrony))}
    (folder / "script").write_text(render_snippet("shell/dhcp-servers.sh.j2", **values))
    done = run(["env", f"PATH={stub}:/usr/bin:/bin", *shell, folder / "script"])
    assert done.returncode == 0, done.stderr
    return chrony / "timepolicy.sources"


@pytest.mark.parametrize(("servers", "expected"), OFFERED.values(), ids=OFFERED)
def test_offered_servers_become_sources(tmp_path: Path, shell: list[str], servers: list[str], expected: str) -> None:
    assert hand_over(tmp_path, shell, servers).read_text() == expected


def test_chrony_reloads_its_sources_only_after_a_change(tmp_path: Path, shell: list[str]) -> None:
    hand_over(tmp_path, shell, ["10.2.12.14"])
    hand_over(tmp_path, shell, ["10.2.12.14"])
    assert (tmp_path / "calls").read_text().splitlines() == ["reload sources"]
    assert hand_over(tmp_path, shell, ["10.2.12.15"]).read_text() == "server 10.2.12.15 iburst\n"
    assert (tmp_path / "calls").read_text().splitlines() == ["reload sources"] * 2
    assert sorted(path.name for path in (tmp_path / "chrony").iterdir()) == ["timepolicy.sources"]


def test_without_networkd_no_file_is_written(tmp_path: Path, shell: list[str]) -> None:
    script = render_snippet(
        "shell/dhcp-servers.sh.j2",
        links=AbsolutePath(f"{tmp_path}/none"),
        folder=AbsolutePath(f"{tmp_path}/chrony"),
    )
    done = run([*shell, "-c", script])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "chrony").exists()
