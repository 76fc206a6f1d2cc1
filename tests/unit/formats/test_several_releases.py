"""One product for several releases: its size, and how a node finds its part."""

import gzip
from fnmatch import fnmatchcase

import pytest

from tests.helpers.cases import EXAMPLE, agent_plan_of
from tests.helpers.user_data import unpacked
from timepolicy.distros.catalogue import AGENT_RELEASES
from timepolicy.formats import FORMATS
from timepolicy.formats._shell import boothook_script

FIVE = ["debian-12", "ubuntu-24.04", "rocky-9", "amazon-linux-2023", "opensuse-leap-15.6"]


def test_os_release_of_each_release_matches_one_pattern() -> None:
    """Compare os-release of each release with the patterns of all."""
    for key, row in AGENT_RELEASES.items():
        version = row.version_id.replace("*", "0")
        patterns = {other.key: f"{other.os_id}-{other.version_id}" for other in AGENT_RELEASES.values()}
        fitting = [other for other, pattern in patterns.items() if fnmatchcase(f"{row.os_id}-{version}", pattern)]
        assert fitting == [key]


@pytest.mark.parametrize("name", ["cloud-config", "mime"])
def test_five_releases_need_little_more_than_one(name: str) -> None:
    """Above the 16 KiB of some clouds, which take them with --gzip (see CHANGELOG.md)."""
    product = FORMATS[name].render(*(agent_plan_of(EXAMPLE.read_text(), key) for key in FIVE))
    assert len(product) < 17 * 1024
    assert len(gzip.compress(product, mtime=0)) < 16 * 1024


def test_common_parts_of_releases_are_there_once() -> None:
    text = unpacked(boothook_script(*(agent_plan_of(EXAMPLE.read_text(), key) for key in FIVE)))
    assert text.count("Description=Wait for the correct time") == 1
    assert text.count("usage: timepolicy-node COMMAND") == 1
