"""The command line as users see it: exit status, standard output, and no traceback."""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.cases import EXAMPLE, ROOT, SERVER_EXAMPLE
from tests.helpers.command_line import MINIMAL, policy_file, timepolicy, timepolicy_process
from timepolicy.distros.catalogue import AGENT_RELEASES, TARGETS

BAD_INPUT: dict[str, str | bytes] = {
    "not YAML": "timezone: [UTC\n",
    "empty": "",
    "only a comment": "# nothing\n",
    "a list": "- timezone\n",
    "unknown key": MINIMAL + "timezon: UTC\n",
    "wrong type": MINIMAL + "clients: {min_sources: two}\n",
    "out of range": MINIMAL + "clients: {min_sources: 0}\n",
    "bad host name": "timezone: UTC\nupstreams: [ntp_1.example.org]\n",
    "address of five parts": "timezone: UTC\nupstreams: [10.2.12.11.9]\n",
    "newline in a source": 'timezone: UTC\nupstreams: ["ntp.example.org\\nallow all"]\n',
    "newline after a source": 'timezone: UTC\nupstreams: ["ntp.example.org\\n"]\n',
    "space in a source": "timezone: UTC\nupstreams: [ntp.example.org trust]\n",
    "unknown timezone": "timezone: Asia/Shangai\nupstreams: [ntp.example.org]\n",
    "unknown distribution": MINIMAL + "distros: [rocky-99]\n",
    "bytes that are not UTF-8": b"timezone: \xff\xfe\n",
    "NUL": b"timezone: UTC\x00\n",
}

COMMANDS = (["validate"], ["render", "--distro", "debian-12"], ["plan", "--distro", "debian-12"])


@pytest.mark.parametrize("text", BAD_INPUT.values(), ids=BAD_INPUT)
@pytest.mark.parametrize("command", COMMANDS, ids=[command[0] for command in COMMANDS])
def test_a_wrong_policy_is_a_finding(tmp_path: Path, command: list[str], text: str | bytes) -> None:
    path = policy_file(tmp_path, text)
    done = timepolicy(command[0], path, *command[1:])
    message = done.stderr.decode()
    assert done.returncode == 1, message
    assert done.stdout == b""
    assert re.search(rf"error\[TP\d\d\d\]: .+\n +--> {re.escape(path)}:\d+:\d+\n", message)
    assert "= help: " in message
    assert "Traceback" not in message


SAME = {
    "a right policy": (["validate", "-"], MINIMAL),
    "a product": (["render", "-", "--distro", "debian-12"], MINIMAL),
    "a wrong policy": (["plan", "-", "--distro", "debian-12"], "timezone: 7\n"),
    "wrong usage": (["render", "-", "--distro", "rocky9"], MINIMAL),
    "an unknown option": (["validate", "--nonsense"], ""),
    "a file that is missing": (["validate", "/nowhere"], ""),
    "help": (["render", "--help"], ""),
}


@pytest.mark.parametrize(("arguments", "text"), SAME.values(), ids=SAME)
def test_a_process_does_the_same_as_a_call_in_this_process(arguments: list[str], text: str) -> None:
    here, process = timepolicy(*arguments, text=text), timepolicy_process(*arguments, text=text)
    assert here.returncode == process.returncode
    for one, other in ((here.stdout, process.stdout), (here.stderr, process.stderr)):
        assert re.sub(rb"python -m \S*timepolicy", b"timepolicy", one) == other.replace(
            b"python -m timepolicy", b"timepolicy"
        )


TOO_NEW_FOR_SERVERS = (
    "timezone: UTC\nupstreams: [{server: ntp.example.org, max_unreach: 100}]\ndistros: [debian-12]\n"
    "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16]}\n"
)


@pytest.mark.parametrize(("arguments", "status"), [([], 1), (["--role", "server"], 1), (["--role", "client"], 0)])
def test_validate_checks_every_role_of_the_policy(tmp_path: Path, arguments: list[str], status: int) -> None:
    path = policy_file(tmp_path, TOO_NEW_FOR_SERVERS)
    done = timepolicy("validate", path, "--format", "line", *arguments)
    assert done.returncode == status
    assert (b"TP062" in done.stdout) == (status == 1)


def test_a_policy_without_servers_has_no_server(tmp_path: Path) -> None:
    done = timepolicy("render", policy_file(tmp_path, MINIMAL), "--distro", "debian-12", "--role", "server")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"TP168" in done.stderr
    assert b"Traceback" not in done.stderr


def test_servers_without_an_allow_list_belong_to_others(tmp_path: Path) -> None:
    path = policy_file(tmp_path, MINIMAL + "servers: {addresses: [10.2.12.11]}\n")
    assert timepolicy("validate", path).returncode == 0
    done = timepolicy("render", path, "--distro", "debian-12", "--role", "server")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"TP162" in done.stderr


