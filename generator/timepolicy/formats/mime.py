"""A multipart document for cloud-init, with one part: a cloud-boothook, which no other part can replace.

cloud-init merges the `bootcmd` of all cloud-config parts, and a later part may replace an earlier one (cloud-init,
merging user-data sections). It does not merge boothooks. A boothook runs at every boot when cloud-init reads the
user-data, just before `bootcmd`.
"""

from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format
from timepolicy.formats.boothook import boothook
from timepolicy.plan.types import AgentPlan

BOUNDARY = "==timepolicy=="
"""RFC 2046, 5.1.1. It is fixed, so that the same plan gives the same bytes; no script of ours contains it."""

_DOCUMENT = """\
Content-Type: multipart/mixed; boundary="{boundary}"
MIME-Version: 1.0

--{boundary}
Content-Type: text/cloud-boothook; charset="us-ascii"
Content-Transfer-Encoding: 7bit
Content-Disposition: attachment; filename="timepolicy"

{boothook}
--{boundary}--
"""


def _write(plans: Sequence[AgentPlan]) -> bytes:
    """Return the document."""
    script = boothook(plans)
    assert f"--{BOUNDARY}" not in script
    return _DOCUMENT.format(boundary=BOUNDARY, boothook=script).encode("ascii")


FORMAT = Format(
    name="mime",
    extension="mime",
    plan=AgentPlan,
    provisioning=Provisioning.CLOUD_INIT,
    takes_several=True,
    write=_write,
)
