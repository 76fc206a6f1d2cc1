"""What people call distributions and releases, and why some systems have no row in the catalogue."""

CODE_NAMES = {
    "bullseye": "debian-11",
    "bookworm": "debian-12",
    "trixie": "debian-13",
    "focal": "ubuntu-20.04",
    "jammy": "ubuntu-22.04",
    "noble": "ubuntu-24.04",
    "questing": "ubuntu-25.10",
    "resolute": "ubuntu-26.04",
    "al2": "amazon-linux-2",
    "al2023": "amazon-linux-2023",
    "amzn2": "amazon-linux-2",
    "amazonlinux": "amazon-linux-2023",
    "coreos": "fedora-coreos",
    "fcos": "fedora-coreos",
    "tumbleweed": "opensuse-tumbleweed",
    "archlinux": "arch",
    "arch-linux": "arch",
}
"""Code names, and names of images and container images."""

VENDORS = {
    **dict.fromkeys(("ol", "oel", "oracle", "oraclelinux"), "oracle-linux"),
    **dict.fromkeys(("el", "redhat", "red-hat", "redhat-enterprise-linux"), "rhel"),
    **dict.fromkeys(("centos", "stream", "centos-stream"), "centos-stream"),
    **dict.fromkeys(("rockylinux", "rocky-linux"), "rocky"),
    **dict.fromkeys(("alma", "alma-linux"), "almalinux"),
    **dict.fromkeys(("amazon", "amazonlinux", "amzn"), "amazon-linux"),
    **dict.fromkeys(("suse", "sle", "sles"), "sles"),
    **dict.fromkeys(("leap", "opensuse", "opensuse-leap"), "opensuse-leap"),
    **dict.fromkeys(("azure-linux", "azl"), "azurelinux"),
    **dict.fromkeys(("mariner", "cblmariner"), "cbl-mariner"),
    **dict.fromkeys(("alibaba-cloud-linux", "aliyun-linux", "alibaba"), "alinux"),
    **dict.fromkeys(("ocp", "okd", "rhcos"), "openshift"),
    "euler": "openeuler",
    "photonos": "photon",
}
"""What people call a distribution, and how its keys begin."""

WITHOUT_A_ROW = {
    r"alpine.*": "Alpine has no systemd, so nothing there can gate a unit",
    r"windows.*": "Windows has a time service of its own, which timepolicy does not configure",
    r"(centos|rhel|oracle-linux|ol|redhat)-?7.*": "release 7 has Python 2.7, and its agent would need Python 3.6",
    r"(debian-(8|9|10|stretch|buster)|buster|stretch)": "its security support has ended, and no row describes it",
    r"ubuntu-1[0-9]\..*|bionic|xenial": "its standard support has ended, and no row describes it",
    r"(opensuse-)?microos.*|sl-?micro.*|(opensuse-)?leap-?micro.*": (
        "on a transactional system, zypper cannot install a daemon while the node runs"
    ),
    r"cos.*|container-optimized.*|gke.*": "Container-Optimized OS is set up by Google, and has a read-only root",
    r"macos.*|darwin.*|freebsd.*": "timepolicy is for Linux with systemd",
}
"""A regular expression of names, and why there is no release for them."""

VERSIONS = {r"sles 15\.([1-9]).*": r"sles 15-sp\1"}
"""Regular expressions of `VENDOR VERSION` in another form, such as that of os-release, and what keys have instead."""
