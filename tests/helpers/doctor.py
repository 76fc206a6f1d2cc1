"""A server and a client in namespaces that `timepolicy doctor` examines, with the programs that it may ask."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.boot.lab.network import Network
from tests.boot.lab.ntp_server import Behaviour, Course, NtpServers
from tests.helpers.cases import file_of, plan_of
from tests.helpers.command_line import timepolicy
from tests.helpers.nodes import WITHOUT_CLOCK, Node, nodes, until
from tests.helpers.programs import need, need_root

SERVER, CLIENT = "10.2.12.1", "10.2.30.1"
CLIENT_CONF = f"server {SERVER} iburst minpoll 0 maxpoll 0\nrtcsync\nmakestep 1 3\ndriftfile /var/lib/chrony/drift\n"
SERVER_CONF = "local stratum 2\nallow 10.2.0.0/16\nrtcsync\n"
POLICY = f"timezone: UTC\nupstreams: [{SERVER}]\nclients: {{daemon: chrony}}\nmonitoring: {{doctor: true}}\n"
AS_USER = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
ONLY_THE_TOOL = {"configuration": "", "server-silent": "no-answer"}
"""Diagnoses that `timepolicy-node doctor` does not have, and what it says instead."""

ENTER = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
host=$2
shift 2
exec "{folder}/$host" "$@"
"""
"""Stands for ssh: it enters the namespaces of a node instead of logging in to it."""


@dataclass
class Cluster:
    """A server, a client, and how `timepolicy doctor` reaches both, and a third node without a daemon."""

    server: Node
    client: Node
    third: Node
    folder: Path

    def doctor(self, *arguments: str) -> Any:
        """What the doctor says in JSON."""
        done = timepolicy("doctor", "--ssh", str(self.folder / "ssh"), "--format", "json", *arguments)
        assert done.stderr == b""
        return json.loads(done.stdout)

    def diagnoses(self, *hosts: str) -> dict[str, dict[str, str]]:
        """The diagnoses of the first host, by their names; the client's own doctor says the same."""
        answer = self.doctor(*(hosts or ("client",)))
        assert answer["failures"] == []
        found = {row["id"]: row for row in answer["nodes"][0]["diagnoses"]}
        if not hosts:
            assert self.on_node() == {ONLY_THE_TOOL.get(name, name) for name in found} - {""}
        return found

    def on_node(self) -> set[str]:
        """The names of the diagnoses of `timepolicy-node doctor` on the client."""
        done = self.client.agent("doctor")
        assert (done.stderr, "not examined" in done.stdout) == ("", False), done.stdout
        return set(re.findall(r"\[([a-z-]+)\]$", done.stdout, flags=re.MULTILINE))

    def start(self, node: Node, configuration: str, rights: tuple[str, ...] = ()) -> None:
        """Start chronyd -x. It has CAP_SYS_TIME, as on a node, and does not use it."""
        (node.root / "etc/chrony/chrony.conf").write_text(configuration)
        line = [word for word in node.command_line("chronyd", "-x", "-d", "-u", "root") if word not in WITHOUT_CLOCK]
        line[line.index("env") : line.index("env")] = rights
        node.chronyd = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until((node.root / "run/chrony/chronyd.sock").exists)

    def load(self, node: Node, hook: str, priority: str, rules: str) -> None:
        """Load a chain of nftables on the node."""
        need("nft")
        chain = f"chain {hook} {{\n type filter hook {hook} priority {priority};\n {rules}\n}}"
        done = node.run("sh", "-c", 'echo "$1" | nft -f -', "sh", f"table inet site {{\n{chain}\n}}")
        assert done.returncode == 0, done.stderr


def write_program(node: Node, name: str, text: str) -> None:
    """Put a program on the node, before those of this machine in its PATH."""
    path = node.root / "local/bin" / name
    path.write_text(text)
    path.chmod(0o755)


@contextmanager
def cluster_in(folder: Path) -> Iterator[Cluster]:
    """Three nodes with a timezone, and the doctor's programs on the client."""
    need("ip")
    need_root()
    names = {"server": SERVER, "client": CLIENT, "third": "10.2.30.2"}
    plan = plan_of(POLICY)
    programs = folder / "bin"
    programs.mkdir()
    with nodes(folder, **{name: [f"{address}/16"] for name, address in names.items()}) as made:
        for name, node in zip(names, made, strict=True):
            (programs / f"{name}-as-user").write_text(
                "#!/bin/sh\nexec " + " ".join(node.command_line(*AS_USER)) + ' "$@"\n'
            )
            (programs / name).write_text("#!/bin/sh\nexec " + " ".join(node.command_line()) + ' "$@"\n')
            (node.root / "etc/localtime").symlink_to("/usr/share/zoneinfo/Asia/Shanghai")
            (node.root / "etc/alternatives").mkdir()
            (node.root / "etc/alternatives/awk").symlink_to(Path(need("awk")).resolve())
        for name in ("timepolicy-node", "timepolicy-doctor"):
            path = made[1].root / "local/sbin" / name
            path.write_text(file_of(plan, f"/usr/local/sbin/{name}"))
            path.chmod(0o755)
        (programs / "ssh").write_text(ENTER.format(folder=programs))
        for path in programs.iterdir():
            path.chmod(0o755)
        server, client, third = made
        yield Cluster(server, client, third, programs)


@contextmanager
def ntp_server(node: Node, behaviour: Behaviour) -> Iterator[None]:
    """A server on the node that answers as `behaviour` says."""
    network = Network([])
    network.name = node.name
    servers = NtpServers({SERVER: Course(((0.0, behaviour),))})
    servers.start(network.inside)
    try:
        yield
    finally:
        servers.stop()
