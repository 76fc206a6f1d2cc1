"""One POSIX shell script that installs a plan, for any provisioner; with `--root DIR` into a tree.

The machine may become an image, so that the script also installs the further files of images.
"""

from collections.abc import Sequence

from timepolicy.distros.release import Provisioning
from timepolicy.formats._format import Format
from timepolicy.formats._shell import image_script
from timepolicy.plan.types import AgentPlan


def _write(plans: Sequence[AgentPlan]) -> bytes:
    """Return the script."""
    return image_script(*plans).encode()


FORMAT = Format(
    name="script",
    extension="sh",
    plan=AgentPlan,
    provisioning=Provisioning.CLOUD_INIT,
    takes_several=True,
    write=_write,
)
