"""What the lab needs of the machine it runs on."""

import os
import shutil
from pathlib import Path

PROGRAMS = [
    *("qemu-system-x86_64", "qemu-img", "mmdebstrap", "mke2fs", "debugfs", "gcc", "genisoimage"),
    *("dnsmasq", "ip", "setpriv", "unshare", "chroot"),
]


def missing() -> list[str]:
    """Name what is missing here; empty when the lab can run."""
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if os.geteuid() != 0:
        absent.append("root's rights")
    if not Path("/dev/net/tun").exists():
        absent.append("/dev/net/tun")
    return absent
