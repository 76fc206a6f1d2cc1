"""The hypervisors' clocks that a guest has as PTP hardware clocks: how to find them, and how chrony reads them."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class HardwareClock:
    """A clock by its device.

    `options` follow the device in chrony's `refclock PHC` (chrony.conf(5)). `name` is a shell pattern of the driver's
    name in /sys/class/ptp/*/clock_name, for systems whose udev creates no link; `module` has to be loaded.
    """

    device: str
    options: str = "poll 2"
    name: str = ""
    module: str = ""
    document: str = "chrony.conf(5), refclock"


CLOCKS: dict[str, HardwareClock] = {
    clock.device: clock
    for clock in (
        HardwareClock(
            device="/dev/ptp_hyperv",
            options="poll 3 dpoll -2 offset 0 stratum 2",
            name="hyperv",
            document="Microsoft Learn, time sync for Linux VMs in Azure",
        ),
        HardwareClock(
            device="/dev/ptp_kvm",
            name="KVM virtual PTP",
            module="ptp_kvm",
            document="the kernel's drivers/ptp/ptp_kvm_common.c",
        ),
        HardwareClock(
            device="/dev/ptp_ena",
            options="poll 0 delay 0.000010",
            name="ena-ptp-*",
            document="EC2 User Guide, configure the PTP hardware clock",
        ),
    )
}


def clock_at(device: str) -> HardwareClock:
    """Return the row of a device, or the defaults for an unknown one."""
    return CLOCKS.get(device, HardwareClock(device=device))


OTHER_DEVICES = {
    r"/dev/(gps)?pps[0-9]*": "gives the beginning of seconds, but not which second it is",
    r"/dev/(tty|gps)[A-Za-z0-9_-]*": "is a serial port",
    r"/dev/(misc-)?rtc[0-9]*|/dev/hpet": "is read in whole seconds, or is no clock of its own",
    r"/dev/(null|zero|full|u?random|mem|port|kmsg|shm|console)": "is no clock",
}
"""Devices that chrony reads with another driver than PHC, or cannot read (chrony.conf(5), refclock); what they are."""


def other_kind(device: str) -> str | None:
    """Return what a device is that is no PTP hardware clock, None for one that can be."""
    return next((what for pattern, what in OTHER_DEVICES.items() if re.fullmatch(pattern, device)), None)
