"""Names that people write for releases, and what the catalogue says about them."""

import pytest

from timepolicy.distros.catalogue import TARGETS
from timepolicy.document.release_names import certain, meant, reason_without_row
from timepolicy.facts.release_names import CODE_NAMES

MEANT = {
    "noble": "ubuntu-24.04",
    "ubuntu-noble": "ubuntu-24.04",
    "debian-bookworm": "debian-12",
    "debian12": "debian-12",
    "ubuntu": "ubuntu-26.04",
    "fedora": "fedora-44",
    "fedora-46": "fedora-45",
    "rhel-9.4": "rhel-9",
    "rhel-8.10": "rhel-8",
    "Rocky_9": "rocky-9",
    "rocky-99": "rocky-9",
    "centos-9": "centos-stream-9",
    "ol9": "oracle-linux-9",
    "oraclelinux-8": "oracle-linux-8",
    "al2023": "amazon-linux-2023",
    "sles-15": "sles-15-sp7",
    "sles-15.6": "sles-15-sp6",
    "sles-16": "sles-16.1",
    "leap-15.6": "opensuse-leap-15.6",
    "kylin-v10-sp3": "kylin-v10",
    "arch-linux": "arch",
    "debain-12": "debian-12",
    "tallos": "talos",
    "xyz": None,
    "2023": None,
    "": None,
    "alpine": None,
}

DOUBTFUL = {
    *(
        "ubuntu-noble",
        "debian-bookworm",
        "ubuntu",
        "fedora",
        "fedora-46",
        "rocky-99",
        "sles-15",
        "sles-16",
        "kylin-v10-sp3",
    ),
    *("xyz", "2023", "", "alpine"),
}
"""Of MEANT, what could be another release too, or has no suggestion."""


@pytest.mark.parametrize(("name", "key"), MEANT.items())
def test_only_what_leaves_no_doubt_is_certain(name: str, key: str | None) -> None:
    assert certain(name) == (None if name in DOUBTFUL else key)


@pytest.mark.parametrize("name", ["centos-8", "opensuse-leap-16.5", "amazonlinux", "debian-14", "rhel-90", "arc"])
def test_a_guess_is_not_certain(name: str) -> None:
    assert certain(name) is None


@pytest.mark.parametrize(("name", "key"), MEANT.items())
def test_a_name_means_the_release_that_people_mean(name: str, key: str | None) -> None:
    assert meant(name) == key


def test_code_names_are_of_releases_in_the_catalogue() -> None:
    assert set(CODE_NAMES.values()) <= set(TARGETS)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("alpine-3.20", "no systemd"),
        ("centos-7", "Python 2.7"),
        ("Windows-2022", "time service of its own"),
        ("opensuse-microos", "transactional"),
        ("debian-10", "has ended"),
    ],
)
def test_a_system_without_a_row_has_a_reason(name: str, words: str) -> None:
    assert words in str(reason_without_row(name))
    assert meant(name) is None


def test_no_release_of_the_catalogue_has_a_reason_to_be_missing() -> None:
    assert [key for key in TARGETS if reason_without_row(key)] == []
