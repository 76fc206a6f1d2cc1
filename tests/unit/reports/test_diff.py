"""Differences between two policies: golden files, and a difference is reported only where the bytes differ."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.helpers.cases import ROOT, compile_text
from tests.helpers.command_line import timepolicy
from tests.helpers.golden_files import assert_golden
from tests.helpers.json_schema import assert_valid
from tests.helpers.policy_strategies import POLICIES, ROLES
from timepolicy.formats import FORMATS, formats_for
from timepolicy.policy.role import Role
from timepolicy.reports.diff import differences
from timepolicy.resources import SCHEMAS

PAIRS = ("tier", "daemon", "extra")
TIER = "tests/trees/diff/tier.yaml"


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("pair", PAIRS)
def test_golden(pair: str, form: str, update_golden: bool) -> None:
    done = timepolicy(
        "diff", f"tests/trees/diff/{pair}.yaml", f"tests/trees/diff/{pair}-changed.yaml", "--format", form
    )
    assert done.returncode == 1, done.stderr
    assert_golden(ROOT / f"tests/trees/diff/{pair}.{form}", done.stdout.decode(), update_golden)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_document_follows_its_schema(pair: str) -> None:
    assert_valid(json.loads((ROOT / f"tests/trees/diff/{pair}.json").read_text()), SCHEMAS / "diff.schema.json")


EXITS = {
    "the same": ((TIER, TIER), 0),
    "another": ((TIER, "tests/trees/diff/tier-changed.yaml"), 1),
    "a difference for servers only": ((TIER, TIER.replace(".yaml", "-orphans.yaml")), 1),
    "the same for clients": ((TIER, TIER.replace(".yaml", "-orphans.yaml"), "--role", "client"), 0),
    "a policy of a wrong shape": ((TIER, "tests/cases/TP029/wrong-choices.yaml"), 2),
    "a policy that a release cannot have": ((TIER, "tests/trees/diff/daemon.yaml", "--distro", "talos"), 2),
    "no policy": ((TIER, "nowhere.yaml"), 3),
    "one policy": ((TIER,), 2),
}


@pytest.mark.parametrize(("arguments", "status"), EXITS.values(), ids=EXITS)
def test_exit_status(arguments: tuple[str, ...], status: int) -> None:
    done = timepolicy("diff", *arguments)
    assert done.returncode == status
    assert b"Traceback" not in done.stderr
    assert bool(done.stdout) == (status == 1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(POLICIES, POLICIES, st.booleans(), ROLES, st.sampled_from(["debian-12", "rocky-9", "flatcar", "talos"]))
def test_a_difference_is_reported_where_the_bytes_differ(
    old: dict[str, Any], other: dict[str, Any], is_one_key: bool, role: Role, target: str
) -> None:
    new = {**old, **dict(list(other.items())[-1:])} if is_one_key else other
    if target == "talos":  # which has no timezone, and no gate to state
        old, new = ({"upstreams": policy["upstreams"], "timezone": "UTC"} for policy in (old, new))
    before, after = (compile_text(json.dumps(policy), target, role)[0] for policy in (old, new))
    assume(before is not None and after is not None)
    assert before is not None
    assert after is not None
    render = FORMATS[formats_for(before.provisioning)[0]].render
    found = differences({(role, target): before}, {(role, target): after})
    assert bool(found) == (render(before) != render(after))
    assert not differences({(role, target): before}, {(role, target): before})
    assert all(difference.changes or difference.files for difference in found)
