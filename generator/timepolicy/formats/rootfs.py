"""A tar archive to unpack over an image: owners, modes and times are the same wherever it is made.

It contains no folders, so that it changes no mode of an image's own.
"""

import io
from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format
from timepolicy.formats._tree import tree
from timepolicy.plan.types import AgentPlan


def _write(plans: Sequence[AgentPlan]) -> bytes:
    """Return the archive (POSIX.1-1988 ustar): all files belong to root, and their time is 1970-01-01."""
    import tarfile  # only now: no other format needs it

    (plan,) = plans
    archive = io.BytesIO()
    with tarfile.TarFile(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for entry in tree(plan):
            header = tarfile.TarInfo(entry.path[1:])
            header.mode, header.size, header.mtime = entry.mode, len(entry.content), 0
            header.uname = header.gname = "root"
            if entry.target is not None:
                header.type, header.linkname = tarfile.SYMTYPE, entry.target
            tar.addfile(header, io.BytesIO(entry.content))
    return archive.getvalue()


FORMAT = Format(name="rootfs", plan=AgentPlan, provisioning=Provisioning.CLOUD_INIT, write=_write)
