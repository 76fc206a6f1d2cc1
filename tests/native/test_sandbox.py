"""systemd's judgement of our units: the scores in docs/architecture.md, and no unknown directive."""

import re
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT, file_of, plan_of
from tests.helpers.programs import need, need_root, run
from timepolicy.plan.types import NodePlan
from timepolicy.policy.role import Role

ALL_UNITS = """
timezone: UTC
upstreams: [ntp1.example.org, ntp2.example.org, {phc: /dev/ptp_kvm}]
clients: {daemon: chrony, dhcp_sources: use}
servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16]}
"""

UNITS = "/etc/systemd/system"


def nodes() -> dict[str, NodePlan]:
    """A plan for each row of the table in the documentation."""
    server, client = (plan_of(ALL_UNITS, role=role) for role in (Role.SERVER, Role.CLIENT))
    policy = "timezone: UTC\nupstreams: [ntp1.example.org]\n"
    return {
        "timepolicy-apply.service": client,
        "timepolicy-gate.service": client,
        "timepolicy-gate.service of a server with a firewall": server,
        "timepolicy-firewall.service": server,
        "timepolicy-dhcp.service": client,
        "timepolicy-refclocks.service": server,
        "timepolicy-gate.service without the agent": plan_of(policy, "flatcar"),
    }


def documented() -> dict[str, float]:
    """The scores of the table, by unit."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| `([a-z.-]+)`( [a-z ]+)? \| \d\.\d \| (\d\.\d) \|", text, re.MULTILINE)
    return {unit + besides: float(score) for unit, besides, score in rows}


def score(content: str, unit: str, folder: Path) -> tuple[float, str]:
    """The exposure from 0 to 10, and the warnings of systemd-analyze."""
    folder.joinpath(unit).write_text(content)
    done = run([need("systemd-analyze"), "security", "--offline=true", "--no-pager", str(folder / unit)])
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d)", done.stdout)
    assert found, done.stdout + done.stderr
    return float(found[1]), done.stderr


def test_each_unit_has_a_row() -> None:
    assert list(documented()) == list(nodes())


@pytest.mark.parametrize("row", nodes())
def test_the_documentation_has_the_score_of_systemd_252(row: str, tmp_path: Path) -> None:
    """Other versions weigh some settings more or less."""
    unit = row.partition(" ")[0]
    seen, warnings = score(file_of(nodes()[row], f"{UNITS}/{unit}"), unit, tmp_path)
    is_252 = run([need("systemd-analyze"), "--version"]).stdout.startswith("systemd 252")
    assert abs(seen - documented()[row]) < (0.05 if is_252 else 0.5)
    assert "Unknown" not in warnings


FIREWALLS = {"nftables": "nft", "iptables": "iptables"}


@pytest.mark.parametrize("backend", FIREWALLS)
def test_the_capabilities_suffice_for_a_firewall(backend: str, tmp_path: Path) -> None:
    """In a network namespace: the firewall's unit opens it, and the gate's sees that. setpriv(1) limits both."""
    need_root()
    need(FIREWALLS[backend])
    server = plan_of(f"{ALL_UNITS}firewall: {{backend: {backend}}}", role=Role.SERVER)
    listed = tmp_path / "files"
    listed.write_text("0  /usr/local/sbin/timepolicy-firewall\n")
    script = tmp_path / "firewall"
    script.write_text(
        file_of(server, "/usr/local/sbin/timepolicy-firewall").replace("/etc/timepolicy/files", str(listed))
    )

    def with_capabilities_of(unit: str, word: str) -> str:
        found = re.search(r"^CapabilityBoundingSet=(.*)$", file_of(server, f"{UNITS}/{unit}"), re.MULTILINE)
        assert found
        kept = found[1].lower().replace("cap_", "+").replace(" ", ",")
        return f"setpriv --bounding-set=-all,{kept} sh {script} {word}"

    steps = (
        with_capabilities_of("timepolicy-firewall.service", "open"),
        with_capabilities_of("timepolicy-gate.service", "check"),
    )
    done = run([need("unshare"), "--net", "sh", "-c", " && ".join(steps)])
    assert (done.returncode, done.stdout) == (0, f"open in {backend}\n")
