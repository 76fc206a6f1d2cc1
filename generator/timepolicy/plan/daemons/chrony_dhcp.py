"""DHCP's NTP servers for chrony under networkd: no distribution's chrony package takes them from there."""

from timepolicy.plan.files import UNIT_FOLDER, File
from timepolicy.plan.snippets import render_snippet
from timepolicy.tokens import AbsolutePath, UnitName

SCRIPT = AbsolutePath("/usr/local/sbin/timepolicy-dhcp-servers")

LINKS = AbsolutePath("/run/systemd/netif/links")
"""networkd's own words on each link, from which systemd-timesyncd has DHCP's servers (sd-network.c)."""

UNITS = (UnitName("timepolicy-dhcp.path"), UnitName("timepolicy-dhcp.service"))


def files(folder: AbsolutePath) -> tuple[File, ...]:
    """Return the script that writes a file of sources into `folder`, and the units that run it at each change."""
    values = {"links": LINKS, "folder": folder, "script": SCRIPT}
    contents = {SCRIPT: render_snippet("shell/dhcp-servers.sh.j2", **values)}
    for unit in UNITS:
        contents[AbsolutePath(f"{UNIT_FOLDER}/{unit}")] = render_snippet(f"systemd/{unit}.j2", **values)
    return tuple(
        File(path=path, content=content, mode=0o755 if path == SCRIPT else 0o644) for path, content in contents.items()
    )
