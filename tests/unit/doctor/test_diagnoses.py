"""What follows from recorded probes; tests/native/test_doctor.py makes real faults in namespaces."""

import inspect
import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.cases import ROOT
from timepolicy.doctor import clock, configuration, daemons, kubernetes, servers, sources
from timepolicy.doctor.bundle import without_secrets
from timepolicy.doctor.comparison import json_report
from timepolicy.doctor.diagnose import diagnose
from timepolicy.doctor.examination import Examination, Tick, UnreadableExaminationError
from timepolicy.doctor.node import Node
from timepolicy.doctor.remote import Access
from timepolicy.doctor.report import text_report

NOW = 1_795_700_000.0
NTP_NOW = 1_795_700_000 + 2_208_988_800
"""The same moment in seconds from 1900."""

TICKS = (Tick(NOW, NOW + 0.01, NOW + 0.02),)
TRACKING = "0A020C01,10.2.12.1,3,1795700000.0,{offset},0.0,0.0,0.0,0.0,0.0,0.001,0.001,1.0,{leap}"


def answer(offset: float = 0.0) -> str:
    """What the collector prints of a source whose clock is `offset` seconds ahead of the node's."""
    stamp = int((NTP_NOW + offset) * 2**32)
    packet = bytes([0x24, 2, 6, 0xEC]) + bytes(28) + struct.pack("!QQ", stamp, stamp)
    return f"{NOW}00 {NOW}00 {packet.hex()}"


RIGHT = {
    "daemons": "chronyd 00000000020004c0 /usr/sbin/chronyd -F 1",
    "file /etc/chrony/chrony.conf": "server 10.2.12.1 iburst\nserver 10.2.12.2 iburst\nrtcsync\nmakestep 1 3",
    "source 10.2.12.1 10.2.12.1 123": answer(),
    "synchronized": "yes",
    "tracking": TRACKING.format(offset="0.000001", leap="Normal"),
    "timezone": "/usr/share/zoneinfo/Etc/UTC",
    "hardware-clock": "1795700000\n1795700000\n1795700002",
}
"""The probes of a node that keeps the right time."""


def node(host: str = "node1", **probes: str) -> Node:
    return made(host, {**RIGHT, **probes})


def made(host: str, probes: dict[str, str], ticks: tuple[Tick, ...] = TICKS) -> Node:
    blocks = []
    for name, text in probes.items():
        status = 0 if text else 1
        blocks.append(f"={name}\n" + "".join(f" {line}\n" for line in text.splitlines()) + f"\n?{status}\n")
    return Node(Examination.read(host, "".join(blocks) + "=end\n", ticks))


def ids(examined: Node, *others: Node) -> list[str]:
    return [diagnosis.id for diagnosis in diagnose(examined, [examined, *others])]


def text(examined: list[Node]) -> str:
    return text_report([(each, diagnose(each, examined)) for each in examined], [])


def test_a_right_node() -> None:
    assert ids(node()) == []
    assert text([node()]) == "node1: right: +0.0 ms off 1 source (chronyd)\n"


TIMESYNCD = {
    "daemons": "systemd-timesyn 0000000002000000 /lib/systemd/systemd-timesyncd",
    "file /etc/chrony/chrony.conf": "",
    "tracking": "",
    "file /etc/systemd/timesyncd.conf": "[Time]\nNTP=10.2.12.1",
}


