"""Whether one time daemon runs, may set the clock, and reads the configuration that is there."""

from collections.abc import Iterator, Sequence

from timepolicy.doctor.diagnosis import Check, Diagnosis, Weight
from timepolicy.doctor.node import Node

MAIN_FILES = ("/etc/chrony/chrony.conf", "/etc/chrony.conf")
"""Where Debian's family has chrony's configuration, and where the others have it."""


UNITS = ("chrony.service", "chronyd.service", "systemd-timesyncd.service")
"""Units of the daemons that a fix may start or restart."""


def number_of_daemons(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """No daemon, or several that correct the clock against each other."""
    names = sorted({daemon.name for daemon in node.daemons})
    installed = [unit for unit in node.units if unit.startswith(("chron", "systemd-timesyncd", "ntp"))]
    if not names:
        start = f"systemctl enable --now {installed[0]}" if installed else "install chrony, and name your sources in it"
        states = [f"{unit} is {node.units[unit].get('ActiveState', 'unknown')}" for unit in installed]
        yield Diagnosis(
            "no-daemon", "no time daemon runs on this node", start, "; ".join(states), fix=_start(node, installed)
        )
    if len(names) > 1:
        yield Diagnosis(
            "two-daemons",
            f"{len(names)} time daemons run, and each moves the clock",
            f"keep one; stop and mask the others (systemctl disable --now, systemctl mask): {', '.join(names[1:])}",
            ", ".join(names),
        )


def _start(node: Node, installed: Sequence[str]) -> str:
    """The command that starts the only daemon that is installed, on a clock that it will not step."""
    known = [unit for unit in UNITS if installed == [unit] and node.units[unit].get("UnitFileState") != "masked"]
    return f"systemctl enable --now {known[0]}" if known and node.is_right else ""


def right_to_set_clock(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """A daemon in a container, which the kernel does not let set the clock."""
    powerless = [daemon.name for daemon in node.daemons if not daemon.can_set_clock]
    if powerless and len(powerless) == len(node.daemons):
        kind = node.examination.probe("virtualization").text.strip()
        place = f" (this is a container: {kind})" if kind and kind != "none" else ""
        yield Diagnosis(
            "cannot-set-clock",
            f"{powerless[0]} lacks the right to set the clock{place}",
            "keep the time on the host, whose clock containers share; or give the unit CAP_SYS_TIME",
            "CAP_SYS_TIME is not in the effective capabilities of the process",
        )


def configuration_path(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """A configuration where another distribution has it, so that the daemon never reads it."""
    if not node.runs("chronyd"):
        return
    command = next(daemon.command for daemon in node.daemons if daemon.name == "chronyd")
    present = [path for path in MAIN_FILES if path in node.files]
    named = next((path for path in MAIN_FILES if f" {path} " in f"{command} "), None)
    has_folder = any(path.startswith("/etc/chrony/") for path in node.files)
    read = named or (MAIN_FILES[0] if has_folder else MAIN_FILES[1])
    for path in present:
        if path != read and (named or len(present) > 1):
            yield Diagnosis(
                "unread-configuration",
                f"nothing reads {path}: chronyd reads {read}",
                f"move what you need to {read}, delete {path}, and restart chronyd",
                command,
                Weight.WARNING,
            )


def kernel_flag(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """A synchronized chronyd that does not tell the kernel."""
    tracking = node.tracking
    if (
        node.is_synchronized is False
        and tracking
        and tracking["leap"] == "Normal"
        and "rtcsync" not in node.configuration
    ):
        yield Diagnosis(
            "no-rtcsync",
            "chronyd is synchronized, but the kernel's flag says that the clock is not: `rtcsync` is missing",
            "add the line `rtcsync` to chrony.conf, and restart chronyd",
            "timedatectl: NTPSynchronized=no; chronyc tracking: Leap status Normal",
            fix=_add_rtcsync(node),
        )


def _add_rtcsync(node: Node) -> str:
    """The command that adds the line and restarts chronyd; it keeps a copy of the file."""
    path = next((path for path in MAIN_FILES if path in node.files), "")
    unit = next((unit for unit in UNITS[:2] if node.is_active(unit)), "")
    if not path or not unit or not node.is_right:
        return ""
    return f"cp -p {path} {path}.before-doctor && echo rtcsync >>{path} && systemctl restart {unit}"


def sleeping_timesyncd(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """systemd-timesyncd asks nobody before systemd-networkd says that the node is online."""
    state = dict(line.split("=", 1) for line in node.examination.probe("networkd").lines if "=" in line)
    operational = state.get("OPER_STATE", "")
    if (
        node.runs("systemd-timesyncd")
        and operational
        and operational not in ("routable", "degraded", "degraded-carrier")
    ):
        manager = "NetworkManager" if node.is_active("NetworkManager.service") else "another program"
        yield Diagnosis(
            "timesyncd-waits-for-networkd",
            f"systemd-timesyncd asks nobody: systemd-networkd runs, manages no link ({manager} does), and says "
            f"that the node is {operational}",
            "systemctl disable --now systemd-networkd.service systemd-networkd.socket, then restart systemd-timesyncd",
            f"/run/systemd/netif/state: OPER_STATE={operational}",
        )


def hypervisor_tools(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """Guest tools that set the clock beside the daemon."""
    programs = [line.split(" ", 1)[0] for line in node.examination.probe("daemons").lines]
    if "vmtoolsd" in programs and node.examination.probe("vmware-timesync").text.strip() == "Enabled":
        yield Diagnosis(
            "hypervisor-tools",
            "VMware Tools set the clock beside the time daemon",
            "vmware-toolbox-cmd timesync disable",
            "vmware-toolbox-cmd timesync status: Enabled",
            Weight.WARNING,
            "vmware-toolbox-cmd timesync disable" if node.daemons and node.is_right else "",
        )
    if "VBoxService" in programs:
        yield Diagnosis(
            "hypervisor-tools",
            "VirtualBox's guest additions set the clock beside the time daemon",
            "start VBoxService with --disable-timesync",
            "VBoxService runs",
            Weight.WARNING,
        )


def denials(node: Node, _: Sequence[Node]) -> Iterator[Diagnosis]:
    """SELinux, AppArmor or fapolicyd kept a time daemon from something."""
    lines = node.examination.probe("denials").lines
    if lines:
        yield Diagnosis(
            "denied",
            "a security module of the kernel denies a time daemon what it needs",
            "restorecon -Rv /etc/chrony* /var/lib/chrony for labels; aa-status and audit2why explain a rule",
            lines[-1],
            Weight.WARNING,
        )


DAEMON_CHECKS: tuple[Check, ...] = (
    *(number_of_daemons, right_to_set_clock, configuration_path, sleeping_timesyncd),
    *(kernel_flag, hypervisor_tools, denials),
)
