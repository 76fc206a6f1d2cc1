"""Sources that no policy accepts are not converted, and a finding says why: an imported policy compiles."""

import pytest

from tests.helpers.cases import plan_of
from tests.helpers.config_import import import_sources
from timepolicy.source import Source

RIGHT = "server ntp1.example.org iburst\nserver ntp2.example.org iburst\nserver ntp3.example.org iburst\n"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("server 127.0.0.1", "`127.0.0.1` is not converted: this is the node itself", id="itself"),
        pytest.param("server 127.127.28.0", "this is ntpd's name for a clock of the node", id="a driver of ntpd"),
        pytest.param("server 192.0.2.1 ipv6", "chronyd refuses an address with `ipv6`", id="another family"),
        pytest.param("refclock PHC /dev/pps0", "the device gives the beginning of seconds", id="a PPS device"),
    ],
)
def test_an_unusable_source_is_not_converted(line: str, reason: str) -> None:
    imported = import_sources([Source(name="chrony.conf", text=RIGHT + line + "\nmakestep 1 3\nrtcsync\n")])
    assert imported.policy is not None
    plan_of(imported.policy, "ubuntu-26.04")
    assert "TP250" in imported.codes
    assert reason in imported.findings


def test_a_service_on_a_port_of_its_own_is_converted() -> None:
    imported = import_sources([Source(name="chrony.conf", text=RIGHT + "server 127.0.0.1 port 1123\nrtcsync\n")])
    assert imported.policy is not None
    assert "port: 1123" in imported.policy