@pytest.mark.parametrize(
    ("probes", "found"),
    [
        pytest.param({"daemons": ""}, ["no-daemon"], id="no daemon"),
        pytest.param(
            {"daemons": RIGHT["daemons"] + "\nntpd 0000000002000000 /usr/sbin/ntpd"}, ["two-daemons"], id="two daemons"
        ),
        pytest.param({"daemons": "chronyd 0000000000000400 chronyd -x"}, ["cannot-set-clock"], id="container"),
        pytest.param(
            {"file /etc/chrony/chrony.conf": "server 10.2.12.1 iburst", "synchronized": "no"},
            ["no-rtcsync", "unsynchronized"],
            id="no rtcsync",
        ),
        pytest.param(
            {**TIMESYNCD, "networkd": "OPER_STATE=carrier\nCARRIER_STATE=carrier"},
            ["timesyncd-waits-for-networkd"],
            id="timesyncd behind networkd",
        ),
        pytest.param({**TIMESYNCD, "networkd": "OPER_STATE=routable"}, [], id="networkd is online"),
        pytest.param(
            {"daemons": RIGHT["daemons"] + "\nvmtoolsd 0 vmtoolsd", "vmware-timesync": "Enabled"},
            ["hypervisor-tools"],
            id="VMware sets the clock",
        ),
        pytest.param(
            {"daemons": RIGHT["daemons"] + "\nvmtoolsd 0 vmtoolsd", "vmware-timesync": "Disabled"},
            [],
            id="VMware does not set the clock",
        ),
        pytest.param(
            {"daemons": RIGHT["daemons"] + "\nVBoxService 0 VBoxService"}, ["hypervisor-tools"], id="VirtualBox"
        ),
        pytest.param({"hardware-clock-zone": "LOCAL"}, ["hardware-clock-in-local-time"], id="local time"),
        pytest.param({"hardware-clock": "1795700000\n1795700000\n1795700000"}, ["hardware-clock-frozen"], id="frozen"),
        pytest.param({"hardware-clock": "1795700061\n1795700000\n1795700063"}, ["hardware-clock-wrong"], id="61 s"),
        pytest.param({"hardware-clock": "1795700059\n1795700000\n1795700061"}, [], id="59 s"),
        pytest.param({"source 10.2.12.1 10.2.12.1 123": answer(0.2)}, ["clock-wrong"], id="200 ms off"),
        pytest.param({"source 10.2.12.1 10.2.12.1 123": answer(0.05)}, [], id="50 ms off"),
        pytest.param(
            {
                "source 10.2.12.1 10.2.12.1 123": answer(0.2),
                "tracking": TRACKING.format(offset="0.200000", leap="Normal"),
            },
            ["slewing"],
            id="slewing",
        ),
        pytest.param(
            {"source a 2001:db8::1 123": "socket: Address family not supported by protocol"},
            ["no-such-family"],
            id="no IPv6",
        ),
        pytest.param(
            {"denials": 'apparmor="DENIED" operation="open" profile="/usr/sbin/chronyd" name="/etc/x"'},
            ["denied"],
            id="AppArmor",
        ),
        pytest.param({"complaints": "x509: certificate is not yet valid"}, ["kubelet-complains"], id="kubelet"),
        pytest.param({"complaints": "Unauthorized"}, [], id="kubelet has another problem"),
    ],
)
def test_what_follows_from_probes(probes: dict[str, str], found: list[str]) -> None:
    assert ids(node(**probes)) == found


def test_a_failed_verification() -> None:
    output = "=gate\n fail: offset (12 s ago)\n?1\n=end\n"
    examined = Node(Examination.read("node1", output, TICKS))
    assert "verification-failed" in ids(examined)


def test_a_timezone_that_others_do_not_have() -> None:
    others = [node(f"node{number}", timezone="/usr/share/zoneinfo/Asia/Shanghai") for number in (2, 3)]
    (found,) = diagnose(node(), [node(), *others])
    assert found.cause == "the timezone is Etc/UTC, on most of the nodes it is Asia/Shanghai"


def test_nodes_without_sources_are_compared_with_each_other() -> None:
    def alone(host: str, offset: float) -> Node:
        probes = {name: text for name, text in RIGHT.items() if not name.startswith("source")}
        return made(host, probes, (Tick(NOW, NOW + 0.01 + offset, NOW + 0.02),))

    fleet = [alone("node1", 3.0), alone("node2", 0.0), alone("node3", 0.001)]
    causes = {found.id: found.cause for found in diagnose(fleet[0], fleet)}
    assert causes["off-the-median"] == "the clock is +2.999 s off the median of the 3 nodes"
    assert "off-the-median" not in ids(fleet[1], fleet[0], fleet[2])


@pytest.mark.parametrize("output", ["", "Welcome!\n", "=ticks\n?0\n=user\n 0\n", "=end of something\n"])
def test_output_that_is_cut_off_is_no_examination(output: str) -> None:
    with pytest.raises(UnreadableExaminationError):
        Examination.read("node1", output)


