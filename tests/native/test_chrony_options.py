"""The first version of each chrony option, compared with the installed chronyd."""

import re

import pytest

from tests.helpers.programs import need, run
from timepolicy.distros.release import Version
from timepolicy.facts.chrony_options import OPTION_SINCE

LINES = {
    "sourcedir": "sourcedir /run/chrony-dhcp",
    "maxunreach": "server 192.0.2.1 maxunreach 10",
    **{word: f"server 192.0.2.1 {word}" for word in ("copy", "ipv4", "ipv6")},
}


@pytest.mark.parametrize("word", LINES)
def test_the_installed_chronyd_accepts_an_option_since_its_first_version(word: str) -> None:
    chronyd = need("chronyd")
    version = re.search(r"version (\d+)\.(\d+)", run([chronyd, "--version"]).stdout)
    assert version is not None
    known = Version(*map(int, version.groups())) >= OPTION_SINCE[word]
    done = run([chronyd, "-p", "-f", "/dev/stdin"], f"{LINES[word]}\n")
    assert (done.returncode == 0) == known, done.stdout + done.stderr
