"""Presets of clouds, for every release."""

import pytest

from tests.helpers.cases import file_of, plan_of
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.facts.presets import PRESETS


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("release", AGENT_RELEASES)
def test_every_preset_renders_for_every_release(preset: str, release: str) -> None:
    plan = plan_of(f"timezone: UTC\nupstreams: [{{preset: {preset}}}, 192.0.2.1]\n", release)
    text = "".join(file.content for file in plan.files)
    for host in PRESETS[preset].servers:
        assert host in text
    if device := PRESETS[preset].clock:
        assert plan.daemon == "chrony"
        assert f"wait_for_clock {device} " in text


def test_aws_has_an_address_for_nodes_that_ask_over_ipv6() -> None:
    """Also on a release whose chrony does not have the option `ipv6`."""
    text = "timezone: UTC\nupstreams: [{preset: aws, family: ipv6}]\n"
    config = file_of(plan_of(text, "amazon-linux-2023"), "/etc/chrony.conf")
    assert [line for line in config.splitlines() if line.startswith("server ")] == [
        "server fd00:ec2::123 iburst minpoll 4 maxpoll 4"
    ]
