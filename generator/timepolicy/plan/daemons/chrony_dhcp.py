"""NTP servers from DHCP for chrony under systemd-networkd: no chrony package of a distribution reads them there."""

from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.plan.snippets import render_snippet
from timepolicy.tokens import AbsolutePath, UnitName

SCRIPT = AbsolutePath("/usr/local/sbin/timepolicy-dhcp-servers")

LINKS = AbsolutePath("/run/systemd/netif/links")
"""networkd's state of each link, from which systemd-timesyncd also reads the servers (sd-network.c)."""

UNITS = (UnitName("timepolicy-dhcp.path"), UnitName("timepolicy-dhcp.service"))


def files(folder: AbsolutePath, systemd: int) -> tuple[File, ...]:
    """Return the script that writes a file of sources into `folder`, and the units that run it at each change."""
    values = {"links": LINKS, "folder": folder, "script": SCRIPT, "systemd": systemd}
    script = File(path=SCRIPT, content=render_snippet("shell/dhcp-servers.sh.j2", **values), mode=0o755)
    units = (
        File(path=AbsolutePath(f"{UNIT_FOLDER}/{unit}"), content=render_snippet(f"systemd/{unit}.j2", **values))
        for unit in UNITS
    )
    return (script, *units)
