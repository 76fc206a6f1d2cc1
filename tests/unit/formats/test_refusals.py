"""Settings that a system without the agent does not support: an error at the line of the policy."""

import pytest

from tests.helpers.cases import compile_text
from tests.helpers.policy_findings import validated_text
from timepolicy.findings.finding import Severity
from timepolicy.policy.role import Role

HEAD = "timezone: {zone}\nupstreams: [ntp1.example.org, ntp2.example.org, {{server: ntp3.example.org{option}}}]\n"

PLAIN = HEAD.format(zone="UTC", option="")

ASKED: dict[str, tuple[str, str, set[str]]] = {
    "a timezone": (HEAD.format(zone="Asia/Shanghai", option=""), "timezone", {"talos", "bottlerocket"}),
    "an option of a source": (
        HEAD.format(zone="UTC", option=", port: 1123"),
        "upstreams[2].port",
        {"talos", "bottlerocket"},
    ),
    "a vote": (PLAIN + "clients: {min_sources: 2}\n", "clients.min_sources", {"talos", "bottlerocket"}),
    "DHCP's servers": (PLAIN + "clients: {dhcp_sources: use}\n", "clients.dhcp_sources", {"talos", "bottlerocket"}),
    "no port": (PLAIN + "clients: {listen: none}\n", "clients.listen", {"bottlerocket"}),
    "when to step": (PLAIN + "step: {when: boot}\n", "step.when", {"talos", "bottlerocket"}),
    "how far to step": (PLAIN + "step: {threshold: 2s}\n", "step.threshold", {"talos", "bottlerocket"}),
    "steps after a pause": (PLAIN + "step: {when: pause}\n", "step.when", {"talos", "bottlerocket", "fedora-coreos"}),
    "a unit that the system cannot gate": (
        PLAIN + "gate: {units: [crio.service]}\n",
        "gate.units[0]",
        {"talos", "bottlerocket"},
    ),
    "a unit that Talos gates by default": (
        PLAIN + "gate: {units: [kubelet.service]}\n",
        "gate.units[0]",
        {"bottlerocket"},
    ),
    "an IPv6 address": (
        PLAIN.replace("ntp1.example.org", "'2001:db8::1'"),
        "upstreams[0]",
        {"bottlerocket"},
    ),
    "fewer requests at first": (
        HEAD.format(zone="UTC", option=", iburst: false"),
        "upstreams[2].iburst",
        {"talos", "bottlerocket"},
    ),
    "a wait of centuries": (
        PLAIN + "gate: {timeout: 999999999h, on_timeout: start}\n",
        "gate.timeout",
        {"talos"},
    ),
    "no servers from DHCP": (PLAIN + "clients: {dhcp_sources: ignore}\n", "clients.dhcp_sources", {"flatcar"}),
    "a limit of the offset": (
        PLAIN + "gate: {max_offset: 50ms}\n",
        "gate.max_offset",
        {"talos", "bottlerocket", "flatcar"},
    ),
    "no wait": (
        PLAIN + "gate: {timeout: 0s, on_timeout: start}\n",
        "gate.timeout",
        {"talos", "fedora-coreos", "flatcar"},
    ),
    "metrics": (
        PLAIN + "monitoring: {textfile_dir: /var/lib/node_exporter}\n",
        "monitoring.textfile_dir",
        {"talos", "bottlerocket", "fedora-coreos", "flatcar"},
    ),
}

SYSTEMS = ("talos", "bottlerocket", "fedora-coreos", "flatcar")


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("asked", ASKED)
def test_an_unsupported_setting_is_an_error_at_its_line(system: str, asked: str) -> None:
    text, path, refusing = ASKED[asked]
    plan, findings = compile_text(text, system)
    errors = [(item.rule.code, item.path) for item in findings if item.rule is not None and item.rule.code == "TP310"]
    assert errors == ([("TP310", path)] if system in refusing else [])
    assert plan is None or system not in refusing


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_missing_agent_is_a_warning(system: str) -> None:
    plan, findings = compile_text(PLAIN + "gate: {on_timeout: block}\n", system)
    assert plan is not None
    (found,) = [item for item in findings if item.rule.code == "TP311"]
    assert (found.path, found.severity) == ("gate", Severity.WARNING)


def test_max_offset_has_no_effect_where_no_unit_is_gated() -> None:
    for system in ("talos", "bottlerocket", "flatcar"):
        plan, findings = compile_text(PLAIN + "gate: {units: [], max_offset: 50ms}\n", system)
        assert plan is not None, [item.message for item in findings]


SAME = (", port: 123", ", prefer: false, noselect: false")


@pytest.mark.parametrize("option", SAME)
@pytest.mark.parametrize("system", ["talos", "bottlerocket"])
def test_an_option_with_the_behaviour_of_every_client_is_no_error(system: str, option: str) -> None:
    plan, findings = compile_text(HEAD.format(zone="Etc/UTC", option=option), system)
    assert plan is not None, [item.message for item in findings]


@pytest.mark.parametrize("system", SYSTEMS)
def test_none_of_them_can_be_a_server(system: str) -> None:
    text = PLAIN + "servers: {addresses: [10.2.12.11], allow: [10.2.0.0/16]}\n"
    plan, findings = compile_text(text, system, Role.SERVER)
    assert plan is None
    assert {item.rule.code for item in findings if item.severity is Severity.ERROR} <= {"TP310", "TP060", "TP061"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_policy_for_them_may_have_servers(system: str) -> None:
    """The servers are other nodes."""
    text = PLAIN + f"servers: {{addresses: [10.2.12.11], allow: [10.2.0.0/16]}}\ndistros: [debian-12, {system}]\n"
    findings = validated_text(text.encode())[1]
    assert not findings.has_errors, [item.message for item in findings]


@pytest.mark.parametrize(("system", "daemon"), [("talos", "chrony"), ("bottlerocket", "systemd-timesyncd")])
def test_another_daemon_is_not_available(system: str, daemon: str) -> None:
    plan, findings = compile_text(PLAIN + f"clients: {{daemon: {daemon}}}\n", system)
    assert plan is None
    assert "TP061" in {item.rule.code for item in findings}
