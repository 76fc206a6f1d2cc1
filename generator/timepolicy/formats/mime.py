"""A multipart document for cloud-init, with one part: a cloud-boothook, which no other part can replace.

A cloud-config's `bootcmd` is merged with those of other parts, and what comes later may win (cloud-init, merging
user-data sections). A boothook is merged with nothing. It runs when user-data is read, on every boot, just before
`bootcmd` would.
"""

from timepolicy.distros.release import Provisioning
from timepolicy.formats._shell import header, laying_script
from timepolicy.plan.types import NodePlan

NAME = "mime"

PROVISIONING = frozenset({Provisioning.CLOUD_INIT})

TAKES_SEVERAL = True

BOUNDARY = "==timepolicy=="
"""RFC 2046, 5.1.1; a fixed one, so that the same plan gives the same bytes. No line of a script is like it."""

DOCUMENT = """\
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


def render(*plans: NodePlan) -> bytes:
    """Return the document."""
    script = laying_script(*plans)
    assert f"--{BOUNDARY}" not in script
    return DOCUMENT.format(boundary=BOUNDARY, header=header(plans), script=script).encode("ascii")
