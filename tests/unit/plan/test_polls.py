"""How often chronyd asks a source: the defaults by kind of source and role, and what the policy sets."""

import pytest

from tests.helpers.cases import plan_of
from timepolicy.policy.role import Role

TIER = "servers: {addresses: [10.2.0.1], allow: [10.2.0.0/16]}\n"

ROWS = {
    "a client's public source": ("upstreams: [ntp1.example.org]", Role.CLIENT, "iburst maxpoll 8"),
    "a server's upstream": (f"upstreams: [ntp1.example.org]\n{TIER}", Role.SERVER, "iburst maxpoll 7"),
    "the cluster's server": (f"upstreams: [ntp1.example.org]\n{TIER}", Role.CLIENT, "iburst minpoll 2 maxpoll 6"),
    "AWS": ("upstreams: [{preset: aws}]", Role.CLIENT, "iburst minpoll 4 maxpoll 4"),
    "AWS, for a server": (f"upstreams: [{{preset: aws}}]\n{TIER}", Role.SERVER, "iburst minpoll 4 maxpoll 4"),
    "Alibaba Cloud": ("upstreams: [{preset: alibaba}]", Role.CLIENT, "iburst minpoll 4 maxpoll 10"),
    "Google Cloud, whose page has no intervals": ("upstreams: [{preset: gcp}]", Role.CLIENT, "iburst maxpoll 8"),
    "min_poll above the default of max_poll": (
        "upstreams: [{server: ntp1.example.org, min_poll: 1024s}]",
        Role.CLIENT,
        "iburst minpoll 10 maxpoll 10",
    ),
    "max_poll below a preset's min_poll": (
        "upstreams: [{preset: aws, max_poll: 8s}]",
        Role.CLIENT,
        "iburst minpoll 3 maxpoll 3",
    ),
    "what the policy sets": (
        "upstreams: [{server: ntp1.example.org, min_poll: 16s, max_poll: 512s}]",
        Role.CLIENT,
        "iburst minpoll 4 maxpoll 9",
    ),
}


@pytest.mark.parametrize(("text", "role", "options"), [pytest.param(*row, id=name) for name, row in ROWS.items()])
def test_the_poll_intervals_of_a_source(text: str, role: Role, options: str) -> None:
    plan = plan_of(f"timezone: UTC\nclients: {{daemon: chrony}}\n{text}\n", role=role)
    (conf,) = [file.content for file in plan.files if file.path == "/etc/chrony/chrony.conf"]
    assert isinstance(conf, str)
    lines = [line.split(" ", 2)[2] for line in conf.splitlines() if line.startswith("server ")]
    assert set(lines) == {options}
