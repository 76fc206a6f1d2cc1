"""DHCP's NTP servers for chrony under networkd: no distribution's chrony package takes them from there."""

from timepolicy.catalogue.release import Chrony
from timepolicy.plan.nodeplan import UNIT_FOLDER, File
from timepolicy.plan.snippets import render_snippet
from timepolicy.policy.model import Origin
from timepolicy.text.tokens import AbsolutePath

SCRIPT = AbsolutePath("/usr/local/sbin/timepolicy-dhcp-servers")

LINKS = AbsolutePath("/run/systemd/netif/links")
"""networkd's own words on each link, from which systemd-timesyncd has DHCP's servers (sd-network.c)."""


def files(chrony: Chrony, folder: AbsolutePath, origin: Origin) -> tuple[File, ...]:
    """Return the script that writes a file of sources into `folder`, and the units that run it at each change."""
    unit, values = AbsolutePath(f"{UNIT_FOLDER}/timepolicy-dhcp"), {"links": LINKS, "folder": folder, "script": SCRIPT}
    contents = {
        SCRIPT: render_snippet("shell/dhcp-servers.sh.j2", **values),
        AbsolutePath(f"{unit}.path"): render_snippet("systemd/timepolicy-dhcp.path.j2", **values),
        AbsolutePath(f"{unit}.service"): render_snippet("systemd/timepolicy-dhcp.service.j2", **values),
        AbsolutePath(f"{UNIT_FOLDER}/{chrony.unit}.d/50-timepolicy-dhcp.conf"): render_snippet("systemd/dhcp.conf.j2"),
    }
    return tuple(
        File(path=path, content=content, mode=0o755 if path == SCRIPT else 0o644, origins=(origin,))
        for path, content in contents.items()
    )
