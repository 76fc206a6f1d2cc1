"""The catalogue compared with facts about the distributions; the values here were written by hand."""

import re
from itertools import product
from typing import NamedTuple

import pytest

from timepolicy.distros import amazon, arch, azurelinux, debian, fedora, openeuler, photon, rhel, suse
from timepolicy.distros.catalogue import AGENT_RELEASES, TARGETS, find, matching
from timepolicy.distros.release import Confidence, DaemonName, Release, Version
from timepolicy.facts.chrony_options import OPTION_SINCE, needs
from timepolicy.facts.end_of_life import EDITION, ENDED
from timepolicy.facts.package_managers import INSTALL_COMMANDS
from timepolicy.tokens import AbsolutePath, Token, UnitName

CHRONY, TIMESYNCD = DaemonName.CHRONY, DaemonName.TIMESYNCD

FAMILIES = (debian, rhel, fedora, amazon, suse, azurelinux, photon, openeuler, arch)

OS_RELEASE = {
    "debian-11": ("debian", "11"),
    "debian-12": ("debian", "12"),
    "debian-13": ("debian", "13"),
    "ubuntu-20.04": ("ubuntu", "20.04"),
    "ubuntu-22.04": ("ubuntu", "22.04"),
    "ubuntu-24.04": ("ubuntu", "24.04"),
    "ubuntu-25.10": ("ubuntu", "25.10"),
    "ubuntu-26.04": ("ubuntu", "26.04"),
    "ubuntu-26.10": ("ubuntu", "26.10"),
    "rhel-8": ("rhel", "8.*"),
    "rhel-9": ("rhel", "9.*"),
    "rhel-10": ("rhel", "10.*"),
    "centos-stream-8": ("centos", "8"),
    "centos-stream-9": ("centos", "9"),
    "centos-stream-10": ("centos", "10"),
    "rocky-8": ("rocky", "8.*"),
    "rocky-9": ("rocky", "9.*"),
    "rocky-10": ("rocky", "10.*"),
    "almalinux-8": ("almalinux", "8.*"),
    "almalinux-9": ("almalinux", "9.*"),
    "almalinux-10": ("almalinux", "10.*"),
    "oracle-linux-8": ("ol", "8.*"),
    "oracle-linux-9": ("ol", "9.*"),
    "oracle-linux-10": ("ol", "10.*"),
    "alinux-3": ("alinux", "3"),
    "alinux-4": ("alinux", "4*"),
    "anolis-8": ("anolis", "8.*"),
    "anolis-23": ("anolis", "23"),
    "opencloudos-8": ("opencloudos", "8.*"),
    "opencloudos-9": ("opencloudos", "9.*"),
    "tencentos-3": ("tencentos", "3.*"),
    "tencentos-4": ("tencentos", "4.*"),
    "kylin-v10": ("kylin", "V10"),
    "kylin-v11": ("kylin", "V11"),
    "fedora-41": ("fedora", "41"),
    "fedora-42": ("fedora", "42"),
    "fedora-43": ("fedora", "43"),
    "fedora-44": ("fedora", "44"),
    "fedora-45": ("fedora", "45"),
    "amazon-linux-2": ("amzn", "2"),
    "amazon-linux-2023": ("amzn", "2023"),
    "sles-15-sp5": ("sles", "15.5"),
    "sles-15-sp6": ("sles", "15.6"),
    "sles-15-sp7": ("sles", "15.7"),
    "sles-16.0": ("sles", "16.0"),
    "sles-16.1": ("sles", "16.1"),
    "opensuse-leap-15.6": ("opensuse-leap", "15.6"),
    "opensuse-leap-16": ("opensuse-leap", "16.0"),
    "opensuse-leap-16.1": ("opensuse-leap", "16.1"),
    "opensuse-tumbleweed": ("opensuse-tumbleweed", "2*"),
    "cbl-mariner-2": ("mariner", "2.0"),
    "azurelinux-3": ("azurelinux", "3.0"),
    "photon-4": ("photon", "4.0"),
    "photon-5": ("photon", "5.0"),
    "openeuler-20.03": ("openEuler", "20.03"),
    "openeuler-22.03": ("openEuler", "22.03"),
    "openeuler-24.03": ("openEuler", "24.03"),
    "arch": ("arch", "*"),
}
"""ID and VERSION_ID of every release that is served, in the catalogue's order."""


class Known(NamedTuple):
    chrony: Version
    systemd: int
    default: DaemonName
    in_image: set[DaemonName]
    has_timesyncd: bool
    package_manager: str


