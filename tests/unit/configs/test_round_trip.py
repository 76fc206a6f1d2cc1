"""Import, render, import again, render again: the second file is the first, so an import loses nothing of ours."""

from typing import Any

import pytest
import yaml

from tests.helpers.cases import TREES, file_of, plan_of
from tests.helpers.config_import import import_sources
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.source import Source

NEWEST = "ubuntu-26.04"
"""Its chrony knows every option that a policy can have."""

TIMESYNCD = "/etc/systemd/timesyncd.conf.d/zz-timepolicy.conf"


def policies_of_clients() -> dict[str, dict[str, Any]]:
    """The policies in trees/import whose nodes serve nobody: servers find the rest of their configuration at boot."""
    texts = {path.parent.name: path.read_text() for path in sorted((TREES / "import").glob("*/policy.yaml"))}
    policies = {name: yaml.safe_load(text) for name, text in texts.items()}
    return {name: data for name, data in policies.items() if "servers" not in data}


POLICIES = policies_of_clients()


def release_of(case: str, daemon: str) -> str:
    about = yaml.safe_load((TREES / "import" / case / "case.yaml").read_text())
    row = AGENT_RELEASES[about.get("distro", NEWEST)]
    has_daemon = row.chrony if daemon == "chrony" else row.timesyncd
    return row.key if has_daemon else NEWEST


def without_clocks(data: dict[str, Any]) -> dict[str, Any]:
    """The policy without hardware clocks, which a node adds to its chrony.conf at boot."""
    upstreams = [source for source in data["upstreams"] if "phc" not in source]
    return {**data, "upstreams": upstreams}


@pytest.mark.parametrize("case", POLICIES)
def test_a_rendered_file_is_imported_without_loss(case: str) -> None:
    data = without_clocks(POLICIES[case])
    if not data["upstreams"]:
        data = {**data, "upstreams": ["ntp1.example.org"]}
    daemon = data["clients"]["daemon"]
    release = release_of(case, daemon)
    row = AGENT_RELEASES[release].chrony
    path = row.config if row and daemon == "chrony" else TIMESYNCD
    before = file_of(plan_of(yaml.safe_dump(data), release), path)
    imported = import_sources([Source(name=path, text=before)], distro=release)
    assert imported.policy is not None
    assert file_of(plan_of(imported.policy, release), path) == before
    assert "TP250" not in imported.codes
