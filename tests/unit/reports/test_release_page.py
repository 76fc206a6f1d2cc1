"""docs/distributions.md: current, and every release has its facts."""

import pytest

from tests.helpers.cases import ROOT
from tests.helpers.command_line import timepolicy
from tests.helpers.golden_files import assert_golden
from timepolicy.distros.catalogue import TARGETS

PAGE = ROOT / "docs/distributions.md"

FACTS = {
    "debian-12": ["`ID=debian`, `VERSION_ID=12`", "| chrony | 4.3, in package chrony;", "| known by | verified |"],
    "rhel-8": ["/usr/libexec/platform-python", "Assumed:\n\n- chrony's version is that of the latest minor release"],
    "flatcar": ["| set up by | Ignition |", "[TP311](../rules/TP311.md)"],
    "talos": ["| what waits | kubelet and etcd wait for the first answer"],
    "amazon-linux-2": ["| free security updates | ended 2026-06", "| firewalls | nftables, iptables |"],
}


def sections() -> dict[str, str]:
    parts = PAGE.read_text().split("\n## ")[1:]
    return {part.partition("\n")[0]: part for part in parts}


def test_the_page_is_what_the_catalogue_says(update_golden: bool) -> None:
    done = timepolicy("distros", "--format", "markdown")
    assert (done.returncode, done.stderr) == (0, b"")
    assert_golden(PAGE, done.stdout.decode(), update_golden)


def test_every_release_has_a_section() -> None:
    assert list(sections()) == list(TARGETS)


@pytest.mark.parametrize("release", FACTS)
def test_a_section_has_the_facts_of_its_release(release: str) -> None:
    text = sections()[release]
    assert [fact for fact in FACTS[release] if fact not in text] == []
