"""The policy lines behind each line of a file: golden files, and a check that changes one line of the policy."""

import pytest

from tests.helpers.cases import ROOT, TREES, file_of, plan_of
from tests.helpers.command_line import timepolicy
from tests.helpers.golden_files import assert_golden
from timepolicy.policy.role import Role

TIER, NTP = "examples/server-tier/timepolicy.yaml", "examples/internal-ntp/timepolicy.yaml"
OPTIONS = "tests/trees/nodes/source-options/timepolicy.yaml"

FILES = {
    "server-chrony": (TIER, "/etc/chrony/chrony.conf", "debian-12", "server"),
    "server-contract": (TIER, "/etc/timepolicy/node.json", "rocky-9", "server"),
    "client-timesyncd": (NTP, "/etc/systemd/timesyncd.conf.d/zz-timepolicy.conf", "ubuntu-24.04", "client"),
    "client-gate": (NTP, "/etc/systemd/system/timepolicy-gate.service", "debian-12", "client"),
    "client-drop-in": (NTP, "/etc/systemd/system/kubelet.service.d/50-timepolicy.conf", "debian-12", "client"),
    "client-extra": ("tests/trees/nodes/extra/timepolicy.yaml", "/etc/chrony/chrony.conf", "debian-12", "client"),
    "client-chrony": (OPTIONS, "/etc/chrony/chrony.conf", "debian-12", "client"),
}


@pytest.mark.parametrize("name", FILES)
def test_golden(name: str, update_golden: bool) -> None:
    policy, path, distro, role = FILES[name]
    done = timepolicy("explain", policy, path, "--distro", distro, "--role", role)
    assert done.returncode == 0, done.stderr
    assert_golden(TREES / f"explain/{name}.txt", done.stdout.decode(), update_golden)


CHANGES = {
    "an upstream": ("ntp.tencent.com", "time.example.org"),
    "a pool": ("cn.pool.ntp.org", "hk.pool.ntp.org"),
    "a network": ("10.2.0.0/16", "10.0.0.0/8"),
    "the name": ("server-tier", "tier-of-servers"),
    "the timezone": ("Asia/Shanghai", "Europe/Paris"),
    "orphan mode": ("orphan_stratum: 10", "orphan_stratum: 12"),
    "a gated unit": ("kubelet.service", "k3s.service"),
}


@pytest.mark.parametrize("path", ["/etc/chrony/chrony.conf", "/etc/timepolicy/node.json"])
@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_what_another_word_changes_is_attributed_to_its_line(path: str, old: str, new: str) -> None:
    text = (ROOT / TIER).read_text().replace('[10.2.0.0/16, "fd00:2::/64"]', '["fd00:2::/64",\n    10.2.0.0/16]')
    number = next(n for n, line in enumerate(text.splitlines(), 1) if old in line and not line.startswith("#"))
    before, after = (
        file_of(plan_of(policy, "debian-12", Role.SERVER), path).splitlines()
        for policy in (text, text.replace(old, new))
    )
    changed = [line for line in before if line not in after]
    done = timepolicy("explain", "-", path, "--distro", "debian-12", "--role", "server", text=text)
    lines = [line.split(" |", 1) for line in done.stdout.decode().splitlines()[1:]]
    assert [line[1:] for places, line in lines if number in numbers(places)] == changed


def numbers(places: str) -> set[int]:
    """The line numbers in `policy.yaml:4,8-10`."""
    found: set[int] = set()
    for part in places.strip().partition(":")[2].split(",") if places.strip() else ():
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_a_file_that_another_daemon_would_not_have() -> None:
    text = "timezone: UTC\nupstreams: [a.example.org, b.example.org]\nclients: {daemon: systemd-timesyncd}\n"
    path = "/etc/systemd/timesyncd.conf.d/zz-timepolicy.conf"
    done = timepolicy("explain", "-", path, "--distro", "debian-12", text=text)
    assert done.stdout.decode().splitlines()[0] == f"{path} on debian-12, client; there because of <stdin>:3"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ((TIER, "/etc/nothing", "--distro", "debian-12"), 2, "gets no /etc/nothing, but /etc/chrony/chrony.conf"),
        ((TIER, "/etc/chrony.conf", "--distro", "debian-2"), 2, "debian-2"),
        (("nowhere.yaml", "/etc/chrony.conf", "--distro", "rocky-9"), 3, "cannot read nowhere.yaml"),
        (("tests/cases/TP029/wrong-choices.yaml", "/etc/chrony.conf", "--distro", "rocky-9"), 1, "error[TP029]"),
    ],
    ids=["no such file", "no such release", "no policy", "a wrong policy"],
)
def test_errors(arguments: tuple[str, ...], status: int, message: str) -> None:
    done = timepolicy("explain", *arguments)
    assert (done.returncode, done.stdout) == (status, b"")
    assert message in done.stderr.decode()