def test_an_unknown_distribution_on_the_command_line_is_wrong_usage() -> None:
    done = timepolicy("render", str(EXAMPLE), "--distro", "rocky9")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"did you mean rocky-9?" in done.stderr


def test_without_a_distribution_the_command_line_is_incomplete() -> None:
    done = timepolicy("render", str(EXAMPLE))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--distro" in done.stderr


def test_the_only_distribution_of_the_policy_is_the_default(tmp_path: Path) -> None:
    done = timepolicy("render", policy_file(tmp_path, MINIMAL + "distros: [rocky-9]\n"))
    assert done.returncode == 0, done.stderr
    assert b"for rocky-9, client" in done.stdout


@pytest.mark.parametrize("what", ["missing", "a folder"])
def test_a_file_that_cannot_be_read(tmp_path: Path, what: str) -> None:
    path = tmp_path / "policy.yaml"
    if what == "a folder":
        path.mkdir()
    done = timepolicy("render", str(path), "--distro", "debian-12")
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"cannot read" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_closed_standard_input() -> None:
    command = f"{sys.executable} -m timepolicy render - --distro debian-12 <&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"standard input" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_full_disk_under_stdout() -> None:
    command = f"{sys.executable} -m timepolicy render {EXAMPLE} --distro debian-12 > /dev/full"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, cwd=ROOT)
    assert done.returncode == 3
    assert b"cannot write standard output" in done.stderr
    assert b"Traceback" not in done.stderr


def test_standard_input_is_a_policy() -> None:
    done = timepolicy("render", "-", "--distro", "debian-12", text=MINIMAL)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"#cloud-config\n")


def test_an_output_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "user-data"
    target.write_text("before")
    wrong = policy_file(tmp_path, "timezone: 7\n")
    assert timepolicy("render", wrong, "--distro", "debian-12", "-o", str(target)).returncode == 1
    assert target.read_text() == "before"
    done = timepolicy("render", str(EXAMPLE), "--distro", "debian-12", "-o", str(target))
    assert (done.returncode, done.stdout) == (0, b"")
    assert target.read_bytes() == timepolicy("render", str(EXAMPLE), "--distro", "debian-12").stdout
    assert {path.name for path in tmp_path.iterdir()} == {"user-data", "policy.yaml"}


def test_an_output_that_is_a_link_leads_to_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder/user-data")
    for _ in range(2):
        done = timepolicy("render", str(EXAMPLE), "--distro", "debian-12", "-o", str(tmp_path / "link"))
        assert (done.returncode, done.stderr) == (0, b"")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "folder/user-data").read_bytes().startswith(b"#cloud-config\n")
        (tmp_path / "folder/user-data").write_text("old")


def test_an_output_that_is_a_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE) as reader:
        arguments = ("render", str(EXAMPLE), "--distro", "debian-12")
        assert timepolicy(*arguments, "-o", str(tmp_path / "pipe")).returncode == 0
        assert reader.communicate()[0] == timepolicy(*arguments).stdout
    assert (tmp_path / "pipe").is_fifo()


def test_a_hyphen_is_standard_output() -> None:
    arguments = ("render", str(EXAMPLE), "--distro", "debian-12")
    assert timepolicy(*arguments, "-o", "-").stdout == timepolicy(*arguments).stdout


def test_a_closed_standard_output() -> None:
    command = f"{sys.executable} -m timepolicy render {EXAMPLE} --distro debian-12 >&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert done.returncode == 3
    assert b"cannot write standard output" in done.stderr


def test_an_output_folder_that_is_missing(tmp_path: Path) -> None:
    done = timepolicy("render", str(EXAMPLE), "--distro", "debian-12", "-o", str(tmp_path / "no" / "file"))
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"cannot write" in done.stderr


def test_the_same_bytes_in_any_environment() -> None:
    here = timepolicy_process("render", str(EXAMPLE), "--distro", "debian-12")
    there = timepolicy_process(
        "render", str(EXAMPLE), "--distro", "debian-12", LC_ALL="C", TZ="Asia/Shanghai", PYTHONHASHSEED="7"
    )
    assert here.returncode == there.returncode == 0
    assert here.stdout == there.stdout


@pytest.mark.parametrize("release", AGENT_RELEASES)
def test_the_example_renders_for_every_release_in_under_16_kib(release: str) -> None:
    done = timepolicy("render", str(EXAMPLE), "--distro", release)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"#cloud-config\n")
    # Amazon Linux 2 unpacks nothing before its Python is installed; its cloud-init takes gzip
    product = gzip.compress(done.stdout) if release == "amazon-linux-2" else done.stdout
    assert len(product) < 16 * 1024