KNOWN = {
    "debian-11": Known(Version(4, 0), 247, CHRONY, {CHRONY}, True, "apt-get"),
    "debian-12": Known(Version(4, 3), 252, TIMESYNCD, {TIMESYNCD}, True, "apt-get"),
    "debian-13": Known(Version(4, 6, 1), 257, TIMESYNCD, {TIMESYNCD}, True, "apt-get"),
    "ubuntu-24.04": Known(Version(4, 5), 255, TIMESYNCD, {TIMESYNCD}, True, "apt-get"),
    "ubuntu-25.10": Known(Version(4, 7), 257, CHRONY, {CHRONY}, True, "apt-get"),
    "rocky-8": Known(Version(4, 5), 239, CHRONY, {CHRONY}, False, "dnf"),
    "rocky-9": Known(Version(4, 1), 252, CHRONY, {CHRONY}, False, "dnf"),
    "centos-stream-9": Known(Version(4, 5), 252, CHRONY, {CHRONY}, False, "dnf"),
    "rhel-10": Known(Version(4, 6, 1), 257, CHRONY, {CHRONY}, False, "dnf"),
    "rocky-10": Known(Version(4, 6, 1), 257, CHRONY, {CHRONY}, False, "dnf"),
    "oracle-linux-9": Known(Version(4, 1), 252, CHRONY, {CHRONY}, False, "dnf"),
    "anolis-8": Known(Version(4, 2), 239, CHRONY, set(), False, "dnf"),
    "fedora-41": Known(Version(4, 7), 256, CHRONY, {CHRONY, TIMESYNCD}, True, "dnf"),
    "fedora-42": Known(Version(4, 6, 1), 257, CHRONY, {CHRONY, TIMESYNCD}, True, "dnf"),
    "centos-stream-8": Known(Version(4, 2), 239, CHRONY, {CHRONY}, False, "dnf"),
    "fedora-43": Known(Version(4, 8), 258, CHRONY, {CHRONY, TIMESYNCD}, True, "dnf"),
    "fedora-44": Known(Version(4, 8), 259, CHRONY, {CHRONY, TIMESYNCD}, True, "dnf"),
    "amazon-linux-2": Known(Version(4, 2), 219, CHRONY, {CHRONY}, False, "yum"),
    "sles-15-sp7": Known(Version(4, 1), 254, CHRONY, {CHRONY}, True, "zypper"),
    "cbl-mariner-2": Known(Version(4, 1), 250, CHRONY, {CHRONY, TIMESYNCD}, True, "tdnf"),
    "photon-5": Known(Version(4, 3), 253, TIMESYNCD, {TIMESYNCD}, True, "tdnf"),
    "openeuler-22.03": Known(Version(4, 1), 249, CHRONY, set(), True, "dnf"),
    "openeuler-24.03": Known(Version(3, 5), 255, CHRONY, set(), True, "dnf"),
    "opensuse-tumbleweed": Known(Version(4, 9), 257, CHRONY, {CHRONY}, True, "zypper"),
    "arch": Known(Version(4, 8), 259, TIMESYNCD, {TIMESYNCD}, True, "pacman"),
    "kylin-v11": Known(Version(3, 5), 255, CHRONY, set(), False, "dnf"),
    "ubuntu-20.04": Known(Version(3, 5), 245, TIMESYNCD, {TIMESYNCD}, True, "apt-get"),
}

CHRONY_NOT_KNOWN = {
    *("openeuler-20.03", "openeuler-24.03", "alinux-3", "alinux-4", "anolis-23", "opencloudos-8", "opencloudos-9"),
    *("tencentos-3", "tencentos-4", "kylin-v10", "kylin-v11", "photon-4"),
}
SYSTEMD_NOT_KNOWN = {
    **dict.fromkeys(("alinux-4", "anolis-23", "opencloudos-9", "tencentos-4", "kylin-v10"), 239),
    **dict.fromkeys(("opensuse-tumbleweed", "opensuse-leap-16.1", "sles-16.0", "sles-16.1"), 257),
    **dict.fromkeys(("arch", "ubuntu-26.10", "fedora-45"), 259),
    "openeuler-20.03": 243,
    "photon-4": 247,
}
PLATFORM_PYTHON = {
    *("rhel-8", "centos-stream-8", "rocky-8", "almalinux-8", "oracle-linux-8", "alinux-3", "anolis-8", "opencloudos-8"),
    "tencentos-3",
}
INFERRED = CHRONY_NOT_KNOWN | {
    *("anolis-8", "arch", "openeuler-22.03", "fedora-45", "ubuntu-20.04", "ubuntu-26.10"),
    *("opensuse-leap-16.1", "sles-16.0", "sles-16.1"),
}


