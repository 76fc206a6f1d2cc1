"""`render --all` and `--inventory`: a folder of products that holds what `render` makes one by one, and its index."""

import csv
import hashlib
import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.cases import ROOT, SERVER_EXAMPLE
from tests.helpers.command_line import MINIMAL, timepolicy, timepolicy_process
from tests.helpers.json_schema import assert_valid
from timepolicy.formats import FORMATS
from timepolicy.resources import SCHEMAS

MIXED = ROOT / "examples/mixed/timepolicy.yaml"
SERVERS = MINIMAL + "servers: {addresses: [10.0.0.1, 10.0.0.2, 10.0.0.3], allow: [10.0.0.0/8]}\n"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "timepolicy.yaml"
    path.write_text(SERVERS + "distros: [debian-12, rocky-9]\n")
    return path


def index_of(folder: Path) -> dict[str, Any]:
    data = json.loads((folder / "index.json").read_text())
    assert_valid(data, SCHEMAS / "index.schema.json")
    return dict(data)


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def right(*words: str | Path, **options: Any) -> bytes:
    done = timepolicy("render", *map(str, words), **options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("path", [MIXED, SERVER_EXAMPLE], ids=["mixed", "server-tier"])
def test_each_product_is_what_render_makes_of_it(path: Path, tmp_path: Path) -> None:
    right(path, "--all", "--format", "cloud-config", "--format", "rootfs", "-o", tmp_path / "out")
    entries = index_of(tmp_path / "out")["products"]
    assert {entry["path"] for entry in entries} | {"index.json"} == set(files_below(tmp_path / "out"))
    for entry in entries:
        one = right(path, "--distro", entry["release"], "--role", entry["role"], "--format", entry["format"])
        assert (tmp_path / "out" / entry["path"]).read_bytes() == one
        assert (entry["size"], entry["sha256"]) == (len(one), hashlib.sha256(one).hexdigest())


def test_names_follow_release_role_format_and_packing(policy: Path, tmp_path: Path) -> None:
    right(policy, "--all", "--format", "cloud-config", "--format", "mime", "--gzip", "--base64", "-o", tmp_path / "out")
    assert set(files_below(tmp_path / "out")) == {"index.json"} | {
        f"{release}/{role}.{end}.gz.b64"
        for release in ("debian-12", "rocky-9")
        for role in ("client", "server")
        for end in ("yaml", "mime")
    }


def test_no_two_formats_have_the_same_extension() -> None:
    extensions = [form.extension for form in FORMATS.values()]
    assert len(set(extensions)) == len(extensions) == 13


def test_releases_roles_and_formats_can_be_chosen(policy: Path) -> None:
    policy.write_text(SERVERS + "distros: [debian-12, debian-13, fedora-coreos]\n")
    words = ("--distro", "debian-13", "--distro", "fedora-coreos", "--format", "ignition", "--format", "script")
    entries = json.loads(right(policy, "--all", *words, "--role", "client"))["products"]
    assert [(entry["release"], entry["role"], entry["format"]) for entry in entries] == [
        ("debian-13", "client", "script"), ("fedora-coreos", "client", "ignition"),
    ]  # fmt: skip


def test_releases_without_the_agent_are_no_servers_unless_asked(policy: Path) -> None:
    policy.write_text(SERVERS + "distros: [debian-12, fedora-coreos]\n")
    roles = [(entry["release"], entry["role"]) for entry in json.loads(right(policy, "--all"))["products"]]
    assert roles == [("debian-12", "client"), ("debian-12", "server"), ("fedora-coreos", "client")]
    assert timepolicy("render", str(policy), "--all", "--role", "server").returncode == 1


WRONG_USAGE = {
    "two formats": (["--format", "mime", "--format", "script"], "--format is given 2 times; name one"),
    "two releases": (["--distro", "debian-12", "--distro", "rocky-9"], "--distro is given 2 times; name one"),
    "a format that no release has": (["--all", "--format", "mime", "--format", "talos"], "talos is not for debian-12"),
    "a release that the policy does not name": (
        ["--all", "--distro", "debian-12", "--distro", "arch"],
        "is for debian-12 and rocky-9; add arch",
    ),
    "an unknown release": (["--all", "--distro", "debian12"], "did you mean debian-12?"),
    "packing that no node unpacks": (["--all", "--format", "rootfs", "--gzip"], "rootfs stays compressed"),
    "jobs of one": (["--jobs", "2"], "only --all and --inventory make several products"),
    "other user-data": (["--all", "--with", "x"], "cannot be combined with --all"),
    "a list and a choice": (["--inventory", "nodes.csv", "--distro", "debian-12"], "the list says what is made"),
    "two forms in one stream": (["--inventory", "nodes.csv", "--findings", "json"], "each file has its own"),
    "keys for nobody": (["--all", "--keys", "keys"], "no source of the policy has a `key`"),
}


@pytest.mark.parametrize(("words", "message"), WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_a_wrong_command_line(words: list[str], message: str, policy: Path) -> None:
    (policy.parent / "keys").write_text("1 SHA256 HEX:" + "0F" * 32 + "\n")
    (policy.parent / "nodes.csv").write_text("name,distro\na,debian-12\n")
    done = timepolicy("render", str(policy), *words, folder=policy.parent)
    assert done.returncode == 2
    assert message in done.stderr.decode().replace("\n", " ")


def test_a_release_without_any_of_the_formats_is_wrong_usage(policy: Path) -> None:
    policy.write_text(SERVERS + "distros: [debian-12, fedora-coreos]\n")
    done = timepolicy("render", str(policy), "--all", "--format", "ignition", folder=policy.parent)
    assert done.returncode == 2
    assert "ignition is not for debian-12" in done.stderr.decode()


def test_a_policy_without_releases_needs_one(policy: Path) -> None:
    policy.write_text(MINIMAL)
    done = timepolicy("render", str(policy), "--all")
    assert (done.returncode, b"choose one release" in done.stderr) == (2, True)


def test_any_number_of_processes_makes_the_same(policy: Path, tmp_path: Path) -> None:
    formats = [word for name in list(FORMATS)[:7] for word in ("--format", name)]
    trees = []
    for jobs in ("1", "2", "3"):
        out = tmp_path / jobs
        done = timepolicy_process("render", str(policy), "--all", *formats, "--jobs", jobs, "-o", str(out))
        assert done.returncode == 0, done.stderr
        trees.append(files_below(out))
    assert len(trees[0]) == 29
    assert trees[0] == trees[1] == trees[2]


def test_the_next_run_removes_what_is_no_longer_made_and_nothing_else(policy: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    right(policy, "--all", "-o", out)
    for name in ("rocky-9/mine", "README"):
        (out / name).write_text("mine")
    right(policy, "--all", "--distro", "debian-12", "--role", "client", "--format", "mime", "-o", out)
    assert set(files_below(out)) == {"index.json", "debian-12/client.mime", "rocky-9/mine", "README"}
    (out / "rocky-9/mine").unlink()
    right(policy, "--all", "-o", out)
    right(policy, "--all", "--distro", "debian-12", "-o", out)
    assert {path.name for path in out.iterdir()} == {"index.json", "debian-12", "README"}
    assert {path.name for path in tmp_path.iterdir()} == {"out", "timepolicy.yaml"}


FOREIGN = {
    "no index": None,
    "no JSON": "[",
    "nested too deep": "[" * 100_000,
    "somebody else's": '{"products": []}',
    "a path that leads out": '{"generator": "timepolicy", "version": 1, "products": [{"path": "../keep"}]}',
    "an absolute path": '{"generator": "timepolicy", "version": 1, "products": [{"path": "/etc/passwd"}]}',
    "of a later version": '{"generator": "timepolicy", "version": 2, "products": []}',
    "a folder that is a link": '{"generator": "timepolicy", "version": 1, "products": [{"path": "link/client.yaml"}]}',
}


@pytest.mark.parametrize("index", FOREIGN.values(), ids=FOREIGN)
def test_a_folder_of_somebody_else_is_refused(index: str | None, policy: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "keep").write_text("mine")
    (tmp_path / "client.yaml").write_text("mine")
    (out / "link").symlink_to(tmp_path)
    if index is not None:
        (out / "index.json").write_text(index)
    before = files_below(tmp_path)
    done = timepolicy("render", str(policy), "--all", "-o", str(out))
    assert (done.returncode, f"cannot write {out}: " in done.stderr.decode()) == (3, True)
    assert files_below(tmp_path) == before


def test_an_error_leaves_nothing_behind(policy: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = timepolicy("render", str(policy), "--all", "--limit", "tencent", "-o", str(out))
    assert (done.returncode, b"error[TP064]" in done.stderr) == (1, True)
    policy.write_text(SERVERS + "distros: [debian-12, talos-9]\n")
    assert timepolicy("render", str(policy), "--all", "-o", str(out)).returncode == 1
    assert {path.name for path in tmp_path.iterdir()} == {"timepolicy.yaml"}


def test_an_empty_folder_and_a_missing_one_are_written(policy: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    right(policy, "--all", "-o", tmp_path / "empty")
    right(policy, "--all", "-o", tmp_path / "some/where")
    assert files_below(tmp_path / "empty") == files_below(tmp_path / "some/where")
    assert len(files_below(tmp_path / "empty")) == 5


def test_products_with_keys_are_for_their_owner(policy: Path, tmp_path: Path) -> None:
    text = "timezone: UTC\nauthentication: {keys_file: /etc/chrony/chrony.keys}\nupstreams:\n"
    sources = "".join(f"  - {{server: {name}.example.org, key: 1}}\n" for name in "abc")
    policy.write_text(f"{text}{sources}clients: {{daemon: chrony}}\ndistros: [debian-12]\n")
    (tmp_path / "keys").write_text("1 SHA256 HEX:" + "0F" * 32 + "\n")
    right(policy, "--all", "--keys", tmp_path / "keys", "-o", tmp_path / "out")
    assert (tmp_path / "out/debian-12/client.yaml").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "out/index.json").stat().st_mode & 0o777 == 0o644


def test_nodes_of_a_list_share_the_products_of_their_kind(policy: Path, tmp_path: Path) -> None:
    nodes = tmp_path / "nodes.csv"
    nodes.write_bytes(
        b"\xef\xbb\xbfName,role,distro,format\r\nb,,debian-12,\r\na,server,debian-12,mime\r\n"
        b'\r\n"c",client,debian-12,cloud-config\r\n'
    )
    right(policy, "--inventory", nodes, "-o", tmp_path / "out")
    index = index_of(tmp_path / "out")
    assert index["nodes"] == {"path": "nodes.csv", "count": 3}
    assert [entry["path"] for entry in index["products"]] == ["debian-12/client.yaml", "debian-12/server.mime"]
    rows = list(csv.reader((tmp_path / "out/nodes.csv").read_text().splitlines()))
    assert rows == [
        ["name", "path"],
        ["b", "debian-12/client.yaml"],
        ["a", "debian-12/server.mime"],
        ["c", "debian-12/client.yaml"],
    ]
    from_pipe = right(policy, "--inventory", "-", text=nodes.read_bytes())
    assert json.loads(from_pipe) == index
    right(policy, "--all", "-o", tmp_path / "out")
    assert not (tmp_path / "out/nodes.csv").exists()


def test_every_mistake_of_a_list_and_of_the_policy_is_reported(policy: Path, tmp_path: Path) -> None:
    nodes = tmp_path / "nodes.csv"
    nodes.write_text(
        "name,distro,role,format\nw_1,debian12,worker,yaml\nw-2,debian-12\nW-2,rocky-9,,\nw-3,debian-12,,ignition\n"
        "w-2,rocky-9,,\nw-3,plan9,,\n" + "x" * 70_000 + "\nw_4,nothing,,\n"
    )
    policy.write_text(SERVERS + "distros: [debian12]\n")
    done = timepolicy(
        "render", str(policy), "--inventory", str(nodes), "--findings", "line", "-o", str(tmp_path / "out")
    )
    places = [line.split(" ")[0] + line.split(" ")[2] for line in done.stderr.decode().splitlines()]
    assert done.returncode == 1
    assert [place.removeprefix(f"{tmp_path}/") for place in places] == [
        "nodes.csv:2:1:TP342", "nodes.csv:2:5:TP344", "nodes.csv:2:14:TP345", "nodes.csv:2:21:TP345",
        "nodes.csv:3:1:TP341", "nodes.csv:5:16:TP345", "nodes.csv:6:1:TP343", "nodes.csv:7:1:TP343",
        "nodes.csv:7:5:TP344", "nodes.csv:8:1:TP341", "timepolicy.yaml:4:11:TP040",
    ]  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_the_page_is_right(tmp_path: Path) -> None:
    """Its commands run, its list of nodes is read, and the paths that it shows are those of the products."""
    page = (ROOT / "docs/inventory.md").read_text()
    (tmp_path / "timepolicy.yaml").write_text(SERVERS + "distros: [debian-12, ubuntu-24.04, talos]\n")
    blocks = dict.fromkeys(("csv", "sh"), "")
    for kind, text in re.findall(r"^```(csv|sh)(?: \S+)?\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL):
        blocks[kind] += text
    (tmp_path / "nodes.csv").write_text(blocks["csv"])
    all_products, of_nodes = (shlex.split(line) for line in blocks["sh"].splitlines())
    for command in (all_products, of_nodes):
        assert timepolicy(*command[1:], folder=tmp_path).returncode == 0
        if command is all_products:
            shown = re.findall(r"^    (products/\S+)$", page, flags=re.MULTILINE)
            assert len(shown) == 4
            assert [path for path in shown if not (tmp_path / path).is_file()] == []
    assert index_of(tmp_path / "products")["nodes"]["count"] == 3


def test_a_terminal_on_standard_error_shows_the_progress(policy: Path) -> None:
    command = [sys.executable, "-m", "timepolicy", "render", str(policy), "--all"]
    screen, terminal = pty.openpty()
    on_terminal = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, check=True)
    shown = os.read(screen, 1 << 16)
    os.close(terminal)
    os.close(screen)
    in_a_pipe = subprocess.run(command, capture_output=True, check=True)
    assert b"Rendering" in shown
    assert b"100%" in shown
    assert in_a_pipe.stdout == on_terminal.stdout
    assert in_a_pipe.stderr == b""
