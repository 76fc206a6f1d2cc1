"""Options of a time source: their defaults, and which of them a policy sets."""

import pytest

from timepolicy.policy.options import Family, SourceOptions
from timepolicy.tokens import Duration


def test_defaults_are_those_of_the_language() -> None:
    options = SourceOptions()
    assert (options.port, options.nts_port, options.max_sources, options.iburst) == (123, 4460, 4, True)
    flags = (options.nts, options.prefer, options.noselect, options.xleave, options.copy)
    assert flags == (False,) * 5
    left_to_the_daemon = (options.min_poll, options.max_poll, options.max_delay, options.max_unreach, options.family)
    assert (*left_to_the_daemon, options.key) == (None,) * 6


def test_data_of_a_policy_becomes_typed_values() -> None:
    data = {"port": 1123, "min_poll": "16s", "max_delay": "1.5ms", "family": "ipv6", "key": 7, "prefer": True}
    assert SourceOptions.from_data(data) == SourceOptions(
        port=1123,
        min_poll=Duration(16_000_000),
        max_delay=Duration(1500),
        family=Family.IPV6,
        key=7,
        prefer=True,
        explicit=frozenset({"port", "min_poll", "max_delay", "family", "key", "prefer"}),
    )


@pytest.mark.parametrize(
    ("data", "explicit", "enabled"),
    [
        pytest.param({}, set(), set(), id="nothing"),
        pytest.param({"port": 123}, {"port"}, {"port"}, id="a default"),
        pytest.param({"nts": False, "iburst": False}, {"nts", "iburst"}, set(), id="flags that are off"),
        pytest.param({"xleave": True, "copy": False}, {"xleave", "copy"}, {"xleave"}, id="one flag that is on"),
    ],
)
def test_what_a_policy_sets_is_known_apart_from_defaults(
    data: dict[str, object], explicit: set[str], enabled: set[str]
) -> None:
    options = SourceOptions.from_data(data)
    assert options.explicit == explicit
    assert options.enabled == enabled
