"""A multipart document for cloud-init, with one part: a cloud-boothook, which no other part can replace.

A cloud-config's `bootcmd` is merged with those of other parts, and what comes later may win (cloud-init, merging
user-data sections). A boothook is merged with nothing. It runs when user-data is read, on every boot, just before
`bootcmd` would.
"""

from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format, header
from timepolicy.formats._shell import laying_script
from timepolicy.plan.types import AgentPlan

BOUNDARY = "==timepolicy=="
"""RFC 2046, 5.1.1; a fixed one, so that the same plan gives the same bytes. No line of a script is like it."""

_DOCUMENT = """\
Content-Type: multipart/mixed; boundary="{boundary}"
MIME-Version: 1.0

--{boundary}
Content-Type: text/cloud-boothook; charset="us-ascii"
Content-Transfer-Encoding: 7bit
Content-Disposition: attachment; filename="timepolicy"

#cloud-boothook
#!/bin/sh
{header}{script}
--{boundary}--
"""


def _write(plans: Sequence[AgentPlan]) -> bytes:
    """Return the document."""
    script = laying_script(*plans)
    assert f"--{BOUNDARY}" not in script
    return _DOCUMENT.format(boundary=BOUNDARY, header=header(plans), script=script).encode("ascii")


FORMAT = Format(name="mime", plan=AgentPlan, provisioning=Provisioning.CLOUD_INIT, takes_several=True, write=_write)
