"""Overrides: which apply to a node, and what they cost."""

import pytest

from tests.helpers.cases import agent_plan_of
from tests.helpers.work import calls_of
from timepolicy.compiler import check_policy
from timepolicy.document.load import load
from timepolicy.policy.build import build_policy
from timepolicy.policy.overrides import policy_for
from timepolicy.policy.role import Role
from timepolicy.source import Source

HEAD = "timezone: UTC\nupstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]\n"


def with_overrides(count: int, *patterns: str) -> Source:
    """A policy with `count` overrides, for each of `patterns` in turn."""
    lines = [
        f'  - {{match: {{distro: "{patterns[number % len(patterns)]}"}}, set: {{gate: {{timeout: {number + 60}s}}}}}}\n'
        for number in range(count)
    ]
    return Source(name="policy.yaml", text=f"{HEAD}overrides:\n{''.join(lines)}")


def test_the_last_of_a_thousand_overrides_wins() -> None:
    text = with_overrides(1000, "*", "debian-*", "rocky-*", "ubuntu-*").text
    assert agent_plan_of(text, "debian-12").contract.to_data()["gate"]["timeout"] == 60 + 997
    assert agent_plan_of(text, "rocky-9").contract.to_data()["gate"]["timeout"] == 60 + 998


def test_a_node_does_not_carry_the_overrides_of_others() -> None:
    document = load(with_overrides(1000, "rocky-*")).value
    assert document is not None
    origins = build_policy(policy_for(document, "debian-12", Role.CLIENT), Role.CLIENT).origins
    assert sorted(origins) == ["", "timezone", "upstreams", "upstreams[0]", "upstreams[1]", "upstreams[2]"]


@pytest.mark.parametrize(
    "patterns", [("debian-12",), ("*", "debian-*", "rocky-*")], ids=["one release", "all releases"]
)
def test_work_grows_with_the_number_of_overrides_and_no_faster(patterns: tuple[str, ...]) -> None:
    few, many = (with_overrides(count, *patterns) for count in (200, 400))
    check_policy(few)  # what is cached is no work any more
    assert calls_of(lambda: check_policy(many)) < 2.2 * calls_of(lambda: check_policy(few))