@pytest.mark.parametrize("daemon", ["chrony", "systemd-timesyncd"])
def test_the_example_is_under_16_kib(tmp_path: Path, daemon: str) -> None:
    text = EXAMPLE.read_text().replace("clients:\n", f"clients:\n  daemon: {daemon}\n")
    done = timepolicy("render", policy_file(tmp_path, text), "--distro", "debian-12")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) < 16 * 1024


@pytest.mark.parametrize("release", AGENT_RELEASES)
def test_a_server_of_the_example_fits_into_ec2_when_compressed(release: str) -> None:
    text = re.sub(r"(?m)^distros: .*", f"distros: [{release}]", SERVER_EXAMPLE.read_text())
    done = timepolicy("render", "-", "--role", "server", "--gzip", text=text)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) < 16 * 1024


def test_distros_lists_every_release() -> None:
    text = timepolicy("distros").stdout.decode()
    rows = json.loads(timepolicy("distros", "--format", "json").stdout)
    assert [row["key"] for row in rows] == list(TARGETS)
    assert all(target.name in text for target in TARGETS.values())
    for release in AGENT_RELEASES.values():
        assert release.key in text
        assert release.name in text
        assert all(assumption in text for assumption in release.assumptions)


def test_plan_is_json_with_each_file() -> None:
    plan = json.loads(timepolicy("plan", str(EXAMPLE), "--distro", "rocky-9", "--format", "json").stdout)
    chrony = next(file for file in plan["files"] if file["path"] == "/etc/chrony.conf")
    assert list(chrony) == ["path", "mode", "content"]
    assert chrony["mode"] == "0644"
    assert "server 10.2.12.11 " in chrony["content"]
    assert "server ntp.aliyun.com " in chrony["content"]


def test_schema_prints_the_schema() -> None:
    assert timepolicy("schema").stdout == (ROOT / "schemas" / "policy.schema.json").read_bytes()


@pytest.mark.parametrize("command", ["render", "graph", "plan"])
def test_no_command_replaces_the_policy_that_it_reads(command: str, tmp_path: Path) -> None:
    policy = tmp_path / "timepolicy.yaml"
    text = "distros: [debian-12]\n" + EXAMPLE.read_text()
    policy.write_text(text)
    (tmp_path / "link.yaml").symlink_to(policy)
    for output in ("timepolicy.yaml", "./timepolicy.yaml", "link.yaml"):
        done = timepolicy(command, "-o", output, folder=tmp_path)
        assert done.returncode == 2
        assert f"-o: {Path(output)} is read by this command, and would be replaced" in done.stderr.decode()
    assert policy.read_text() == text
    assert timepolicy(command, "-o", "product", folder=tmp_path).returncode == 0
    assert timepolicy(command, "-o", "product", folder=tmp_path).returncode == 0


def test_keys_are_not_replaced_by_the_product(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("1 SHA1 HEX:0011\n")
    done = timepolicy("render", str(EXAMPLE), "--keys", "keys", "-o", "keys", folder=tmp_path)
    assert done.returncode == 2
    assert keys.read_text() == "1 SHA1 HEX:0011\n"


@pytest.mark.parametrize("command", ["render", "plan", "lint", "import"])
def test_a_release_that_is_named_twice_is_a_wrong_command_line(command: str) -> None:
    done = timepolicy(command, str(EXAMPLE), "--distro", "debian-12", "--distro", "rocky-9")
    assert done.returncode == 2
    assert "--distro is given 2 times; name one" in done.stderr.decode()


OF_TWO_RELEASES = MINIMAL + "distros: [debian-12, rocky-9]\n"


@pytest.mark.parametrize(
    "command",
    [
        ["render", "POLICY"],
        ["render", "POLICY", "--all", "-o", "products"],
        ["plan", "POLICY"],
        ["plan", "POLICY", "--format", "text"],
        ["diff", "POLICY", "POLICY"],
        ["explain", "POLICY", "/etc/chrony.conf"],
        ["compliance", "POLICY", "--profile", "pci-dss"],
    ],
    ids=" ".join,
)
def test_a_release_that_the_policy_does_not_name_is_wrong_usage(command: list[str], tmp_path: Path) -> None:
    path = policy_file(tmp_path, OF_TWO_RELEASES)
    words = [path if word == "POLICY" else word for word in command]
    done = timepolicy(*words, "--distro", "arch", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"is for debian-12 and rocky-9; add arch to its `distros`" in done.stderr
    assert not (tmp_path / "products").exists()
    assert timepolicy(*words, "--distro", "rocky-9", folder=tmp_path).returncode == 0


@pytest.mark.parametrize("command", ["render", "plan", "diff", "compliance"])
def test_one_release_is_named_once(command: str, tmp_path: Path) -> None:
    path = policy_file(tmp_path, OF_TWO_RELEASES)
    paths = [path, path] if command == "diff" else [path]
    done = timepolicy(command, *paths, "--distro", "rocky-9", "--distro", "debian-12")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--distro is given 2 times; name one" in done.stderr
