"""What each unit says to systemd, and why: a line that is lost shows only on some boots, or to an attacker."""

import pytest

from tests.helpers.cases import file_of, plan_of
from timepolicy.policy.role import Role

GATED = "gate: {units: [kubelet.service]}\n"
CLIENT = f"""timezone: UTC
upstreams: [10.2.12.1, 10.2.12.2, {{phc: /dev/ptp_kvm}}]
clients: {{daemon: chrony, dhcp_sources: use}}
{GATED}"""
SERVER = f"""timezone: UTC
upstreams: [10.2.0.99]
servers: {{addresses: [10.2.0.1], allow: [10.2.0.0/16]}}
{GATED}"""
SIMPLE = f"timezone: UTC\nupstreams: [10.2.12.1]\n{GATED}"

KINDS = {
    "client": (CLIENT, "debian-12", Role.CLIENT),
    "server": (SERVER, "debian-12", Role.SERVER),
    "without the agent": (SIMPLE, "flatcar", Role.CLIENT),
    "Python to be installed": (SIMPLE, "amazon-linux-2", Role.CLIENT),
}

RULESETS = "nftables.service iptables.service ip6tables.service netfilter-persistent.service"
AGENT_CAPABILITIES = "CAP_DAC_OVERRIDE CAP_SETGID CAP_SETUID CAP_SYS_TIME"

SANDBOX = {
    "ProtectControlGroups": ["yes"],
    "ProtectKernelTunables": ["yes"],
    "RestrictNamespaces": ["yes"],
    "SystemCallArchitectures": ["native"],
    "SystemCallErrorNumber": ["EPERM"],
    "SystemCallFilter": ["~@cpu-emulation @debug @mount @obsolete @raw-io @reboot @swap"],
    "ProtectKernelLogs": ["yes"],
    "RestrictSUIDSGID": ["yes"],
}
"""What every unit does without."""

AGENT_SANDBOX = {
    **SANDBOX,
    "PrivateDevices": ["yes"],
    "ProtectHome": ["yes"],
    "ProtectKernelModules": ["yes"],
    "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6 AF_NETLINK"],
}

UNITS: dict[tuple[str, str], dict[str, list[str]]] = {
    # before anything that needs the time, and before the daemon, whose files it puts back
    ("client", "timepolicy-apply.service"): {
        "Description": ["Apply the time policy"],
        "DefaultDependencies": ["no"],
        "After": ["local-fs.target"],
        "Wants": ["timepolicy-refclocks.service timepolicy-dhcp.path timepolicy-dhcp.service"],
        "Before": ["network-online.target chrony.service kubelet.service"],
        "Type": ["oneshot"],
        "RemainAfterExit": ["yes"],  # or PartOf would not restart the units below with it
        "ExecStart": ["/usr/local/sbin/timepolicy-node apply"],
        "CapabilityBoundingSet": [AGENT_CAPABILITIES],
        **AGENT_SANDBOX,
    },
    # time-sync.target is the hook that others order themselves after (systemd.special(7))
    ("client", "timepolicy-gate.service"): {
        "Description": ["Wait for the correct time"],
        "DefaultDependencies": ["no"],
        "After": ["timepolicy-apply.service"],
        "Wants": ["time-sync.target"],
        "Before": ["kubelet.service time-sync.target shutdown.target"],
        "Conflicts": ["shutdown.target"],
        "Type": ["notify"],
        "NotifyAccess": ["all"],  # the agent is a child of the shell
        "ExecStart": ["/bin/sh -c 'while :; do /usr/local/sbin/timepolicy-node gate; sleep 5; done'"],
        "Restart": ["always"],
        "TimeoutStartSec": ["0"],  # the policy's timeout counts, not systemd's 90 s
        "StandardOutput": ["journal+console"],
        "CapabilityBoundingSet": [AGENT_CAPABILITIES],
        **AGENT_SANDBOX,
    },
    ("client", "kubelet.service.d/50-timepolicy.conf"): {
        "Wants": ["timepolicy-gate.service"],  # not Requires: a gate that is restarted must not stop kubelet
        "After": ["timepolicy-gate.service"],
        "TimeoutStartSec": ["0"],
        "ExecStartPre": ["+/usr/local/sbin/timepolicy-node wait %n"],
    },
    ("client", "timepolicy-refclocks.service"): {
        "Description": ["Find the hardware clocks for chrony"],
        "DefaultDependencies": ["no"],
        "Conflicts": ["shutdown.target"],
        "After": ["local-fs.target systemd-modules-load.service systemd-udev-trigger.service"],
        "Before": ["shutdown.target timepolicy-apply.service"],
        "PartOf": ["timepolicy-apply.service"],
        "Type": ["oneshot"],
        "RemainAfterExit": ["yes"],
        "ExecStart": ["/usr/local/sbin/timepolicy-refclocks"],
        "CapabilityBoundingSet": ["CAP_SYS_MODULE"],
        "PrivateNetwork": ["yes"],
        "ProtectHome": ["yes"],
        "ProtectSystem": ["yes"],
        "RestrictAddressFamilies": ["AF_UNIX"],
        **SANDBOX,
    },
    ("client", "timepolicy-dhcp.path"): {
        "Description": ["Watch for NTP servers from DHCP"],
        "PathChanged": ["/run/systemd/netif/links"],
    },
    ("client", "timepolicy-dhcp.service"): {
        "Description": ["Give chrony the NTP servers from DHCP"],
        "StartLimitIntervalSec": ["0"],  # networkd writes the file of a link many times at once
        "Type": ["oneshot"],  # or the path unit would not see its end
        "ExecStart": ["/bin/sh /usr/local/sbin/timepolicy-dhcp-servers"],
        "CapabilityBoundingSet": ["CAP_DAC_OVERRIDE CAP_SETGID CAP_SETUID"],
        "PrivateDevices": ["yes"],
        "PrivateNetwork": ["yes"],
        "PrivateTmp": ["yes"],
        "ProtectHome": ["yes"],
        "ProtectKernelModules": ["yes"],
        "ProtectSystem": ["full"],
        "RestrictAddressFamilies": ["AF_UNIX"],
        **SANDBOX,
    },
    ("server", "timepolicy-firewall.service"): {
        "Description": ["Open the firewall for the time policy"],
        "DefaultDependencies": ["no"],
        "Conflicts": ["shutdown.target"],
        "After": [f"local-fs.target firewalld.service ufw.service {RULESETS}"],
        "Before": ["shutdown.target timepolicy-apply.service"],
        # restarted with the policy and with what loads a ruleset; opened again when that is reloaded
        "PartOf": ["timepolicy-apply.service", RULESETS],
        "ReloadPropagatedFrom": [RULESETS],
        "Type": ["oneshot"],
        "RemainAfterExit": ["yes"],
        "ExecStart": ["/usr/local/sbin/timepolicy-firewall open"],
        "ExecReload": ["/usr/local/sbin/timepolicy-firewall open"],
        "ExecStop": ["/usr/local/sbin/timepolicy-firewall close"],
        "CapabilityBoundingSet": ["CAP_NET_ADMIN CAP_NET_RAW CAP_SYS_MODULE"],
        "PrivateDevices": ["yes"],
        "ProtectHome": ["yes"],
        "ProtectSystem": ["yes"],
        "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6 AF_NETLINK"],
        **SANDBOX,
    },
    ("without the agent", "timepolicy-gate.service"): {
        "Description": ["Wait for the correct time"],
        "Wants": ["systemd-timesyncd.service time-sync.target"],
        "After": ["systemd-timesyncd.service"],
        "Before": ["time-sync.target kubelet.service"],
        "Type": ["oneshot"],
        "RemainAfterExit": ["yes"],
        "TimeoutStartSec": ["infinity"],
        # returns when the kernel's flag is clear; tried again if it fails
        "ExecStart": ["/bin/sh -c 'until /usr/lib/systemd/systemd-time-wait-sync; do sleep 1; done'"],
        "PrivateDevices": ["yes"],
        "ProtectHome": ["yes"],
        "ProtectKernelModules": ["yes"],
        "ProtectSystem": ["full"],
        "CapabilityBoundingSet": ["CAP_DAC_OVERRIDE CAP_SETGID CAP_SETUID"],
        "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6"],
        **SANDBOX,
    },
    ("without the agent", "kubelet.service.d/50-timepolicy.conf"): {
        "Requires": ["timepolicy-gate.service"],
        "After": ["timepolicy-gate.service"],
    },
}
"""By kind of node and unit: every setting, with all of its lines."""


