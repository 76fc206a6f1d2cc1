"""How each package manager installs packages without a prompt."""

INSTALL_COMMANDS: dict[str, str] = {
    "apt-get": "apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install {packages}",
    "dnf": "dnf -qy install {packages}",
    "yum": "yum -qy install {packages}",
    "tdnf": "tdnf -qy install {packages}",
    "zypper": "zypper --non-interactive install {packages}",
    "pacman": "pacman -Syu --noconfirm --needed {packages}",
}
"""A shell command by `Release.package_manager`; `{packages}` is replaced by names with spaces between them.

Arch supports no partial upgrade (wiki.archlinux.org, System maintenance), so that pacman upgrades everything."""
