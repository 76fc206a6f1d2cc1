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
    "cloud-init-local.service",  # ordered before network-pre.target; it writes the network's configuration
    "cloud-init-main.service",  # runs all of cloud-init's stages, from 24.3 on
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

NEEDED_BY_THE_GATE = frozenset({*TIME_DAEMONS, *OURS, *BEFORE_A_ROUTE, *OF_EVERY_NODE})

SSH = frozenset({"ssh.service", "sshd.service"})
"""By which people log in to a node that waits."""
