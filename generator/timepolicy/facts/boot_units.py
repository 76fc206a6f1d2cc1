"""Services that have to run before a node can prove its clock, so that none of them can be gated."""

from timepolicy.agent.interface import APPLY_UNIT, GATE_UNIT

TIME_DAEMONS = ("chrony.service", "chronyd.service", "systemd-timesyncd.service")
"""Without a daemon the kernel's flag STA_UNSYNC never clears, and the gate waits for that."""

OURS = (
    APPLY_UNIT,
    GATE_UNIT,
    "timepolicy-dhcp.service",
    "timepolicy-firewall.service",
    "timepolicy-refclocks.service",
)
"""The gate runs after the first, and is the second; apply waits for the others."""

BEFORE_A_ROUTE = (
    "NetworkManager.service",
    "connman.service",
    "dhcpcd.service",
    "cloud-init-local.service",  # ordered before network-pre.target; it writes the network's configuration
    "cloud-init-main.service",  # runs all of cloud-init's stages, from 24.3 on
    "network.service",  # the RHEL family's scripts
    "networking.service",
    "systemd-networkd.service",
    "systemd-remount-fs.service",  # ordered before local-fs.target, for which our units wait
    "systemd-udevd.service",  # networkd and NetworkManager see no device without it
    "wicked.service",
)
"""Without a route no source answers."""

OF_EVERY_NODE = (
    "dbus-broker.service",
    "dbus.service",  # networkd, timesyncd and NetworkManager are asked by it
    "firewalld.service",  # apply waits until the firewall is open for the time
    "ip6tables.service",
    "iptables.service",
    "netfilter-persistent.service",
    "nftables.service",
    "systemd-journald.service",
    "systemd-logind.service",  # nobody could log in to a node that waits
    "systemd-resolved.service",  # names of sources are resolved by it
    "ufw.service",
)
"""What a node needs to get the time, to say why it waits, and to let people in."""

BEFORE_SYSINIT = (
    "apparmor.service",
    "auditd.service",
    "keyboard-setup.service",
    "lvm2-monitor.service",
    "procps.service",
    "systemd-binfmt.service",
    "systemd-firstboot.service",
    "systemd-journal-flush.service",
    "systemd-machine-id-commit.service",
    "systemd-modules-load.service",
    "systemd-random-seed.service",
    "systemd-sysctl.service",
    "systemd-sysusers.service",
    "systemd-tmpfiles-setup-dev.service",
    "systemd-tmpfiles-setup.service",
    "systemd-udev-settle.service",
    "systemd-udev-trigger.service",
    "systemd-update-utmp.service",
)
"""Ordered before sysinit.target, and every daemon with default dependencies after it (systemd.service(5))."""

NEEDED_BY_THE_GATE = frozenset({*TIME_DAEMONS, *OURS, *BEFORE_A_ROUTE, *OF_EVERY_NODE, *BEFORE_SYSINIT})

LOGIN = frozenset(
    {
        *("ssh.service", "sshd.service", "dropbear.service"),
        *("systemd-user-sessions.service", "console-getty.service"),  # the first lets users other than root in
        *("cloud-init.service", "cloud-init-network.service"),  # ordered before sshd, whose keys they write
        *("amazon-ssm-agent.service", "google-guest-agent.service", "walinuxagent.service", "waagent.service"),
        *("gdm.service", "lightdm.service", "sddm.service"),
    }
)
"""By which people log in to a node that waits."""

CONSOLES = ("getty", "serial-getty")
"""Templates with an instance for each terminal, on which people log in too."""


def is_login(unit: str) -> bool:
    """Return whether people log in by `unit`, so that nobody could where it waits."""
    return unit in LOGIN or unit.partition("@")[0] in CONSOLES
