"""Lines of `extra` on nodes: who gets them, at which place of the file, and what an override makes of them."""

import json

import pytest
import yaml

from tests.helpers.cases import compile_text, file_of, plan_of
from tests.helpers.policy_findings import validated_text
from timepolicy.compiler import read_policy
from timepolicy.distros.catalogue import find
from timepolicy.plan.planner import plan_node
from timepolicy.policy.build import build_policy
from timepolicy.policy.role import Role
from timepolicy.source import Source

CHRONY, TIMESYNCD = "/etc/chrony/chrony.conf", "/etc/systemd/timesyncd.conf.d/zz-timepolicy.conf"

POLICY = """
timezone: UTC
upstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]
servers:
  addresses: [10.2.12.11]
  allow: [10.2.0.0/16]
  extra: {chrony: [refclock SHM 0 refid GPS]}
clients:
  extra:
    chrony: [hwtimestamp *, maxslewrate 500]
    timesyncd: [RootDistanceMaxSec=1]
"""


def with_override(extra: str) -> str:
    return f"{POLICY}overrides: [{{match: {{distro: debian-12}}, set: {{clients: {{extra: {extra}}}}}}}]\n"


def chrony_of(text: str, role: Role = Role.CLIENT) -> list[str]:
    return file_of(plan_of(text, "debian-12", role), CHRONY).splitlines()


def test_the_lines_are_the_last_of_the_file_in_their_order() -> None:
    assert chrony_of(POLICY)[-4:] == ["rtcsync", "# `extra` of the policy", "hwtimestamp *", "maxslewrate 500"]


def test_under_auto_each_daemon_has_its_own() -> None:
    plan = plan_of(POLICY, "debian-12")
    assert file_of(plan, TIMESYNCD).splitlines()[-2:] == ["# `extra` of the policy", "RootDistanceMaxSec=1"]
    assert "RootDistanceMaxSec" not in file_of(plan, CHRONY)
    assert plan.to_data()["extra"] == {
        "chrony": ["hwtimestamp *", "maxslewrate 500"],
        "timesyncd": ["RootDistanceMaxSec=1"],
    }


def test_servers_have_those_of_servers() -> None:
    assert chrony_of(POLICY, Role.SERVER)[-3:] == ["rtcsync", "# `extra` of the policy", "refclock SHM 0 refid GPS"]


def test_a_node_without_the_agent_has_them_too() -> None:
    policy = "timezone: UTC\nupstreams: [a.b, c.d, e.f]\nclients: {daemon: chrony, extra: {chrony: [lock_all]}}\n"
    assert file_of(plan_of(policy, "fedora-coreos"), "/etc/chrony.conf").endswith("policy\nlock_all\n")


@pytest.mark.parametrize(
    ("extra", "lines"),
    [
        pytest.param("{chrony: [lock_all]}", ["# `extra` of the policy", "lock_all"], id="other lines"),
        pytest.param("{chrony: []}", ["rtcsync"], id="no lines"),
        pytest.param("{timesyncd: []}", ["hwtimestamp *", "maxslewrate 500"], id="lines of the other daemon"),
    ],
)
def test_an_override_replaces_the_list_of_its_daemon(extra: str, lines: list[str]) -> None:
    assert chrony_of(with_override(extra))[-len(lines) :] == lines


def test_without_lines_the_plan_is_that_of_a_policy_without_the_key() -> None:
    policy = yaml.safe_load(POLICY)
    policy["clients"]["extra"] = {"chrony": [], "timesyncd": []}
    empty = plan_of(json.dumps(policy), "debian-12")
    del policy["clients"]["extra"]
    assert empty == plan_of(json.dumps(policy), "debian-12")
    assert "extra" not in empty.to_data()


def test_the_lines_of_one_daemon_do_not_choose_it() -> None:
    """A line that the release's chrony does not have is an error, and no reason to run another daemon."""
    policy = POLICY.replace("maxslewrate 500", "ptpdomain 24")
    plan, findings = compile_text(policy, "debian-12")
    assert plan is None
    assert [finding.rule.code for finding in findings if finding.path == "clients.extra.chrony[1]"] == ["TP062"]


def test_a_line_that_is_too_new_leaves_no_plan() -> None:
    document = read_policy(Source(name="policy.yaml", text=POLICY.replace("maxslewrate 500", "ptpdomain 24"))).value
    target = find("debian-12")
    assert document is not None
    assert target is not None
    assert plan_node(build_policy(document, Role.CLIENT), target).value is None


def test_a_line_that_is_wrong_in_several_ways_is_reported_where_it_stands() -> None:
    text = with_override("{chrony: [server 192.0.2.1 ibrust]}").encode()
    found = [(finding.rule.code, finding.path) for finding in validated_text(text)[1]]
    assert found == [("TP136", "overrides[0].set.clients.extra.chrony[0]")]
