"""What can be found in spite of other findings is found in the same run."""

from tests.helpers.policy_findings import validated_text

TEXT = """\
timezon: UTC
upstreams: [10.2.12.999, {server: "a b"}]
clients: {fallback: [1.2.3.4.5]}
distros: [debian-21, "Debian 12"]
overrides: [{match: {distro: debian-12}, set: {upstreams: [{pool: 1.2.3}]}}]
"""


def test_hosts_and_releases_are_judged_beside_a_wrong_shape() -> None:
    findings = validated_text(TEXT.encode())[1]
    assert [(finding.rule.code, finding.path) for finding in findings] == [
        ("TP021", "timezon"),
        ("TP042", "upstreams[0]"),
        ("TP028", "upstreams[1].server"),
        ("TP042", "clients.fallback[0]"),
        ("TP040", "distros[0]"),
        ("TP028", "distros[1]"),
        ("TP042", "overrides[0].set.upstreams[0].pool"),
    ]