def test_text_of_a_node_does_not_reach_the_terminal_as_it_is() -> None:
    examined = node(denials='apparmor="DENIED" chronyd \x1b[2J\x07')
    assert "\x1b" not in text([examined])
    assert r"\x1b[2J\x07" in text([examined])


NAMES = st.sampled_from(
    [
        *RIGHT,
        *("addresses", "units", "networkd", "nft", "gate", "certificates", "tokens", "complaints", "unresolved x"),
        *("source a b 99999999", "source x", "file /etc/chrony.d/a.conf", "file /etc/ntp.conf", "hardware-clock-zone"),
    ]
)
TEXTS = st.one_of(
    st.binary(max_size=60).map(lambda data: data.decode("latin-1")),
    st.sampled_from([*RIGHT.values(), "allow 999.1", "allow 10.0.0.0/99\ndeny all", " inet 9.9.9.999/3", "Feb 31"]),
    st.sampled_from(["Feb 31 00:00:00 2048 GMT /x", TRACKING.format(offset="nan", leap=""), "1.0 2.0 " + "ff" * 48]),
)


@given(st.dictionaries(NAMES, TEXTS))
def test_nothing_that_a_node_says_breaks_the_doctor(probes: dict[str, str]) -> None:
    examined, other = made("node1", probes), node("node2", addresses=" inet 10.2.12.1/16 ")
    report = json_report([examined, other], [])
    assert [row["host"] for row in report["nodes"]] == ["node1", "node2"]
    assert text([examined, other])


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        pytest.param("Bearer abcdefgh12345", "Bearer [removed]", id="bearer"),
        pytest.param("x eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln y", "x [token removed] y", id="token"),
        pytest.param("password = hunter2", "password = [removed]", id="password"),
        pytest.param("7 SHA1 HEX:0011", "7 SHA1 HEX:[removed]", id="key of chrony"),
        pytest.param(
            "a\n-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----\nb",
            "a\n[private key removed]\nb",
            id="pem",
        ),
        pytest.param("server 10.2.12.1 iburst key 7", "server 10.2.12.1 iburst key 7", id="no secret"),
    ],
)
def test_secrets_are_removed_from_a_bundle(text: str, clean: str) -> None:
    assert without_secrets(text) == clean


def names_in_code() -> set[str]:
    code = "".join(map(inspect.getsource, (daemons, configuration, sources, servers, clock, kubernetes)))
    return set(re.findall(r"Diagnosis\(\s*\"([a-z-]+)\"", code))


def test_every_diagnosis_is_made_on_a_node_with_its_fault() -> None:
    """All but one, for which a kernel without IPv6 is needed."""
    tests = "".join((ROOT / f"tests/native/{name}.py").read_text() for name in ("test_doctor", "test_doctor_on_node"))
    assert {name for name in names_in_code() if f'"{name}"' not in tests} == {"no-such-family"}


def test_the_documentation_lists_every_diagnosis() -> None:
    page = (ROOT / "docs/doctor.md").read_text().partition("\n## Diagnoses\n")[2].partition("\n## ")[0]
    names = names_in_code()
    assert len(names) > 30
    assert set(re.findall(r"^\| `([a-z-]+)`", page, flags=re.MULTILINE)) == names


@pytest.mark.parametrize(
    ("access", "command"),
    [
        pytest.param(
            Access(("ssh", "-J", "jump"), 30),
            [
                "ssh",
                "-J",
                "jump",
                "-o",
                "BatchMode=yes",
                "-o",
                "ConnectTimeout=15",
                "--",
                "-oProxyCommand=x",
                "sh",
                "-s",
            ],
            id="ssh, and a host that looks like an option",
        ),
        pytest.param(
            Access(("ssh",), 5, with_sudo=True),
            [
                "ssh",
                "-o",
                "BatchMode=yes",
                "-o",
                "ConnectTimeout=2",
                "--",
                "-oProxyCommand=x",
                "sudo",
                "-n",
                "sh",
                "-s",
            ],
            id="sudo",
        ),
        pytest.param(Access((), 5), ["sh", "-s"], id="this machine"),
    ],
)
def test_how_a_node_is_reached(access: Access, command: list[str]) -> None:
    assert access.of("-oProxyCommand=x") == command