@pytest.fixture(params=AGENT_RELEASES)
def release(request: pytest.FixtureRequest) -> Release:
    return AGENT_RELEASES[str(request.param)]


def test_every_release_is_there_in_order_with_its_os_release() -> None:
    found = [(key, (row.os_id, row.version_id)) for key, row in AGENT_RELEASES.items()]
    assert found == list(OS_RELEASE.items())
    assert len(found) == 58


def test_no_row_of_a_family_is_lost_or_hidden_by_another() -> None:
    rows = [row for family in FAMILIES for row in family.RELEASES]
    assert len(rows) == len({row.key for row in rows}) == len({row.name for row in rows}) == len(AGENT_RELEASES)
    assert all(AGENT_RELEASES[row.key] is row for row in rows)


@pytest.mark.parametrize("key", KNOWN)
def test_a_row_has_the_known_facts(key: str) -> None:
    row = AGENT_RELEASES[key]
    assert row.chrony is not None
    found = Known(
        chrony=row.chrony.version,
        systemd=row.systemd,
        default=row.default_daemon,
        in_image=set(row.in_image),
        has_timesyncd=row.timesyncd is not None,
        package_manager=row.package_manager,
    )
    assert found == KNOWN[key]


def test_debian_has_its_own_paths_and_unit_of_chrony(release: Release) -> None:
    assert release.chrony is not None
    found = (release.chrony.unit, release.chrony.config, release.chrony.drift_file)
    if release.os_id in ("debian", "ubuntu"):
        assert found == ("chrony.service", "/etc/chrony/chrony.conf", "/var/lib/chrony/chrony.drift")
    else:
        assert found == ("chronyd.service", "/etc/chrony.conf", "/var/lib/chrony/drift")


def test_names_and_paths_are_safe_in_shells_and_units(release: Release) -> None:
    assert release.chrony is not None
    paths = [release.python, release.chrony.config, release.chrony.drift_file, release.chrony.dhcp_source_dir]
    names = [release.key, release.chrony.package, release.tzdata_package, release.python_package]
    units = [release.chrony.unit]
    if release.timesyncd:
        paths.append(release.timesyncd.drop_in_dir)
        names.append(release.timesyncd.package)
        units.append(release.timesyncd.unit)
    assert [AbsolutePath(path) for path in paths if path]
    assert [Token(name) for name in names if name]
    assert all(UnitName(unit).endswith(".service") for unit in units)


def test_the_default_daemon_is_available(release: Release) -> None:
    available = {CHRONY: release.chrony is not None, TIMESYNCD: release.timesyncd is not None}
    assert available[release.default_daemon]
    assert all(available[daemon] for daemon in release.in_image)


def test_a_default_daemon_missing_from_the_image_has_an_assumption() -> None:
    missing = {key: row for key, row in AGENT_RELEASES.items() if row.default_daemon not in row.in_image}
    assert len(missing) >= 5
    assert [key for key, row in missing.items() if not any("images" in text for text in row.assumptions)] == []


def test_packages_can_be_installed(release: Release) -> None:
    assert release.package_manager in INSTALL_COMMANDS
    assert release.tzdata_package == ("timezone" if release.package_manager == "zypper" else "tzdata")


def test_python_is_what_a_service_may_run(release: Release) -> None:
    expected = "/usr/libexec/platform-python" if release.key in PLATFORM_PYTHON else "/usr/bin/python3"
    assert release.python == expected
    assert release.python_package == ("python3" if release.key == "amazon-linux-2" else None)


def test_the_package_of_timesyncd() -> None:
    packages = {key: row.timesyncd.package for key, row in AGENT_RELEASES.items() if row.timesyncd}
    assert packages["debian-12"] == packages["ubuntu-26.04"] == "systemd-timesyncd"
    assert packages["openeuler-22.03"] == "systemd-timesyncd"
    assert packages["fedora-42"] == "systemd-udev"
    assert packages["opensuse-leap-15.6"] == packages["sles-16.0"] == "udev"
    assert packages["arch"] == packages["photon-5"] == "systemd"
    assert {"rhel-10", "almalinux-10", "centos-stream-10", "oracle-linux-10"}.isdisjoint(packages), "none but EPEL's"