def settings(kind: str, unit: str) -> dict[str, list[str]]:
    """The settings of a unit, in all of its sections."""
    found: dict[str, list[str]] = {}
    for line in file_of(plan_of(*KINDS[kind]), f"/etc/systemd/system/{unit}").splitlines():
        key, separator, value = line.partition("=")
        if separator:
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize(("kind", "unit"), UNITS, ids=str)
def test_a_unit_says_what_it_must(kind: str, unit: str) -> None:
    assert settings(kind, unit) == UNITS[kind, unit]


def test_a_servers_agent_may_read_the_firewall() -> None:
    for unit in ("timepolicy-apply.service", "timepolicy-gate.service"):
        assert settings("server", unit)["CapabilityBoundingSet"] == [f"{AGENT_CAPABILITIES} CAP_NET_ADMIN CAP_NET_RAW"]
    assert settings("server", "timepolicy-apply.service")["Wants"] == ["timepolicy-firewall.service"]


def test_python_is_installed_before_the_agent_starts_and_tried_again_after_a_pause() -> None:
    found = settings("Python to be installed", "timepolicy-apply.service")
    assert found["ExecStartPre"] == [
        "/bin/sh -c 'until [ -x /usr/bin/python3 ] || yum -qy install python3; do sleep 10; done'"
    ]
    assert found["ExecStart"] == ["/usr/local/sbin/timepolicy-node apply"]
    assert not set(SANDBOX) & set(found), "systemd 219 would warn of each line"


def test_what_chronyd_is_told_on_a_client() -> None:
    text = file_of(plan_of(*KINDS["client"]), "/etc/chrony/chrony.conf")
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        "server 10.2.12.1 iburst maxpoll 8",
        "server 10.2.12.2 iburst maxpoll 8",
        "include /etc/chrony/chrony.refclock[s]",
        "sourcedir /run/chrony-dhcp",
        "driftfile /var/lib/chrony/chrony.drift",
        "makestep 1 3",
        "rtcsync",
    ]


def test_what_chronyd_is_told_on_a_server() -> None:
    text = file_of(plan_of(*KINDS["server"]), "/etc/chrony/chrony.conf")
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        "server 10.2.0.99 iburst maxpoll 7",
        "driftfile /var/lib/chrony/chrony.drift",
        "makestep 1 3",
        "allow 10.2.0.0/16",
        "ratelimit interval 1 burst 16",
        "include /etc/chrony/chrony.server[s]",
        "rtcsync",
    ]
