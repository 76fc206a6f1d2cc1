"""`timepolicy compliance` against OpenSCAP's scanner with ComplianceAsCode's content for RHEL 9, on a rendered tree.

Single tests of the content are compared: its definitions also ask whether a package is installed and a service runs,
which a tree of files cannot answer.
"""

import re
from pathlib import Path

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.command_line import timepolicy
from tests.helpers.programs import give_up, need, run
from timepolicy.compiler import read_policy
from timepolicy.compliance.audit import audit, profile_named
from timepolicy.source import Source

CONTENT = "usr/share/xml/scap/ssg/content/ssg-rhel9-oval.xml"
"""Of Debian's package ssg-nondebian, which tests/run unpacks."""

POLICIES = {
    "closed": "upstreams: [ntp1.example.org, ntp2.example.org]\nclients: {listen: none}\n",
    "open": "upstreams: [ntp1.example.org, ntp2.example.org]\n",
}

TESTS = {
    "RHEL-09-252020": ("chronyd_or_ntpd_set_maxpoll", "test_chrony_all_server_has_maxpoll"),
    "RHEL-09-252025": ("chronyd_client_only", "test_chronyd_client_only"),
    "RHEL-09-252030": ("chronyd_no_chronyc_network", "test_chronyd_no_chronyc_network"),
}
"""For each rule: the definition, and its test of chrony.conf."""


def content() -> Path:
    paths = [Path("/", CONTENT), ROOT / ".tools/ssg-nondebian" / CONTENT]
    return next(filter(Path.is_file, paths), None) or give_up("ssg-nondebian")


def scanned(folder: Path, definition: str, test: str) -> bool:
    """What the scanner says about one test, on the tree in `folder`."""
    results = folder.parent / "results.xml"
    options: list[str | Path] = [
        "--skip-valid",
        "--results",
        results,
        "--id",
        f"oval:ssg-{definition}:def:1",
        content(),
    ]
    done = run(["env", f"OSCAP_PROBE_ROOT={folder}", need("oscap"), "oval", "eval", *options])
    found = re.findall(rf'<test test_id="oval:ssg-{test}:tst:1"[^>]* result="(\w+)"', results.read_text())
    assert found in (["true"], ["false"]), done.stderr
    return found == ["true"]


@pytest.mark.parametrize("rule", TESTS)
@pytest.mark.parametrize("name", POLICIES)
def test_the_scanner_agrees(tmp_path: Path, name: str, rule: str) -> None:
    text = "timezone: UTC\n" + POLICIES[name]
    done = timepolicy(
        "render", "-", "--distro", "rocky-9", "--format", "rootfs", "-o", str(tmp_path / "root"), text=text
    )
    assert done.returncode == 0
    profile = profile_named("stig-rhel9")
    document = read_policy(Source(name="timepolicy.yaml", text=text))
    (found,) = document.then(lambda document: audit(document, profile, "rocky-9", None)).value or []
    status = {number: judgement.status for number, _, judgement in found.rules}[rule]
    assert scanned(tmp_path / "root", *TESTS[rule]) == (status == "satisfied")