def test_dhcp_sources_are_where_the_system_puts_them(release: Release) -> None:
    assert release.chrony is not None
    directory = release.chrony.dhcp_source_dir
    if directory:
        assert directory == "/run/chrony-dhcp"
        assert release.chrony.version >= OPTION_SINCE["sourcedir"]
    by_hooks = {"debian-12", "ubuntu-22.04", "rocky-9", "almalinux-10", "fedora-41", "opensuse-leap-16"}
    without = {"rocky-8", "sles-15-sp7", "amazon-linux-2023", "azurelinux-3", "arch", "kylin-v10"}
    assert release.key not in (without if directory else by_hooks)


def test_an_unknown_chrony_is_treated_as_old_and_has_an_assumption(release: Release) -> None:
    assert release.chrony is not None
    unknown = release.key in CHRONY_NOT_KNOWN
    assert (release.chrony.version == Version(3, 5)) == (unknown or release.key == "ubuntu-20.04")
    assert any("chrony's version is not known; treated as 3.5" in text for text in release.assumptions) == unknown


def test_an_unknown_systemd_has_an_assumption(release: Release) -> None:
    assumptions = [text for text in release.assumptions if text.startswith("systemd's version is not known")]
    assert len(assumptions) == (release.key in SYSTEMD_NOT_KNOWN)
    if assumptions:
        assert release.systemd == SYSTEMD_NOT_KNOWN[release.key]
        assert f"treated as {release.systemd}," in assumptions[0]


def test_an_inferred_row_says_what_it_is_inferred_from(release: Release) -> None:
    inferred = [text for text in release.assumptions if "inferred from" in text]
    assert len(inferred) == (release.confidence is Confidence.INFERRED)
    assert (release.confidence is Confidence.INFERRED) == (release.key in INFERRED)


def test_verified_rows_have_few_assumptions() -> None:
    keys = {key for key, row in AGENT_RELEASES.items() if row.confidence is Confidence.VERIFIED and row.assumptions}
    assert keys == {"rhel-8"}


def test_a_release_is_found_by_its_exact_key() -> None:
    rocky = find("rocky-9")
    assert rocky is not None
    assert rocky.name == "Rocky Linux 9"
    assert find("Rocky-9") is find("rocky") is find("talos-1") is None


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ("rocky-*", ["rocky-8", "rocky-9", "rocky-10"]),
        ("*-8", ["rhel-8", "centos-stream-8", "rocky-8", "almalinux-8", "oracle-linux-8", "anolis-8", "opencloudos-8"]),
        ("ubuntu-2[24].04", ["ubuntu-22.04", "ubuntu-24.04"]),
        ("amazon-linux-?", ["amazon-linux-2"]),
        ("arch", ["arch"]),
        ("ROCKY-*", []),
        ("rocky", []),
        ("fedora-*", ["fedora-41", "fedora-42", "fedora-43", "fedora-44", "fedora-45"]),
        ("fedora-coreos", ["fedora-coreos"]),
        ("t*s", ["talos"]),
    ],
)
def test_patterns_match_whole_keys_as_a_shell_does(pattern: str, keys: list[str]) -> None:
    assert [row.key for row in matching(pattern)] == keys


def test_systems_without_the_agent_are_not_releases_with_it() -> None:
    others = [key for key in TARGETS if key not in AGENT_RELEASES]
    assert others == ["fedora-coreos", "flatcar", "openshift-4", "bottlerocket", "talos"]


@pytest.mark.parametrize(
    ("word", "since"),
    [("copy", "4.1"), ("sourcedir", "4.0"), ("ipv4", "4.6"), ("ipv6", "4.6"), ("maxunreach", "4.8")],
)
def test_newer_options_have_their_first_version(word: str, since: str) -> None:
    assert str(needs(word)) == since


@pytest.mark.parametrize(
    "word", ["iburst", "prefer", "trust", "require", "noselect", "xleave", "maxdelay", "maxsources"]
)
def test_old_options_need_nothing(word: str) -> None:
    assert needs(word) is None


def test_versions_compare_and_print_as_people_write_them() -> None:
    ordered = [Version(3, 5), Version(4), Version(4, 6), Version(4, 6, 1), Version(4, 10)]
    assert all((left < right) == (i < j) for (i, left), (j, right) in product(enumerate(ordered), repeat=2))
    assert [str(version) for version in ordered] == ["3.5", "4.0", "4.6", "4.6.1", "4.10"]


def test_ended_releases_are_in_the_catalogue_and_ended_before_its_edition() -> None:
    assert {*ENDED} <= {*AGENT_RELEASES}
    assert all(re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month) and month <= EDITION for month in ENDED.values())
