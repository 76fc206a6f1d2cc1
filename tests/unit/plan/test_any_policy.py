"""Whatever the schema accepts is compiled, or refused with a finding; and what is made is well-formed."""

import json
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cases import compile_text, file_of, included_from
from tests.programs import need, run
from timepolicy.distros.releases import RELEASES
from timepolicy.facts.chrony_options import OPTION_SINCE
from timepolicy.formats import EMITTERS
from timepolicy.plan.types import NodePlan
from timepolicy.policy.model import Role

HOSTS = st.sampled_from(["ntp.example.org", "a.b", "10.2.12.11", "2001:db8::1", "x" * 63 + ".org"])
POLLS = st.sampled_from([f"{2**n}s" for n in range(4, 11)])
DURATIONS = st.builds("{}{}".format, st.integers(1, 999), st.sampled_from(["ms", "s", "m"]))
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "port": st.integers(1, 65535),
        "iburst": st.booleans(),
        "min_poll": POLLS,
        "max_poll": POLLS,
        "prefer": st.booleans(),
        "noselect": st.booleans(),
        "xleave": st.booleans(),
        "copy": st.booleans(),
        "family": st.sampled_from(["ipv4", "ipv6"]),
        "max_unreach": st.integers(1, 1000),
        "max_delay": DURATIONS,
    },
)
SERVERS = st.builds(lambda host, options: {"server": host, **options}, HOSTS, OPTIONS)
POOLS = st.builds(lambda host, count: {"pool": host, "max_sources": count}, HOSTS, st.integers(1, 16))
SOURCES = st.lists(st.one_of(HOSTS, SERVERS, POOLS), min_size=1, max_size=5, unique_by=json.dumps)
GATES = st.fixed_dictionaries(
    {},
    optional={
        "units": st.lists(st.sampled_from(["kubelet.service", "a@b.service", "k3s.service"]), unique=True),
        "max_offset": DURATIONS,
        "timeout": DURATIONS,
        "on_timeout": st.sampled_from(["block", "start"]),
    },
)
CLIENTS = st.fixed_dictionaries(
    {},
    optional={
        "daemon": st.sampled_from(["auto", "chrony", "systemd-timesyncd"]),
        "dhcp_sources": st.sampled_from(["ignore", "use"]),
        "min_sources": st.integers(1, 4),
    },
)
STEPS = st.fixed_dictionaries(
    {}, optional={"threshold": DURATIONS, "when": st.sampled_from(["pause", "boot", "always", "never"])}
)
IPV4 = st.integers(0, 2**32 - 1).map(lambda number: str(IPv4Address(number)))
IPV6 = st.integers(0, 2**128 - 1).map(lambda number: str(IPv6Address(number)))
NETWORKS = st.one_of(
    st.builds(lambda address, length: str(ip_network(f"{address}/{length}", strict=False)), IPV4, st.integers(0, 32)),
    st.builds(lambda address, length: str(ip_network(f"{address}/{length}", strict=False)), IPV6, st.integers(0, 128)),
    st.builds("{}/{}".format, st.one_of(IPV4, IPV6), st.integers(0, 999)),
)
SERVING = st.fixed_dictionaries(
    {"addresses": st.lists(HOSTS, min_size=1, max_size=4, unique=True)},
    optional={
        "allow": st.lists(NETWORKS, min_size=1, max_size=4, unique=True),
        "orphan_stratum": st.integers(1, 15),
    },
)
POLICIES = st.fixed_dictionaries(
    {"timezone": st.sampled_from(["UTC", "Asia/Shanghai"]), "upstreams": SOURCES},
    optional={
        "gate": GATES,
        "clients": CLIENTS,
        "step": STEPS,
        "servers": SERVING,
        "name": st.from_regex(r"[a-z]{1,9}", fullmatch=True),
    },
)
ROLES = st.sampled_from(Role)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(POLICIES, st.sampled_from(list(RELEASES)), ROLES)
def test_a_policy_of_the_right_shape_is_compiled_or_refused(policy: dict[str, Any], release: str, role: Role) -> None:
    plan, findings = compile_text(json.dumps(policy), release, role)
    assert (plan is None) == findings.has_errors
    assert not [finding for finding in findings if finding.rule.code < "TP040"]
    if plan is not None:
        document = EMITTERS["cloud-config"].render(plan)
        assert document == EMITTERS["cloud-config"].render(plan)
        (script,) = yaml.safe_load(document)["bootcmd"]
        for file in plan.files:
            assert file.packed or f" <<'EOF'\n{file.content}EOF\n" in script
            assert file.path.replace("/etc/systemd/system", "$units") in script
        assert json.loads(file_of(plan, "/etc/timepolicy/node.json")) == plan.contract


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(POLICIES, ROLES)
def test_chronyd_accepts_whatever_is_compiled_for_its_version(policy: dict[str, Any], role: Role) -> None:
    policy["clients"] = {**policy.get("clients", {}), "daemon": "chrony"}
    plan = compile_text(json.dumps(policy), "debian-12", role)[0]
    if plan is not None:
        assert_accepted(plan)


def assert_accepted(plan: NodePlan) -> None:
    content = next(file.content for file in plan.files if file.path.endswith("chrony.conf"))
    assert not set(content.split()) & {word for word, since in OPTION_SINCE.items() if since > (4, 3)}
    with TemporaryDirectory() as folder:
        path = Path(folder, "chrony.conf")
        path.write_text(included_from(Path(folder), content))
        done = run([need("chronyd"), "-p", "-f", path])
    assert done.returncode == 0, content + done.stderr
