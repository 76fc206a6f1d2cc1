"""How each package manager installs packages without asking."""

INSTALL_COMMANDS: dict[str, tuple[str, ...]] = {
    "apt-get": (
        "/usr/bin/apt-get -q update",
        "/usr/bin/env DEBIAN_FRONTEND=noninteractive apt-get -qy -o DPkg::Lock::Timeout=600 install {packages}",
    ),
    "dnf": ("/usr/bin/dnf -qy install {packages}",),
    "yum": ("/usr/bin/yum -qy install {packages}",),
    "tdnf": ("/usr/bin/tdnf -qy install {packages}",),
    "zypper": ("/usr/bin/zypper --non-interactive install {packages}",),
    "pacman": ("/usr/bin/pacman -Sy --noconfirm --needed {packages}",),
}
"""Command lines by `Release.package_manager`; `{packages}` is replaced by names with blanks between."""
