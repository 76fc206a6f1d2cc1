"""The package's public names, their example, and that no call leaves a trace in the next one."""

import doctest
import subprocess
import sys

import pytest

import timepolicy
from tests.helpers.cases import ROOT
from timepolicy import Finding, Request, RequestError, Result, Source, check_policy, compile_policy
from timepolicy.compiler import Product, plan_kind, read_policy
from timepolicy.distros import catalogue
from timepolicy.policy.role import Role

THREE = "timezone: UTC\nupstreams: [ntp1.example.org, ntp2.example.org, ntp3.example.org]\n"
NEEDS_CHRONY_4_1 = "timezone: UTC\nupstreams: [{server: ntp1.example.org, copy: true}, b.example.org, c.example.org]\n"


def source(text: str) -> Source:
    return Source(name="policy.yaml", text=text)


def codes(result: Result[Product]) -> list[str]:
    return [finding.rule.code for finding in result.findings]


def test_the_example_of_the_package_is_true() -> None:
    assert doctest.testmod(timepolicy).attempted == 7
    assert doctest.testmod(timepolicy).failed == 0


@pytest.mark.parametrize("name", timepolicy.__all__)
def test_a_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(timepolicy, name).__doc__


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'compile'"):
        getattr(timepolicy, "compile")  # noqa: B009  # mypy knows that it is not there


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys, timepolicy; print(sorted(name for name in sys.modules if name.startswith('timepolicy.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"


def test_a_wrong_policy_has_findings_and_no_value() -> None:
    result = compile_policy(source("timezone: Mars\n"), Request(distro="debian-12"))
    assert result.value is None
    assert [finding.rule.code for finding in result.findings] == ["TP024"]
    assert all(isinstance(finding, Finding) for finding in result.findings)


def test_check_policy_finds_what_any_release_lacks() -> None:
    findings = check_policy(source(NEEDS_CHRONY_4_1 + "distros: [debian-12, debian-11]\n"))
    assert [(finding.rule.code, finding.values["release"]) for finding in findings] == [
        ("TP062", "debian-11"),  # chrony 4.0 does not know `copy`
        ("TP101", "debian-11"),
    ]


def test_a_release_leaves_nothing_behind_for_the_next() -> None:
    document = read_policy(source(THREE)).value
    assert document is not None
    results = []
    for key in ("debian-12", "kylin-v10", "debian-12"):
        target = catalogue.find(key)
        assert target is not None
        results.append(plan_kind(document, target, Role.CLIENT))
    first, other, third = results
    assert first.value == third.value
    assert list(first.findings) == list(third.findings) == []
    assert {finding.rule.code for finding in other.findings} == {"TP100"}


def test_a_call_leaves_nothing_behind_for_the_next() -> None:
    first = compile_policy(source(THREE), Request(distro="debian-12"))
    compile_policy(source(THREE), Request(distro="kylin-v10"))
    compile_policy(source("a: [\n"), Request(distro="debian-12"))
    third = compile_policy(source(THREE), Request(distro="debian-12"))
    assert first.value is not None
    assert first.value == third.value
    assert codes(first) == codes(third) == []


@pytest.mark.parametrize(
    ("request_", "parameter", "message"),
    [
        pytest.param(Request(distro="debain-12"), "distro", "did you mean debian-12", id="an unknown release"),
        pytest.param(Request(), "distro", "choose one release", id="no release"),
        pytest.param(Request(distro="debian-12", format="talos"), "format", "talos is not for debian-12", id="format"),
        pytest.param(Request(distro="debian-12", limit="ibm"), "limit", "there is no cloud `ibm`", id="cloud"),
        pytest.param(Request(distro="debian-12", format="script", gzip=True), "gzip", "compressed", id="gzip"),
    ],
)
def test_a_request_that_no_policy_meets_raises(request_: Request, parameter: str, message: str) -> None:
    with pytest.raises(RequestError, match=message) as raised:
        compile_policy(source(THREE), request_)
    assert raised.value.parameter == parameter


def test_a_product_that_a_cloud_does_not_accept_is_an_error() -> None:
    policy = (ROOT / "examples/server-tier/timepolicy.yaml").read_text()
    request = Request(distro="debian-12", role=Role.SERVER, limit="aws")
    assert codes(compile_policy(source(policy), request)) == ["TP064"]
    assert compile_policy(source(policy), Request(distro="debian-12", role=Role.SERVER)).value is not None
